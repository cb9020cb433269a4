"""Gaussian targets, each another Gaussian tilted by a quadratic energy."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ebmbench.experiments.calibration.known_answer import KnownTarget, tilted
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.tilted import Tilted

#: standard deviation of each coordinate of the base measure
BASE_SD = 1.0

#: of the target: means alternate in sign, standard deviations rise evenly, neighbours are correlated
MEAN, SDS, CORRELATION = 0.5, (0.5, 1.0), 0.5


class QuadraticEnergy(nn.Module):
    """U(x) = 1/2 x' A x - b' x with ``A: (D, D)`` symmetric and ``b: (D,)``."""

    A: Tensor
    b: Tensor

    def __init__(self, A: Tensor, b: Tensor) -> None:
        super().__init__()
        self.register_buffer("A", A)
        self.register_buffer("b", b)

    def forward(self, x: Tensor) -> Tensor:
        """Compute U, ``(B, D)`` -> ``(B,)``."""
        return 0.5 * ((x @ self.A) * x).sum(-1) - x @ self.b


def distribution(dim: int) -> Normal:
    """Return N(m, S), m_j = .5 (-1)^j, S_jk = s_j s_k .5^|j - k|, s from .5 to 1; float64."""
    place = torch.arange(dim, dtype=torch.float64)
    sds = torch.linspace(*SDS, dim, dtype=torch.float64)
    correlation = CORRELATION ** (place[:, None] - place).abs()
    return Normal(MEAN * (-1) ** place, sds[:, None] * correlation * sds)


def gaussian(dim: int) -> KnownTarget:
    """Return :func:`distribution` as N(0, I) tilted by a quadratic energy: mean, scale and correlation all change.

    With precisions P of the target and P_0 of the base, A = P - P_0 and b = P m, so that
    log Z = 1/2 (m' P m + log det P_0 - log det P).
    """
    model, log_z = parts(dim)
    exact = distribution(dim)
    return KnownTarget(model.float(), log_z, lambda n, generator: exact.sample(n, generator).float())


def parts(dim: int) -> tuple[Tilted, float]:
    """Return the model in float64, and log Z."""
    own = distribution(dim)
    base = Normal(torch.zeros(dim, dtype=torch.float64), BASE_SD**2 * torch.eye(dim, dtype=torch.float64))
    shift = own.precision @ own.mean
    log_z = 0.5 * own.mean @ shift + own.log_det - base.log_det
    return tilted(base, QuadraticEnergy(own.precision - base.precision, shift)), float(log_z)
