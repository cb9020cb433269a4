"""A penalty on the mismatch of statistics, without natural parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge
from torch import Tensor, nn

from ebmbench.core.cost import Cost
from ebmbench.core.ranges import NonNegativeFloat, PositiveInt, check_ranges
from ebmbench.core.state import NamedState
from ebmbench.inference.exponential_tilting import TiltResult
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.training.losses.interface import Loss, LossOutput
from ebmbench.training.moment_matching.interface import MatchingState
from ebmbench.training.moment_matching.persistent_chains import PersistentChains
from ebmbench.training.moment_matching.running_averages import Covariance

__all__ = ["Penalty"]

#: number of steps over which the strength rises to its final value
RISE = 100

#: weight of the old value in the moving covariance: if it decayed more slowly than a mode's weight, the pull on that
#: mode would be too weak to restore it
DECAY = 0.95

#: added to the diagonal of the moving covariance
RIDGE = 1e-3


@dataclass(frozen=True)
class Penalty:
    """strength/2 d' S^-1 d added to the network's loss, d = E_p T~ - c, c the training means; eta stays 0.

    S = Cov_p T~ is held fixed in each step. At strength 1 the penalty is then, to second order in d, the KL divergence
    from the model of its tilt to the means c, in nats: it does not depend on the statistics' scales, nor on how many of
    them are redundant. E_p is estimated with ``chains`` persistent chains, moved ``moves`` times per step. The gradient
    in the network's parameters is strength x sum_k (S^-1 d)_k Cov_p(T~_k, -dU). S is a moving average over earlier
    steps; d and the covariance use different halves of the chains, so that their errors are independent. The strength
    rises over the first 100 steps: the initial d is that of the base measure, and its gradient would dominate Adam's
    average of squares for a thousand steps.
    """

    provides: ClassVar[tuple[str, ...]] = ("statistics",)
    requires: ClassVar[tuple[str, ...]] = ("statistics",)

    set: str = "moments"
    strength: NonNegativeFloat = 1.0
    chains: Annotated[int, Ge(4)] = 256
    moves: PositiveInt = 1

    def __post_init__(self) -> None:
        check_ranges(self)

    def matching(
        self, loss: Loss, model: Generalized, train: Tensor, generator: torch.Generator
    ) -> MatchingState | None:
        """Return the chains and the state of the penalty."""
        chains = PersistentChains(model, train, self.chains, generator)
        return PenaltyState(self, chains, model.natural_parameters(), len(model.eta))

    def finished(self, problem: Problem, generator: torch.Generator) -> TiltResult | None:
        """Return None."""
        return None


class PenaltyState(NamedState):
    """State of the penalty: chains, the moving covariance of their statistics and the number of steps.

    ``owned``: all natural parameters, which stay at 0.
    """

    state_names: ClassVar = ("persistent_chains", "covariance", "steps")

    def __init__(
        self, arm: Penalty, persistent_chains: PersistentChains, owned: Sequence[nn.Parameter], size: int
    ) -> None:
        self.arm, self.persistent_chains, self.owned, self.steps = arm, persistent_chains, owned, 0
        self.covariance = Covariance(size, DECAY, RIDGE, persistent_chains.z.device)

    def added(self, model: Generalized, x: Tensor, generator: torch.Generator) -> LossOutput | None:
        """Return a surrogate term with the penalty's gradient; its value is not that of the penalty."""
        draws = self.persistent_chains.move(model, self.arm.moves, generator)
        with torch.no_grad():
            values = model.standardised(draws.to(model.eta.dtype)).double()
        weights = model.log_weight(draws)
        half = len(draws) // 2
        halves = ((slice(None, half), slice(half, None)), (slice(half, None), slice(None, half)))
        terms = [
            _surrogate(self.covariance.solve(values[means].mean(0)), values[others], weights[others])
            for means, others in halves
        ]
        self.covariance.add(values)
        self.steps += 1
        strength = self.arm.strength * min(1.0, self.steps / RISE)
        cost = self.persistent_chains.cost
        loss = 0.5 * strength * (terms[0] + terms[1])
        return LossOutput(loss, {}, cost.energy_evaluations + len(draws), cost.gradient_evaluations)

    def moved(self, model: Generalized, x: Tensor, generator: torch.Generator) -> Cost:
        """Do nothing."""
        return Cost()


def _surrogate(direction: Tensor, values: Tensor, weights: Tensor) -> Tensor:
    """Compute sum_k v_k Cov(T_k, w) over ``values: (m, K)`` and ``weights: (m,)``, for v = ``direction: (K,)``.

    Its gradient in the parameters of w is v' times that of E_p T.
    """
    along = (values - values.mean(0)) @ direction
    return (along.to(weights) * weights).sum() / (len(weights) - 1)
