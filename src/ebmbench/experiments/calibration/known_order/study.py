"""Size of the study, and its methods: trainings whose KL divergence to the data is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from ebmbench.core.ranges import Fraction, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, check_ranges

#: numbers of seeds at which every rule is measured
SEEDS = (3, 5, 10)

#: KL of the worse methods relative to that of the best
FACTORS = (1.5, 3.0, 10.0)

#: the methods as good as the best: the best itself, another one, and one that fails on some seeds
BEST, EQUAL, FAILING = "best", "equal", "fails"


class KnownMethod(NamedTuple):
    """A method whose KL is ``factor`` times that of the best method; a training fails with probability ``failing``.

    A method that fails may lose to any other: which of the two is better is not defined.
    """

    name: str
    factor: float
    failing: float = 0.0

    def wrongly_beats(self, other: KnownMethod) -> bool:
        """Return whether it is wrong to call this method better than ``other``."""
        if other.failing and not self.failing:
            return False
        return self.factor >= other.factor


@dataclass(frozen=True)
class KnownOrderStudy:
    """``trainings`` of each method on each problem, of which the first ``sampled`` also have samples.

    The KL of a training is log-normal: its median is ``kl`` nats for the best method, and its logarithm has the
    standard deviation ``spread``, by default the root mean square over the methods of a committed run of Energy
    Discrepancy (median .26, 90 % below .65). ``rows``: test examples; ``samples``: samples of
    a model; ``grid``: cells per side for the exact KL. ``tilted``: trainings of each tilted oracle.
    """

    trainings: PositiveInt = 300
    sampled: NonNegativeInt = 100
    kl: PositiveFloat = 0.02
    spread: NonNegativeFloat = 0.45
    failing: Fraction = 0.2
    rows: PositiveInt = 500
    samples: PositiveInt = 500
    grid: PositiveInt = 60
    tilted: PositiveInt = 600

    def __post_init__(self) -> None:
        check_ranges(self)

    def methods(self) -> tuple[KnownMethod, ...]:
        """Return the methods, the best first."""
        worse = (KnownMethod(f"x{factor:g}".replace(".", "_"), factor) for factor in FACTORS)
        return KnownMethod(BEST, 1.0), KnownMethod(EQUAL, 1.0), *worse, KnownMethod(FAILING, 1.0, self.failing)

    def log_kl(self, method: KnownMethod, deviate: float) -> float:
        """Return the log KL of the training of ``method`` that is ``deviate`` standard deviations from the median."""
        return math.log(self.kl * method.factor) + self.spread * deviate
