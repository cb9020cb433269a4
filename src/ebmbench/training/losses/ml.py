"""Maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.inference.likelihoods.stratified import jittered_log_z
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.interface import Model
from ebmbench.training.losses.densities import density_of
from ebmbench.training.losses.interface import LossOutput

__all__ = ["MaximumLikelihood"]


@dataclass(frozen=True)
class MaximumLikelihood:
    """L = 1/N sum_i U(x_i) + log Z, the negative log-likelihood.

    log Z is exact if the model has it in closed form. Otherwise, in one and two dimensions, Z is estimated without bias
    by a stratified sum over ``cells``^D cells of equal base mass, with one new random point in each at every step.
    Cost: N energies, plus cells^D.
    """

    cells: PositiveInt = 64
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ranges(self)

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute the negative log-likelihood of ``x: (N, D)``; raises :class:`UserError` if it is intractable."""
        density = density_of(model)
        log_z, cost = density.log_z(), 0
        if log_z is None:
            if model.dim > 2 or not isinstance(model, Tilted):
                raise UserError(
                    f"loss ml: log Z of this model has no closed form in {model.dim} dimensions; "
                    "exclude the cell or use cd, dsm or ed"
                )
            log_z, cost = jittered_log_z(model, self.cells, generator), self.cells**model.dim
        nll = density.energy(x).mean() + log_z
        return LossOutput(nll, {}, len(x) + cost)
