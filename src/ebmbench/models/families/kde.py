"""A Gaussian kernel density estimate, with a bandwidth chosen on the validation data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from sklearn.neighbors import KernelDensity
from torch import Tensor

from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.models.interface import Normalised, TrainingData
from ebmbench.models.statistics.interface import Definition

__all__ = ["KDE"]


class KernelDensityEstimate(Normalised):
    """A kernel density estimate, log 1/N sum_i N(x; x_i, h^2 I), by scikit-learn, relative error at most 1e-4.

    ``centres: (N, D)``, ``bandwidth: ()`` = h in data units.
    """

    centres: Tensor
    bandwidth: Tensor

    def __init__(self, centres: Tensor, bandwidth: float) -> None:
        super().__init__()
        self.dim = centres.shape[1]
        self.register_buffer("centres", centres.double())
        self.register_buffer("bandwidth", torch.tensor(bandwidth, dtype=torch.float64))

    def log_density(self, x: Tensor) -> Tensor:
        """Return log p(x), ``(B, D)`` -> ``(B,)`` float64.

        It is computed on the CPU; if x needs a gradient, it is an exact, differentiable sum instead.
        """
        if torch.is_grad_enabled() and x.requires_grad:
            return self._summed(x.double())
        estimate = KernelDensity(bandwidth=float(self.bandwidth), rtol=1e-4).fit(self.centres.cpu().numpy())
        values = estimate.score_samples(x.detach().double().cpu().numpy())
        return torch.from_numpy(values).to(x.device)

    def _summed(self, x: Tensor) -> Tensor:
        """Return the log of the sum over all centres, differentiable in x."""
        squares = torch.cdist(x, self.centres, compute_mode="donot_use_mm_for_euclid_dist").square()
        constant = math.log(len(self.centres)) + self.dim * (self.bandwidth.log() + 0.5 * math.log(2 * math.pi))
        return (-0.5 * squares / self.bandwidth.square()).logsumexp(1) - constant

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return random centres plus kernel noise, ``(n, D)``."""
        device = self.centres.device
        which = torch.randint(len(self.centres), (n,), generator=generator, device=device)
        noise = torch.randn(n, self.dim, generator=generator, device=device, dtype=torch.float64)
        return self.centres[which] + self.bandwidth * noise


@dataclass(frozen=True)
class KDE:
    """Kernel density estimate 1/N sum_i N(x; x_i, h^2 I), h a multiple of Scott's rule   (Scott 1992).

    The x_i are at most ``centres`` training examples. h is one of ``bandwidths`` log-spaced multiples of Scott's rule,
    from 1/20 to 2: the one with the highest mean log-density on at most 2,000 validation examples. Scott's rule:
    n^(-1/(D+4)) times the root mean variance.
    """

    losses: ClassVar[tuple[str, ...]] = ("none", "ml")

    centres: PositiveInt = 10_000
    bandwidths: PositiveInt = 16

    def __post_init__(self) -> None:
        check_ranges(self)

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> KernelDensityEstimate:
        """Return the estimate; ``statistic`` is ignored."""
        train, val = data.splits.train, data.splits.val[:2000]
        order = torch.randperm(len(train), generator=generator)
        rows = train[order[: self.centres]]
        scott = len(rows) ** (-1 / (data.dim + 4)) * float(rows.var(0).mean().sqrt())
        candidates = scott * np.geomspace(1 / 20, 2, self.bandwidths)
        models = [KernelDensityEstimate(rows, float(h)) for h in candidates]
        return max(models, key=lambda model: float(model.log_density(val).mean()))
