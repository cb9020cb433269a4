"""Natural parameters trained with the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.inference.exponential_tilting import TiltResult
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.training.losses.interface import Loss, LossOutput
from ebmbench.training.losses.tilt_equations import QuadraticInTilt
from ebmbench.training.moment_matching.interface import MatchingState

__all__ = ["Joint"]

#: share of the old value in the moving averages of the equations
DECAY = 0.99

#: of the mean variance, added to the Gram matrix: batches leave directions open that rows determine
RIDGE = 1e-4


@dataclass(frozen=True)
class Joint:
    """eta by the loss that trains the network, from 0   (after Li and Liu 2025).

    ``set``: a set of statistics, or a single one by name. Where the loss is quadratic in eta (score matching: explicit,
    sliced, denoising at one level and at several), eta is where it is least at the network of each step, from moving
    averages of the batches' equations, if ``closed_form``; elsewhere, or if not, by the optimiser. ``every``: steps of
    the network for one of the equations, which with K statistics cost K^2 numbers a row. Only maximum likelihood and
    the KL lower bound make the model's means of T the data's: other losses make E_q[(K - I) T] = 0 for a kernel K of
    their own.
    """

    set: str = "moments"
    closed_form: bool = True
    every: int = 1

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ValueError("every must be 1 or more")

    def matching(
        self, loss: Loss, model: Generalized, train: Tensor, generator: torch.Generator
    ) -> MatchingState | None:
        """The moving equations, where there are some to be solved."""
        quadratic = self.closed_form and isinstance(loss, QuadraticInTilt) and loss.solved(model)
        return ClosedForm(loss, model, self.every) if quadratic else None

    def finished(self, problem: Problem, generator: torch.Generator) -> TiltResult | None:
        """Nothing."""
        return None


class ClosedForm:
    """eta_l = (G_l + rho_l I)^-1 r_l, l = 1 ... L, with moving averages of G_l and r_l = G_l eta_l - slope_l.

    G_l and slope_l are those of the batches; L = 1 but for losses that see several noise levels.
    """

    def __init__(self, loss: QuadraticInTilt, model: Generalized, every: int) -> None:
        self.loss, self.owned, self.every, self.calls = loss, loss.solved(model), every, 0
        etas = _rows(self.owned)
        self.gram = etas.new_zeros(*etas.shape, etas.shape[1])
        self.right = torch.zeros_like(etas)
        self.steps = 0

    def added(self, model: Generalized, x: Tensor, generator: torch.Generator) -> LossOutput | None:
        """Nothing."""
        return None

    @torch.no_grad()
    def moved(self, model: Generalized, x: Tensor, generator: torch.Generator) -> Cost:
        """Solve the averaged equations, at every so many steps."""
        self.calls += 1
        if self.calls % self.every:
            return Cost()
        found = self.loss.tilt_equations(model, x, generator)
        cost = Cost(found.gradients, found.gradients)
        gram, slope = found.gram.double(), found.slope.double()
        if not (gram.isfinite().all() and slope.isfinite().all()):
            # the run has diverged, as its loss will tell
            return cost
        self.steps += 1
        # an average from the first step on, not one that starts at 0
        new = max(1 - DECAY, 1 / self.steps)
        self.gram.lerp_(gram, new)
        self.right.lerp_(_times(gram, _rows(self.owned)) - slope, new)
        self._solve()
        return cost

    def _solve(self) -> None:
        ridge = RIDGE * self.gram.diagonal(dim1=1, dim2=2).mean(1)
        # a level that no row has met yet has no equations, and keeps eta = 0
        ridge = torch.where(ridge > 0, ridge, 1.0)
        eye = torch.eye(self.gram.shape[1], dtype=torch.float64, device=self.gram.device)
        etas, singular = torch.linalg.solve_ex(self.gram + ridge[:, None, None] * eye, self.right)
        # statistics that are flat at every row are nothing to the loss: eta stays where it is
        etas = torch.where((singular == 0)[:, None], etas, _rows(self.owned))
        sizes = [parameter.numel() // etas.shape[1] for parameter in self.owned]
        for parameter, own in zip(self.owned, etas.split(sizes), strict=True):
            parameter.copy_(own.view_as(parameter))


def _rows(parameters: Sequence[Tensor]) -> Tensor:
    """Parameters ``(n, K)`` or ``(K,)`` under each other, ``(L, K)`` float64."""
    return torch.cat([parameter.detach().double().reshape(-1, parameter.shape[-1]) for parameter in parameters])


def _times(gram: Tensor, rows: Tensor) -> Tensor:
    """G_l eta_l, ``(L, K, K)`` and ``(L, K)`` -> ``(L, K)``."""
    return torch.einsum("lij,lj->li", gram, rows)
