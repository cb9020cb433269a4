"""A tilted density at several noise levels, with separate natural parameters for each level."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ebmbench.core.precision import exact
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.interface import NoiseConditional
from ebmbench.models.networks.noise_mlp import NoiseMLP
from ebmbench.models.statistics.interface import Definition

#: relative tolerance by which a number may exceed a noise level and still count as that level
ROUNDING = 1e-5


class TiltedAtLevels(Tilted, NoiseConditional):
    """An energy-based model at noise levels s: log p~(x, s) = log b(x) - U(x, s) + <eta(s), T~(x)>.

    As a density it is the model at the smallest level. b and T~ as in
    :class:`~ebmbench.models.distributions.tilted.Tilted`, the same at every level. eta(s) is linear in log s between
    levels: ``eta: (K,)`` at the smallest, which alone belongs to the density (so it alone is projected or matched),
    ``eta_above: (L - 1, K)`` at the others, in the order of ``sigmas: (L,)``.
    """

    sigmas: Tensor
    network: NoiseMLP

    def __init__(self, base: Normal, network: NoiseMLP, sigmas: Tensor, statistic: Definition, train: Tensor) -> None:
        super().__init__(base, network, statistic, train)
        self.register_buffer("sigmas", sigmas)
        self.eta_above = nn.Parameter(self.eta.detach().new_zeros(len(sigmas) - 1, len(self.eta)))

    def log_weight(self, x: Tensor) -> Tensor:
        """Return -U(x, s_L) + <eta, T~(x)> at the smallest level s_L, ``(B, D)`` -> ``(B,)``."""
        return self._with_tilt(x, -self.network(x, self.sigmas[-1].expand(len(x))))

    def energy_at(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Return -log p~(x, sigma) for ``x: (B, D)`` and ``sigma: (B,)``, ``(B,)``."""
        energy = self.network(x, sigma) - self.base.log_density(x)
        return energy - self._tilt_at(x, sigma) if len(self.eta) else energy

    def natural_parameters(self) -> list[nn.Parameter]:
        """Return ``(L - 1, K)`` and ``(K,)``: together the parameters of all levels, in falling order."""
        return [self.eta_above, self.eta]

    @exact
    def _tilt_at(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Return <eta(sigma), T~(x)>, ``(B,)``."""
        tilts = self.standardised(x.to(self.eta.dtype)) @ torch.cat([self.eta_above, self.eta[None]]).T
        if len(self.sigmas) == 1:
            return tilts[:, 0]
        # the slope in log s jumps at a level: a level always takes the slope below it, whatever its rounding
        above = (sigma.detach()[:, None] <= self.sigmas[1:-1] * (1 + ROUNDING)).sum(1)
        places = self.sigmas.log()
        share = (places[above] - sigma.log()) / (places[above] - places[above + 1])
        upper, lower = (tilts.gather(1, level[:, None])[:, 0] for level in (above, above + 1))
        return torch.lerp(upper, lower, share)
