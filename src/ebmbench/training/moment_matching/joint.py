"""Natural parameters trained jointly with the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.core.state import NamedState
from ebmbench.inference.exponential_tilting import TiltResult
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.training.losses.interface import Loss, LossOutput
from ebmbench.training.losses.tilt_equations import QuadraticInTilt
from ebmbench.training.moment_matching.interface import MatchingState

__all__ = ["Joint"]

#: weight of the old value in the moving averages of the equations
DECAY = 0.99

#: added to the Gram matrix's diagonal, as a fraction of its mean: a batch leaves directions undetermined that the whole
#: data set determines
RIDGE = 1e-4


@dataclass(frozen=True)
class Joint:
    """eta minimises the loss that trains the network, starting from 0   (after Li and Liu 2025).

    ``set``: a set of statistics, or a single statistic by name. With ``closed_form``, and if the loss is quadratic in
    eta (score matching: explicit, sliced, denoising at one level and at several), each step sets eta to the minimiser
    at the current network, computed from moving averages of the batches' equations. Otherwise the optimiser trains eta.
    ``every``: network steps per update of the equations, which cost K^2 numbers per example with K statistics. Only
    maximum likelihood and the KL lower bound make the model's means of T equal the data's; other losses give
    E_q[(K - I) T] = 0 for a kernel K that depends on the loss.
    """

    provides: ClassVar[tuple[str, ...]] = ("statistics",)
    requires: ClassVar[tuple[str, ...]] = ("statistics",)

    set: str = "moments"
    closed_form: bool = True
    every: PositiveInt = 1

    def __post_init__(self) -> None:
        check_ranges(self)

    def matching(
        self, loss: Loss, model: Generalized, train: Tensor, generator: torch.Generator
    ) -> MatchingState | None:
        """Return the moving equations if the loss has equations to solve, else None."""
        if not self.closed_form or not isinstance(loss, QuadraticInTilt) or not loss.solved(model):
            return None
        return ClosedForm(loss, model, self.every)

    def finished(self, problem: Problem, generator: torch.Generator) -> TiltResult | None:
        """Do nothing."""
        return None


class ClosedForm(NamedState):
    """eta_l = (G_l + rho_l I)^-1 r_l, l = 1 ... L, with moving averages of G_l and r_l = G_l eta_l - slope_l.

    G_l and slope_l are those of the batches; L = 1 except for losses with several noise levels.
    """

    state_names: ClassVar = ("calls", "steps", "gram", "right")

    def __init__(self, loss: QuadraticInTilt, model: Generalized, every: int) -> None:
        self.loss, self.owned, self.every, self.calls = loss, loss.solved(model), every, 0
        etas = _rows(self.owned)
        self.gram = etas.new_zeros(*etas.shape, etas.shape[1])
        self.right = torch.zeros_like(etas)
        self.steps = 0

    def added(self, model: Generalized, x: Tensor, generator: torch.Generator) -> LossOutput | None:
        """Return None."""
        return None

    @torch.no_grad()
    def moved(self, model: Generalized, x: Tensor, generator: torch.Generator) -> Cost:
        """Update the averaged equations and solve them, once in every ``every`` steps."""
        self.calls += 1
        if self.calls % self.every:
            return Cost()
        found = self.loss.tilt_equations(model, x, generator)
        cost = Cost(found.gradients, found.gradients)
        gram, slope = found.gram.double(), found.slope.double()
        self.steps += 1
        # early steps are averaged with equal weights, so the initial 0 has no weight
        new = max(1 - DECAY, 1 / self.steps)
        # in place: equations that are not finite belong to a run that has diverged, which its loss will show
        right = _times(gram, _rows(self.owned)) - slope
        # equations that are not finite are left out: their run has diverged, which its loss will show
        finite = gram.isfinite().all() & slope.isfinite().all()
        self.gram.lerp_(torch.where(finite, gram, self.gram), new)
        self.right.lerp_(torch.where(finite, right, self.right), new)
        self._solve()
        return cost

    def _solve(self) -> None:
        ridge = RIDGE * self.gram.diagonal(dim1=1, dim2=2).mean(1)
        # a level without examples so far has no equations, and keeps eta = 0
        ridge = torch.where(ridge > 0, ridge, 1.0)
        eye = torch.eye(self.gram.shape[1], dtype=torch.float64, device=self.gram.device)
        etas, singular = torch.linalg.solve_ex(self.gram + ridge[:, None, None] * eye, self.right)
        # the loss does not depend on statistics that are constant over the examples: eta stays unchanged
        etas = torch.where((singular == 0)[:, None], etas, _rows(self.owned))
        sizes = [parameter.numel() // etas.shape[1] for parameter in self.owned]
        for parameter, own in zip(self.owned, etas.split(sizes), strict=True):
            parameter.copy_(own.view_as(parameter))


def _rows(parameters: Sequence[Tensor]) -> Tensor:
    """Stack parameters ``(n, K)`` or ``(K,)`` as rows of one ``(L, K)`` float64 tensor."""
    return torch.cat([parameter.detach().double().reshape(-1, parameter.shape[-1]) for parameter in parameters])


def _times(gram: Tensor, rows: Tensor) -> Tensor:
    """Compute G_l eta_l, ``(L, K, K)`` and ``(L, K)`` -> ``(L, K)``."""
    return torch.einsum("lij,lj->li", gram, rows)
