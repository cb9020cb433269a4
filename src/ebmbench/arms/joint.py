"""Natural parameters trained with the network."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.arms.base import Matching
from ebmbench.cost import Cost
from ebmbench.families.generalized import Generalized
from ebmbench.likelihoods.base import Problem
from ebmbench.losses.base import Loss, Terms
from ebmbench.losses.tilt_equations import QuadraticInTilt
from ebmbench.tilting import Settled

__all__ = ["Joint"]

#: share of the old value in the moving averages of the equations
DECAY = 0.99

#: of the mean variance, added to the Gram matrix: batches leave directions open that rows determine
RIDGE = 1e-4


@dataclass(frozen=True)
class Joint:
    """eta by the loss that trains the network, from 0   (after Li and Liu 2025).

    ``set``: a set of statistics, or a single one by name. Where the loss is quadratic in eta (score matching: explicit,
    sliced, denoising), eta is where it is least at the network of each step, from moving averages of the batches'
    equations, if ``closed_form``; elsewhere, or if not, by the optimiser. Only maximum likelihood and the KL lower
    bound make the model's means of T the data's: other losses make E_q[(K - I) T] = 0 for a kernel K of their own.
    """

    set: str = "moments"
    closed_form: bool = True

    def matching(self, loss: Loss, model: Generalized, train: Tensor, generator: torch.Generator) -> Matching | None:
        """The moving equations, where there are some to be solved."""
        return ClosedForm(loss, model) if self.closed_form and isinstance(loss, QuadraticInTilt) else None

    def finished(self, problem: Problem, generator: torch.Generator) -> Settled | None:
        """Nothing."""
        return None


class ClosedForm:
    """eta = (G + rho I)^-1 r with moving averages of G and r = G eta - slope of the batches."""

    owns_eta = True

    def __init__(self, loss: QuadraticInTilt, model: Generalized) -> None:
        self.loss = loss
        size = len(model.eta)
        self.gram = model.eta.new_zeros(size, size, dtype=torch.float64)
        self.right = model.eta.new_zeros(size, dtype=torch.float64)
        self.steps = 0

    def added(self, model: Generalized, x: Tensor, generator: torch.Generator) -> Terms | None:
        """Nothing."""
        return None

    @torch.no_grad()
    def moved(self, model: Generalized, x: Tensor, generator: torch.Generator) -> Cost:
        """Solve the averaged equations."""
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
        self.right.lerp_(gram @ model.eta.double() - slope, new)
        ridge = RIDGE * self.gram.diagonal().mean() * torch.eye(len(gram), dtype=torch.float64, device=gram.device)
        solution, singular = torch.linalg.solve_ex(self.gram + ridge, self.right)
        # statistics that are flat at every row are nothing to the loss: eta stays where it is
        if not singular:
            model.eta.copy_(solution)
        return cost
