"""Natural parameters found after training, by tilting the finished model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ebmbench.core.ranges import AtLeastTwo, NonNegativeFloat, PositiveInt, check_ranges

__all__ = ["PostHoc"]


@dataclass(frozen=True)
class PostHoc:
    """p* = p exp <eta, T> / Z, the closest distribution to p in KL(p* || p) with the training means of T.

    p is the finished model of the run ``run``, an entry of the statistics axis without statistics, of any family with a
    density or a base measure. If the likelihood is a quadrature, eta is exact. Otherwise samples of the model,
    ``draws`` per round, are tilted in up to ``rounds`` rounds, the last of which only checks
    (:func:`ebmbench.training.moment_solver.solve_moments`). ``slack``: how far the model's means may stay from the
    training means, in sampling errors of the latter (:class:`ebmbench.training.moment_solver.Budget`); 0 requires the
    training means themselves.
    """

    provides: ClassVar[tuple[str, ...]] = ("statistics",)

    set: str = "moments"
    run: str = "none"
    draws: PositiveInt = 20_000
    rounds: AtLeastTwo = 10
    slack: NonNegativeFloat = 0.0

    def __post_init__(self) -> None:
        check_ranges(self)
