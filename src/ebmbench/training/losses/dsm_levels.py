"""Denoising score matching at several noise levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from ebmbench.core.errors import UserError
from ebmbench.core.randomness import normal_like
from ebmbench.core.ranges import NonNegativeFloat, check_ranges
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.distributions.tilted_levels import TiltedAtLevels
from ebmbench.models.interface import Model, NoiseConditional
from ebmbench.training.losses.dsm import denoising_errors
from ebmbench.training.losses.interface import DifferentiatesTwice, LossOutput
from ebmbench.training.losses.tilt_equations import QuadraticInTilt, TiltEquations, denoising_at_levels

__all__ = ["MultiLevelDenoising"]


@dataclass(frozen=True)
class MultiLevelDenoising(QuadraticInTilt, DifferentiatesTwice):
    """L = 1/N sum_i 1/2 |s_i grad U(y_i, s_i) - e_i|^2 + dual/2 (dU/dlog s (y_i, s_i) - D + |e_i|^2)^2
    (Song & Ermon 2019; second term Guth et al. 2025).

    y_i = x_i + s_i e_i, e_i ~ N(0, I), s_i a noise level of the model. The first term is score matching at each level
    with weight s^2. At small levels it does not determine the mass of each mode, which then follows from the large
    levels only through the shared network. The second term, off by default, also matches the derivative with respect to
    the level, using d log N(y; x, s^2 I) / dlog s = |e|^2 - D: it transfers mass from level to level.

    Levels are assigned to the examples cyclically from a random start: uniform for each example and equally frequent in
    a batch, so with less noise than independent levels at the same cost. Without the second term the loss is quadratic
    in the natural parameters of each level separately; the second term couples neighbouring levels and leaves them to
    the optimiser. Cost: N energies and N gradients in (x, s), differentiated once more.
    """

    requires: ClassVar[tuple[str, ...]] = ("noise_levels",)

    dual: NonNegativeFloat = 0.0
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ranges(self)

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute the mean error of ``x: (N, D)``; raises :class:`UserError` for an energy without noise levels."""
        if not isinstance(model, NoiseConditional):
            raise _without_levels()
        noise = normal_like(x, generator)
        sigma = model.sigmas[_dealt(len(model.sigmas), len(x), generator)]
        noisy = (x + sigma[:, None] * noise).requires_grad_()
        log_sigma = sigma.log().requires_grad_()
        with torch.enable_grad():
            energy = model.energy_at(noisy, log_sigma.exp()).sum()
            slope, rate = torch.autograd.grad(energy, (noisy, log_sigma), create_graph=True)
        across = 0.5 * (rate - x.shape[1] + noise.square().sum(-1)).square()
        errors = denoising_errors(slope, noise, sigma[:, None]) + self.dual * across
        return LossOutput(errors.mean(), {}, len(x), len(x))

    def solved(self, model: Generalized) -> list[nn.Parameter]:
        """Return the natural parameters of every level; none if ``dual`` couples the levels."""
        return model.natural_parameters() if self.dual == 0 else []

    def tilt_equations(self, model: Generalized, x: Tensor, generator: torch.Generator) -> TiltEquations:
        """Return :func:`denoising_at_levels` at ``x`` with newly drawn noise and levels; raises as the loss does."""
        if not isinstance(model, TiltedAtLevels):
            raise _without_levels()
        noise = normal_like(x, generator)
        level = _dealt(len(model.sigmas), len(x), generator)
        return denoising_at_levels(model, x + model.sigmas[level, None] * noise, noise, level)


def _without_levels() -> UserError:
    return UserError(
        "loss dsm_levels: this family's energy has no noise levels; exclude the cell or use family ebm_noise"
    )


def _dealt(levels: int, n: int, generator: torch.Generator) -> Tensor:
    """Return level indices ``(n,)``: 0 to ``levels`` - 1 in cyclic order from a random start."""
    start = torch.randint(levels, (), generator=generator, device=generator.device)
    return (start + torch.arange(n, device=generator.device)) % levels
