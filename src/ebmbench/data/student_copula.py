"""Heavy-tailed data with tail dependence: Student-t margins joined by a Student-t copula."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Gt
from scipy.special import gammaincinv
from torch import Tensor

from ebmbench.core.ranges import AtLeastTwo, PositiveFloat, PositiveInt, ProperFraction
from ebmbench.data import student
from ebmbench.data.drawn import Drawn
from ebmbench.data.interface import KnownDensity

__all__ = ["StudentCopula"]


@dataclass(frozen=True)
class StudentCopula(Drawn, KnownDensity):
    """Student-t copula with Student-t margins: x_i = F_margin^{-1}(F_nu(t_i)), t multivariate Student with ``nu``.

    t has the scale matrix S_ij = correlation^|i - j|; F_m is the distribution function of Student's t with m degrees of
    freedom. log p(x) = log f_{nu, S}(t) + sum_i [log f_margin(x_i) - log f_nu(t_i)]. Neighbouring coordinates have the
    coefficient of tail dependence 2 F_{nu + 1}(-sqrt((nu + 1) (1 - r) / (1 + r))), r = ``correlation``, in both tails.
    The copula of Demarta & McNeil (2005), The t copula and related copulas, International Statistical Review 73(1);
    parameters chosen for ebmbench.
    """

    dim: AtLeastTwo = 8
    nu: PositiveFloat = 3.0
    margin: Annotated[float, Gt(2)] = 5.0
    correlation: ProperFraction = 0.6
    train: PositiveInt = 50_000
    val: PositiveInt = 10_000
    test: PositiveInt = 10_000

    density = "closed form, quantiles of Student's t to double precision"
    source = "t copula of Demarta and McNeil (2005); parameters chosen for ebmbench"

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw t as a normal vector over the root of an independent chi-square fraction, then map its margins."""
        z = torch.randn(n, self.dim, dtype=torch.float64, generator=generator)
        u = torch.rand(n, 1, dtype=torch.float64, generator=generator)
        # a chi-square variable over its degrees of freedom
        fraction = torch.from_numpy(gammaincinv(self.nu / 2, u.numpy())) / (self.nu / 2)
        return student.same_quantile(z @ self._factor().T / fraction.sqrt(), self.nu, self.margin).float()

    def log_prob(self, x: Tensor) -> Tensor:
        """Compute the copula's log-density at the margins' quantiles, and the margins' log-densities."""
        x = x.double()
        t = student.same_quantile(x, self.margin, self.nu)
        margins = student.log_density(x, self.margin) - student.log_density(t, self.nu)
        return self._joint(t) + margins.sum(-1)

    def _joint(self, t: Tensor) -> Tensor:
        """Compute log f_{nu, S}(t), ``(B, D)`` -> ``(B,)``."""
        nu, d, factor = self.nu, self.dim, self._factor()
        square = torch.linalg.solve_triangular(factor, t.T, upper=False).square().sum(0)
        constant = math.lgamma((nu + d) / 2) - math.lgamma(nu / 2) - d / 2 * math.log(nu * math.pi)
        return constant - factor.diagonal().log().sum() - (nu + d) / 2 * (square / nu).log1p()

    def _factor(self) -> Tensor:
        """Return the lower triangular L with L L' = S."""
        place = torch.arange(self.dim, dtype=torch.float64)
        return torch.linalg.cholesky(self.correlation ** (place[:, None] - place).abs())
