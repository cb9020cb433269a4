"""A decoder with an energy-based prior of its latents."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from ebmbench.core.cost import Cost
from ebmbench.core.errors import UserError
from ebmbench.models.blocks import in_blocks
from ebmbench.models.distributions.decoder import (
    ImageDecoder,
    LatentVariableModel,
    Posterior,
    Reconstructing,
    Reconstruction,
    Subject,
    squares,
)
from ebmbench.models.distributions.generalized import WithoutDensity
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.langevin import Ends, unadjusted_langevin
from ebmbench.models.statistics.interface import Definition
from ebmbench.models.statistics.none import NoStatistic


class Inference(NamedTuple):
    """Langevin chains from N(0, I): ``steps`` of ``step_size``, a standard deviation; ``sigma``: sd of pixel noise."""

    steps: int
    step_size: float
    sigma: float


class LatentEBM(WithoutDensity, LatentVariableModel, Reconstructing):
    """A latent EBM: x = G(z), p(z) prop. to N(z; 0, I) exp(-f(z))   (Pang et al. 2020; Schröder et al. 2023).

    This is a base refined by an energy of latents: b is the distribution of G(z) under N(0, I). Statistics T(x), if
    there are any, tilt the distribution of G(z) further. Training infers latents of each batch by Langevin steps on p(z
    | x), p(x | z) = N(x; G(z), sigma^2 I): the decoder minimises |G(z) - x|^2, and f any loss for energies with p(z) as
    its model. These losses do not see statistics of images: a trained model is tilted by them afterwards.
    """

    base: ImageDecoder
    network: nn.Module

    def __init__(
        self, base: ImageDecoder, network: nn.Module, inference: Inference, statistic: Definition, train: Tensor
    ) -> None:
        super().__init__(base, network, statistic, train)
        self.inference = inference

    def log_weight(self, x: Tensor) -> Tensor:
        """Raise :class:`UserError`: the weight is a function of latents; use :meth:`latent_log_weight`."""
        raise UserError("this family's energy is a function of latents, not of images; exclude the cell")

    def weighted_samples(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return ``(n, D)`` decoded samples of N(0, I) and their log-weights ``(n,)``, without a graph."""
        z = self.base.latent.sample(n, generator)
        return in_blocks(self.base.decode, z), in_blocks(self.latent_log_weight, z)

    def latent_log_weight(self, z: Tensor) -> Tensor:
        """Return -f(z) + <eta, T~(G(z))>, ``(B, D_z)`` -> ``(B,)``."""
        weight = -self.network(z).to(z.dtype)
        return weight + self._tilt(self.base.decode(z)) if len(self.eta) else weight

    def prior(self) -> Tilted:
        """Return p(z) without statistics; it shares this model's network."""
        return Tilted(self.base.latent, self.network, NoStatistic(), self.base.zero.new_zeros(2, len(self.base.zero)))

    def infer(self, x: Tensor, generator: torch.Generator) -> Ends:
        """Infer latents ``(B, D_z)`` of ``x: (B, D)`` by Langevin steps, without a graph."""
        steps, size, sigma = self.inference
        start = self.base.latent.sample(len(x), generator).to(x.dtype)
        return unadjusted_langevin(Posterior(self.base, self.prior(), x, sigma), start, steps, size**2, generator)

    def subject(self, x: Tensor, generator: torch.Generator) -> Subject:
        """Return the prior and inferred latents; the decoder's loss is the batch mean of |G(z) - x|^2.

        Raises :class:`UserError` if there are statistics: they are functions of images, which no loss of latents sees.
        """
        if len(self.eta):
            raise UserError(
                "family: a latent prior is trained without statistics; allowed: posthoc, or exclude the cell"
            )
        found = self.infer(x, generator)
        own = squares(self.base.decode(found.x), x).mean()
        cost = Cost(len(x) * (found.energies + 1), len(x) * found.gradients)
        return Subject(self.prior(), found.x, own, cost)

    def decoding(self) -> list[nn.Parameter]:
        """Return the decoder's parameters."""
        return list(self.base.parameters())

    def reconstruct(self, x: Tensor, generator: torch.Generator) -> Reconstruction:
        """Decode latents inferred by the same Langevin steps as in training."""
        found = self.infer(x, generator)
        with torch.no_grad():
            decoded = self.base.decode(found.x)
            energy = squares(decoded, x) + self.prior().energy(found.x)
        return Reconstruction(decoded, energy, Cost(len(x) * (found.energies + 1), len(x) * found.gradients))
