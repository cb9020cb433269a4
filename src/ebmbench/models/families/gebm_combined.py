"""An energy on a trained flow with an exact likelihood: the ratio of two flows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.families.nvp import NVP
from ebmbench.models.interface import Normalised, TrainingData
from ebmbench.models.statistics.interface import Definition

__all__ = ["GEBMCombined"]


class RatioEnergy(nn.Module):
    """The energy E(x) = log b(x) - log p(x) - a, with a = -sum_k mean |theta_k| over the parameter tensors of p.

    So log E_b exp(-E) = a, exactly: a constant that changes during training, for a log-partition estimate to follow.
    """

    def __init__(self, base: Normalised, density: Normalised) -> None:
        super().__init__()
        self.density = density
        # in a tuple so that the base is not registered as a submodule: the model that contains this energy registers it
        self.beside = (base,)

    def constant(self) -> Tensor:
        """Return a, ``()``."""
        tensors = list(self.density.parameters())
        # a single sum, because the tensors are many and small
        shares = torch.cat([tensor.new_full((tensor.numel(),), 1 / tensor.numel()) for tensor in tensors])
        return -(torch.cat([tensor.flatten() for tensor in tensors]).abs() @ shares)

    def forward(self, x: Tensor, log_base: Tensor | None = None) -> Tensor:
        """Return E(x), ``(B, D)`` -> ``(B,)``; ``log_base: (B,)`` is log b(x) if the caller has it already."""
        log_base = self.beside[0].log_density(x) if log_base is None else log_base
        return log_base - self.density.log_density(x) - self.constant()


class Combined(Tilted):
    """b exp(-E) with E of :class:`RatioEnergy`: p times exp(a), so log Z = a, and samples are samples from p."""

    network: RatioEnergy

    def __init__(self, base: Normalised, density: Normalised, statistic: Definition, train: Tensor) -> None:
        super().__init__(base, RatioEnergy(base, density), statistic, train)

    def with_draws(self, x: Tensor, n: int, generator: torch.Generator) -> Tensor:
        """Return log-weights as in :class:`Generalized`; the base is frozen and returns its samples' log-density."""
        draws, log_base = self._weighted_samples(n, generator)
        with torch.no_grad():
            log_base = torch.cat([self.base.log_density(x), log_base.to(x.dtype)])
        both = torch.cat([x, draws.to(x.dtype)])
        return self._with_tilt(both, -self.network(both, log_base))

    def _weighted_samples(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        pool = self.pool
        if pool is None or pool.log_b is None:
            return self.base.sample_and_log_prob(n, generator)
        places = pool.places(n, generator)
        return pool.x[places], pool.log_b[places]

    def log_z(self) -> Tensor | None:
        """Return a; None if statistics tilt the model as well."""
        return None if len(self.eta) else self.network.constant()

    def closed_form(self) -> Normalised | None:
        """Return p; None if statistics tilt the model as well."""
        return None if len(self.eta) else self.network.density


@dataclass(frozen=True)
class GEBMCombined:
    """Ratio of two flows: p a flow of ``couplings`` affine couplings of ``width``, as an energy on a trained base b.

    ``base`` names the entry of the families axis whose run with loss ``ml``, on the same seed, gives b. The model's
    likelihood is that of p. So the quality of a model trained by a loss that knows only b and E, and the error of its
    log-partition estimate, can be measured exactly (the construction behind the tables of Arbel, Zhou and Gretton 2021,
    in their code).
    """

    provides: ClassVar[tuple[str, ...]] = ("statistics",)

    base: str = "nvp"
    couplings: PositiveInt = 5
    width: PositiveInt = 100

    def __post_init__(self) -> None:
        check_ranges(self)

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> Combined:
        """Return an untrained model; raises ``ValueError`` without a base."""
        if data.base is None:
            raise ValueError("family gebm_combined needs a trained base")
        density = NVP(self.couplings, self.width).build(data, statistic, generator)
        return Combined(data.base.eval().requires_grad_(False), density, statistic, data.splits.train).float()
