"""Natural parameters by moment matching during training, independent of the network's own loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from ebmbench.core.cost import Cost
from ebmbench.core.ranges import AtLeastTwo, NonNegativeFloat, PositiveInt, check_ranges
from ebmbench.core.state import NamedState
from ebmbench.inference.exponential_tilting import TiltResult
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.likelihoods.quadrature import Quadrature
from ebmbench.inference.likelihoods.smc import SMC
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.training.losses.interface import Loss, LossOutput
from ebmbench.training.moment_matching.interface import MatchingState
from ebmbench.training.moment_matching.persistent_chains import PersistentChains
from ebmbench.training.moment_matching.running_averages import Covariance
from ebmbench.training.moment_solver import solve_moments_of_rows

__all__ = ["Matched"]

#: initial gain, the step after which it decays, and the exponent of the decay
GAIN, LATER, POWER = 0.5, 100, 0.75

#: weight of the old value in the moving covariance
DECAY = 0.99

#: added to the diagonal of the moving covariance: statistics that hardly vary where the chains are, such as slow waves
#: next to moments, may vary much elsewhere, and large steps along them would move all mass there
RIDGE = 0.1

#: fraction of the base's precision that the steps leave: if the network compensates for a step, steps could go on for
#: ever, and no final tilt would leave a finite mass
LEFT = 0.5

#: estimators of a finished model's distribution, the first that applies is used: means need more samples than log Z
WAYS = (Quadrature(), SMC(particles=256, leapfrog=4))


@dataclass(frozen=True)
class Matched:
    """eta_k+1 = eta_k + g_k P (c - mean T~(chains)), c the training means, while the network follows its own loss
    (Robbins and Monro 1951; Younes 1988).

    Stochastic approximation with ``chains`` persistent chains that move ``moves`` times per network step,
    P = (S + .1 I)^-1 with their moving covariance S, and g_k = .5 (1 + k / 100)^-.75; the model that is kept is a
    moving average. The steps leave half of the precision of a normal base to the final tilt. After training, eta is
    solved for at the finished network as in ``posthoc``, with ``draws``, ``rounds`` and ``slack``.
    """

    provides: ClassVar[tuple[str, ...]] = ("statistics",)
    requires: ClassVar[tuple[str, ...]] = ("statistics",)

    set: str = "moments"
    chains: AtLeastTwo = 256
    moves: PositiveInt = 1
    draws: PositiveInt = 20_000
    rounds: AtLeastTwo = 10
    slack: NonNegativeFloat = 0.0

    def __post_init__(self) -> None:
        check_ranges(self)

    def matching(
        self, loss: Loss, model: Generalized, train: Tensor, generator: torch.Generator
    ) -> MatchingState | None:
        """Return the chains and their moving covariance."""
        chains = PersistentChains(model, train, self.chains, generator)
        target = torch.zeros(len(model.eta), dtype=torch.float64, device=train.device)
        return Approximation(model.eta, chains, self.moves, target)

    def finished(self, problem: Problem, generator: torch.Generator) -> TiltResult | None:
        """Solve for eta: by quadrature in one and two dimensions, otherwise by rounds of sampling."""
        return solve_moments_of_rows(problem, WAYS, self, generator)


class Approximation(NamedState):
    """State of stochastic approximation: chains, moved ``moves`` times per step, their covariance, the number of steps.

    ``target: (K,)``: the target means c, in the model's standardised statistics.
    """

    state_names: ClassVar = ("persistent_chains", "covariance", "steps")

    def __init__(self, eta: nn.Parameter, persistent_chains: PersistentChains, moves: int, target: Tensor) -> None:
        self.owned, self.persistent_chains, self.moves, self.target = [eta], persistent_chains, moves, target
        self.covariance = Covariance(len(target), DECAY, RIDGE, target.device)
        self.steps = 0

    def added(self, model: Generalized, x: Tensor, generator: torch.Generator) -> LossOutput | None:
        """Return None."""
        return None

    def moved(self, model: Generalized, x: Tensor, generator: torch.Generator) -> Cost:
        """Move the chains, then eta."""
        draws = self.persistent_chains.move(model, self.moves, generator)
        with torch.no_grad():
            values = model.standardised(draws.to(model.eta.dtype)).double()
            self.covariance.add(values)
            gain = GAIN * (1 + self.steps / LATER) ** -POWER
            model.eta.add_((gain * self.covariance.solve(self.target - values.mean(0))).to(model.eta.dtype))
            model.project(LEFT)
        self.steps += 1
        return self.persistent_chains.cost
