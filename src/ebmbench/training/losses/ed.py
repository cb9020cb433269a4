"""Energy discrepancy with Gaussian perturbation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.randomness import noisy_copies
from ebmbench.core.ranges import NonNegativeFloat, PositiveFloat, PositiveInt, check_ranges
from ebmbench.models.interface import Model
from ebmbench.training.losses.densities import density_of
from ebmbench.training.losses.interface import LossOutput

__all__ = ["EnergyDiscrepancy"]


@dataclass(frozen=True)
class EnergyDiscrepancy:
    """L = 1/N sum_i log( w/M + 1/M sum_j exp(U(x_i) - U(x_ij)) )   (Schröder et al. 2023).

    For each example, one y_i = x_i + sqrt(t) e_i and M negatives x_ij = y_i + sqrt(t) e_ij around it; ``t`` is a
    VARIANCE in squared data units. w = 1 is Fisher-consistent for every M and t; w = 0 is unbounded below at finite M.
    Bound: L >= log(w/M). Cost: N (M + 1) energies, no gradient in x.

    The loss logs ``positive``, the mean probability with which an example is distinguished from its negatives:
    1 / (M + 1) at chance level with w = 1. Close to 1, almost no learning signal is left: t is too large for the
    dimension.
    """

    t: PositiveFloat = 1.0
    M: PositiveInt = 4
    w: NonNegativeFloat = 1.0
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ranges(self)

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute the stabilised sample loss of ``x: (N, D)``, in nats; raises :class:`UserError` without a density."""
        points = torch.cat([x[:, None], self.negatives(x, generator)], dim=1)
        energies = density_of(model).energy(points.flatten(0, 1)).unflatten(0, points.shape[:2])
        sums = self.sums(energies)
        # w / (w + sum_j exp(U(x) - U(x_j)))
        logs = {"positive": (math.log(self.w) - sums.detach()).exp().mean()} if self.w > 0 else {}
        return LossOutput(sums.mean() - math.log(self.M), logs, len(x) * (self.M + 1))

    def of_energies(self, energies: Tensor) -> Tensor:
        """Compute the loss from ``energies: (N, M + 1)``, with the examples' own energies in the first column."""
        return self.sums(energies).mean() - math.log(self.M)

    def sums(self, energies: Tensor) -> Tensor:
        """Compute log(w + sum_j exp(U(x) - U(x_j))), ``(N,)``, from ``energies`` as in :meth:`of_energies`."""
        contrasts = energies[:, :1] - energies[:, 1:]
        if self.w > 0:
            constant = torch.full_like(contrasts[:, :1], math.log(self.w))
            contrasts = torch.cat([constant, contrasts], dim=1)
        return contrasts.logsumexp(dim=1)

    def negatives(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Draw negatives ``(N, M, D)``: M samples around one shared perturbation of each example."""
        return noisy_copies(x, self.t, self.M, generator)
