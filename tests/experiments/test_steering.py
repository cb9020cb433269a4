"""Ways to other means: closed forms on two cells, and draws and chains against the exact tilt."""

import math

import pytest
import torch

from ebmbench.core.cost import Cost
from ebmbench.experiments import constraints, steering
from ebmbench.experiments.constraints import STATISTICS, VIOLATION, binary_kl
from ebmbench.experiments.steering import Asked, Chained, Exact, Newton, PenalisedTilt
from ebmbench.inference.exponential_tilting import InfeasibleError
from ebmbench.inference.likelihoods.smc import SMC
from ebmbench.training.moment_matching import matched
from tests.helpers.targets import generator


def coin(target, heads=0.2):
    """One cell of value 1 and mass ``heads``, one of value 0."""
    log_p = torch.tensor([heads, 1 - heads], dtype=torch.float64).log()
    return Asked(None, torch.tensor([1.0, 0.0]).double(), log_p, torch.tensor([target], dtype=torch.float64))


def kl(asked, reached):
    distribution = reached.log_masses.exp()
    return float((distribution * (reached.log_masses - asked.log_p))[distribution > 0].sum())


def test_the_exact_tilt_of_a_coin_has_the_mean_and_the_kl_of_a_coin():
    asked = coin(0.5)
    reached = Exact()(asked, generator())
    assert reached.log_masses.exp().tolist() == pytest.approx([0.5, 0.5])
    assert kl(asked, reached) == pytest.approx(binary_kl(0.5, 0.2), abs=1e-12)
    assert binary_kl(0.5, 0.2) == pytest.approx(0.5 * math.log(0.5 / 0.2) + 0.5 * math.log(0.5 / 0.8))
    assert binary_kl(0.0, 0.2) == pytest.approx(-math.log(0.8))
    with pytest.raises(InfeasibleError):
        Exact()(coin(1.0), generator())


@pytest.mark.parametrize("target", [0.6, 0.05, 0.0])
@pytest.mark.parametrize("strength", [0.5, 20.0])
def test_a_penalised_distribution_is_the_best_compromise(target, strength):
    """Also with a mean that no distribution has: it is wanted, not required."""
    asked = coin(target)

    def objective(heads):
        return binary_kl(heads, 0.2) + strength / 2 * (heads - target) ** 2 / 0.16

    found = float(PenalisedTilt(strength)(asked, generator()).log_masses.exp()[0])
    assert min(0.2, target) < found < max(0.2, target)
    for step in (1e-3, -1e-3):
        assert objective(found + step) > objective(found)
        # another strength has another compromise
        other = float(PenalisedTilt(3 * strength)(asked, generator()).log_masses.exp()[0])
        assert objective(other) > objective(found)


@pytest.fixture(scope="module")
def ground():
    patch = pytest.MonkeyPatch()
    patch.setattr(constraints, "GRID", 90)
    yield constraints._ground(1000, generator(1))
    patch.undo()


def means(ground, way, definition, shift, seed=2):
    """In sd of the statistic, before and after."""
    subject = constraints._subject(ground, definition)
    asked = constraints._asked(ground, subject, subject.mean + shift * subject.sd)
    reached = way(asked, generator(seed))
    assert reached.status == "ok"
    return (float(reached.log_masses.exp() @ subject.values) - subject.mean) / subject.sd, reached.cost


@pytest.mark.parametrize("name", ["mean", "mode's weight"])
def test_draws_and_chains_come_to_the_mean(ground, name, monkeypatch):
    drawn, cost = means(ground, Newton(2000), STATISTICS[name], 0.5)
    assert drawn == pytest.approx(0.5, abs=0.12) and cost.energy_evaluations > 2000
    chained, cost = means(ground, Chained(256, 150), STATISTICS[name], 0.5)
    assert chained == pytest.approx(0.5, abs=0.12)
    assert cost == Cost(4 * 256, 2 * 256).times(150)
    # hardly moved, they are short of it
    monkeypatch.setattr(matched, "GAIN", 0.001)
    assert means(ground, Chained(256, 50), STATISTICS[name], 0.5)[0] < 0.5 - 0.12


def test_nothing_beyond_a_threshold_cannot_be_had(ground, monkeypatch):
    monkeypatch.setattr(steering, "DRAWN", (SMC(populations=8, particles=128, temperatures=10, refresh=2),))
    subject = constraints._subject(ground, VIOLATION)
    model = subject.problem.model
    for way in (Exact(), Chained(64, 30)):
        with pytest.raises(InfeasibleError, match="at the edge"):
            way(constraints._asked(ground, subject, float(-model.centre / model.scale)), generator(2))
    asked = constraints._asked(ground, subject, float(-model.centre / model.scale))
    assert Newton(2000, rounds=3)(asked, generator(2)).status == "failed"
    # a fifth of the data's can
    asked = constraints._asked(ground, subject, float(-0.8 * model.centre / model.scale))
    assert Newton(2000)(asked, generator(2)).status == "ok"
