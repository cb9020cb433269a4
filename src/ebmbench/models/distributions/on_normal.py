"""Settings of the base measure of families with a normal base."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ebmbench.core.ranges import NonNegativeFloat, PositiveFloat, check_ranges
from ebmbench.models.distributions.normal import Normal, fitted


@dataclass(frozen=True, kw_only=True)
class OnNormal:
    """A normal base measure, b = N(m, base_scale^2 C + base_noise^2 I), m and C of the training data.

    It makes every energy of bounded slope normalisable and is the start of annealed importance sampling. A large
    ``base_scale`` approximates the flat measure of papers that have no base. Data in a subspace, such as images whose
    corners are always dark, need a ``base_noise``, in data units.
    """

    base_scale: PositiveFloat = 1.5
    base_noise: NonNegativeFloat = 0.0

    def __post_init__(self) -> None:
        check_ranges(self)

    def measure(self, train: Tensor) -> Normal:
        """Fit b to ``train: (N, D)``, in float64; raises as :func:`~ebmbench.models.distributions.normal.fitted`."""
        return fitted(train, self.base_scale, self.base_noise)
