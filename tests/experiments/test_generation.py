"""Draws within a budget: their distribution, what they cost, and what becomes of those that fail."""

import math

import pytest
import torch
from torch import nn

from ebmbench.core.cost import Cost
from ebmbench.experiments.generation import MAKERS, SNAPSHOTS, Effort, base_alone, effective, unadjusted
from ebmbench.experiments.tempered import tempered
from ebmbench.inference.samplers.ula import ULA
from tests.helpers.distributions import assert_distribution
from tests.helpers.latent_model import distribution_of, latent_model
from tests.helpers.targets import Counting, GaussianTilt, generator

TILT = GaussianTilt(k=1.0, e=-0.5, dim=2, a=1.5, c=0.3)
BETA = 2.0
CHAINS = [name for name in MAKERS if name != "importance"]


class CountingEnergy(nn.Module):
    """An energy that counts its calls."""

    def __init__(self, energy) -> None:
        super().__init__()
        self.counting = Counting(energy)

    def forward(self, x):
        return self.counting(x)


def problem(beta=BETA, tilt=TILT):
    model, train = latent_model(tilt)
    return tempered(model, beta, train)


@pytest.mark.parametrize("name", MAKERS)
def test_last_states_have_the_distribution_of_their_temperature(name):
    effort = Effort(chains=800, repetitions=2, evaluations=300)
    made = MAKERS[name](problem(), effort, generator(2))
    assert made.status == "ok"
    # steps without rejection are a twentieth as long: states that are right are not yet far from each other
    assert made.mark == "" or name in ("ula", "kinetic", "hmc")
    assert made.samples.shape == (2, 800, 2)
    draws = made.samples.flatten(0, 1)
    assert_distribution(draws, distribution_of(TILT, BETA), errors=4)
    for wrong in (1.0, 4.0):
        with pytest.raises(AssertionError):
            assert_distribution(draws, distribution_of(TILT, wrong), errors=4)


@pytest.mark.parametrize("name", MAKERS)
def test_all_evaluations_are_counted_and_none_exceeds_the_budget(name):
    asked, effort = problem(), Effort(chains=10, repetitions=2, evaluations=200)
    asked.model.network = CountingEnergy(asked.model.network)
    made = MAKERS[name](asked, effort, generator(2))
    # diagnostics look at the energy of the chains' draws once more: that is no part of sampling
    looked_at = Cost(SNAPSHOTS * effort.total * (name != "importance"), 0)
    assert made.cost.plus(looked_at) == asked.model.network.counting.cost
    assert 0.8 * effort.total * effort.evaluations <= sum(made.cost) <= effort.total * effort.evaluations


def test_the_base_alone_costs_nothing_and_knows_no_temperature():
    made = base_alone(problem(1000.0), Effort(2000, 2, 400), generator(2))
    assert made.cost == Cost() and made.samples.shape == (2, 2000, 2)
    assert_distribution(made.samples.flatten(0, 1), distribution_of(TILT, 0.0), errors=4)


def test_a_divergence_is_a_status():
    made = unadjusted(lambda variance: ULA(1e4 * variance))(problem(), Effort(20, 2, 200), generator(2))
    assert made.status == "diverged" and "of 40 chains are not finite" in made.reason
    assert len(made.samples) == 0 and made.rhat == math.inf and made.cost != Cost()


@pytest.mark.parametrize("name", CHAINS)
def test_a_budget_that_is_too_small_is_skipped(name):
    made = MAKERS[name](problem(), Effort(20, 2, 4), generator(2))
    assert made.status == "skipped" and made.reason.startswith("4 evaluations a chain do not pay")
    assert made.cost == Cost()


def test_chains_that_stand_still_and_weights_that_collapse_are_marked():
    effort = Effort(100, 2, 100)
    stuck = MAKERS["independence"](problem(1e5), effort, generator(2))
    assert stuck.status == "ok" and stuck.mark == "unconverged" and stuck.rhat > 1.05
    collapsed = MAKERS["importance"](problem(1e5), effort, generator(2))
    assert collapsed.mark == "collapsed" and collapsed.ess < 20
    assert MAKERS["importance"](problem(1.0), effort, generator(2)).mark == ""


def test_chains_are_worth_their_number_if_stuck_and_their_draws_if_not():
    n, C = 4, 3000
    free = torch.randn(n, C, 2, generator=generator(1), dtype=torch.float64)
    assert effective(free) == pytest.approx(n * C, rel=0.1)
    assert effective(free[:1].expand(n, C, 2)) == pytest.approx(C, rel=0.1)
    # the worst column counts, and one that is constant tells nothing
    assert effective(torch.stack([free[..., 0], free[:1, :, 0].expand(n, C)], -1)) == pytest.approx(C, rel=0.1)
    assert effective(torch.cat([free, torch.ones(n, C, 1)], -1)) == effective(free)
    # rho = .5 between neighbours: var of the mean of 4 is (4 + 3 + 1 + .25) / 16
    rho, states = 0.5, [free[0, :, :1]]
    for noise in free[1:, :, :1]:
        states.append(rho * states[-1] + math.sqrt(1 - rho**2) * noise)
    assert effective(torch.stack(states)) == pytest.approx(C * 16 / 8.25, rel=0.1)
