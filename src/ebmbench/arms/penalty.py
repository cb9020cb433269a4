"""A penalty on the mismatch of statistics, without natural parameters."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.arms.base import Matching
from ebmbench.arms.walkers import Walkers
from ebmbench.cost import Cost
from ebmbench.families.generalized import Generalized
from ebmbench.likelihoods.base import Problem
from ebmbench.losses.base import Loss, Terms
from ebmbench.tilting import Settled

__all__ = ["Penalty"]


@dataclass(frozen=True)
class Penalty:
    """strength/2 |E_p T~ - c|^2 added to the network's loss, c the train rows' means; eta stays 0.

    E_p by ``chains`` persistent chains, moved ``moves`` times a step. The gradient in the network's parameters is
    strength x sum_k (E_p T~_k - c_k) Cov_p(T~_k, -dU), by two halves of the chains, one for each factor, so that their
    errors are independent.
    """

    set: str = "moments"
    strength: float = 1.0
    chains: int = 256
    moves: int = 1

    def __post_init__(self) -> None:
        if self.strength < 0 or self.chains < 4 or self.moves < 1:
            raise ValueError("strength must be 0 or more, chains 4 or more, moves 1 or more")

    def matching(self, loss: Loss, model: Generalized, train: Tensor, generator: torch.Generator) -> Matching | None:
        """The chains."""
        return Penalised(self, model, train, generator)

    def finished(self, problem: Problem, generator: torch.Generator) -> Settled | None:
        """Nothing."""
        return None


class Penalised:
    """The state: chains; ``owned``: all natural parameters, which stay at 0."""

    def __init__(self, arm: Penalty, model: Generalized, train: Tensor, generator: torch.Generator) -> None:
        self.arm, self.owned = arm, model.natural_parameters()
        self.walkers = Walkers(model, train, arm.chains, generator)

    def added(self, model: Generalized, x: Tensor, generator: torch.Generator) -> Terms | None:
        """A term with the penalty's gradient; its value is 0 but for the errors of the halves."""
        draws = self.walkers.move(model, self.arm.moves, generator)
        with torch.no_grad():
            values = model.standardised(draws.to(model.eta.dtype))
        weights = model.log_weight(draws)
        half = len(draws) // 2
        halves = ((slice(None, half), slice(half, None)), (slice(half, None), slice(None, half)))
        terms = [_surrogate(values[means], values[others], weights[others]) for means, others in halves]
        cost = self.walkers.cost
        loss = 0.5 * self.arm.strength * (terms[0] + terms[1])
        return Terms(loss, {}, cost.energy_evaluations + len(draws), cost.gradient_evaluations)

    def moved(self, model: Generalized, x: Tensor, generator: torch.Generator) -> Cost:
        """Nothing."""
        return Cost()


def _surrogate(means: Tensor, values: Tensor, weights: Tensor) -> Tensor:
    """sum_k d_k Cov(T_k, w): d the mean of ``means: (n, K)``, covariances over ``values: (m, K)``, ``weights: (m,)``.

    Its gradient in the parameters of w is d' times that of E_p T.
    """
    along = (values - values.mean(0)) @ means.mean(0)
    return (along * weights).sum() / (len(weights) - 1)
