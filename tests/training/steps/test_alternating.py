"""A base measure trained jointly with its energy: the alternating schedule and the gradient of the base's steps."""

import itertools

import pytest
import torch
from torch import nn

from ebmbench.core.errors import UserError
from ebmbench.models.distributions.generalized import WithoutDensity
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.families.gebm_flow import GEBMFlow
from ebmbench.models.families.gebm_gan import GEBMGenerator
from ebmbench.models.families.nvp import NVP
from ebmbench.models.interface import Generator
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training import model_selection
from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.loop import train
from ebmbench.training.losses.cd import ContrastiveDivergence
from ebmbench.training.losses.kale_dv import KALEDonskerVaradhan
from ebmbench.training.settings import TrainSettings
from ebmbench.training.steps import alternating
from ebmbench.training.steps.alternating import AlternatingSchedule
from tests.helpers.targets import generator, training_data

DRAWS = 400_000


def base_steps(first, every, steps):
    """Return the numbers, from 1, of the steps that train the base."""
    schedule = AlternatingSchedule(first, every)
    return [step for step in range(1, steps + 1) if schedule.next_is_base()]


def test_the_first_steps_of_the_base_are_those_of_the_schedule_in_the_paper():
    assert base_steps(100, 5, 220)[:5] == [101, 202, 204, 210, 216]


def test_after_500_steps_of_the_base_the_energy_has_a_burst_that_can_be_shorter():
    steps = base_steps(100, 5, 4000)
    apart = [later - earlier for earlier, later in itertools.pairwise(steps)]
    # the 501st comes at the next multiple of 101, wherever the 500th was
    assert apart[499] == 46 and steps[500] % 101 == 0
    assert set(apart[2:499]) == {6}


class Shifted(Generator):
    """G(z) = theta + z: N(theta, 1)."""

    def __init__(self, theta):
        super().__init__()
        self.dim, self.theta = 1, nn.Parameter(torch.tensor([theta], dtype=torch.float64))

    @property
    def latent(self):
        return Normal(torch.zeros(1, dtype=torch.float64), torch.eye(1, dtype=torch.float64))

    def decode(self, z):
        return self.theta + z


class Linear(nn.Module):
    """E(x) = slope x."""

    def __init__(self, slope):
        super().__init__()
        self.slope = slope

    def forward(self, x):
        return self.slope * x[:, 0]


def shifted(theta, slope):
    return WithoutDensity(Shifted(theta), Linear(slope), NoStatistic(), torch.zeros(5, 1, dtype=torch.float64))


@pytest.mark.parametrize(("theta", "mean"), [(0.5, 2.0), (-1.0, 0.0)])
def test_the_gradient_of_the_base_is_that_of_kale(theta, mean):
    """B = N(theta, 1), P = N(mean, 1), E* = (theta - mean) x: KALE = (theta - mean)^2 / 2   (Arbel et al. 2021)."""
    model = shifted(theta, theta - mean)
    x = mean + torch.randn(DRAWS, 1, generator=generator(1), dtype=torch.float64)
    terms = alternating.base_loss(KALEDonskerVaradhan(nu=1), model, x, generator(2))
    terms.loss.backward()
    assert float(terms.loss.detach()) == pytest.approx((theta - mean) ** 2 / 2, abs=0.02)
    assert float(model.base.theta.grad) == pytest.approx(theta - mean, abs=1e-6)
    assert terms.energy_evaluations == 2 * DRAWS


def test_samples_count_by_their_weight():
    """E = x^2 / 2 on N(theta, 1): E_q[grad E(y)] = theta / 2, half of the gradient of unweighted samples, theta."""
    theta = 1.2
    model = shifted(theta, 0.0)
    model.network = type("Square", (nn.Module,), {"forward": lambda self, x: x[:, 0].square() / 2})()
    x = torch.zeros(DRAWS, 1, dtype=torch.float64)
    alternating.base_loss(KALEDonskerVaradhan(nu=1), model, x, generator(2)).loss.backward()
    assert float(model.base.theta.grad) == pytest.approx(theta / 2, abs=0.01)


def test_models_are_selected_by_the_negative_log_likelihood_whatever_the_base():
    model, x = joint(), rows()
    found = model_selection.importance_sampling_nll(model, x, generator(3))
    # U = 0: the model is its base
    assert found == pytest.approx(-float(model.base.log_density(x).mean().detach()), abs=1e-5)
    assert model_selection.by_likelihood(KALEDonskerVaradhan(), model)
    assert not model_selection.by_likelihood(KALEDonskerVaradhan(), generative())
    assert not model_selection.by_likelihood(ContrastiveDivergence(), model)


def rows():
    return torch.randn(300, 2, generator=generator(5)) @ torch.tensor([[1.0, 0.5], [0.0, 0.6]])


def joint(moves=True):
    base = NVP(couplings=2, width=8).build(training_data(rows()), NoStatistic(), generator(7))
    return GEBMFlow(width=8, depth=1, joint=moves).build(training_data(rows(), base=base), NoStatistic(), generator(2))


def generative():
    return GEBMGenerator(latent=3, width=8, depth=1).build(training_data(rows()), NoStatistic(), generator(2))


def trained(model, steps, **settings):
    task = TrainingJob(
        model,
        KALEDonskerVaradhan(nu=2),
        (rows(), rows()),
        TrainSettings(steps=steps, batch_size=20, checkpoints=2, ema=0.0, base_first=4, base_every=2, **settings),
        Streams(generator(1), generator(2), 3, generator(9)),
        lambda _: {},
        lambda *_: None,
    )
    return train(task)


def moved(before, parameters):
    return [not torch.equal(*pair) for pair in zip(before, parameters, strict=True)]


def copies(parameters):
    return [parameter.detach().clone() for parameter in parameters]


@pytest.mark.parametrize("make", [joint, generative])
def test_a_step_updates_the_energy_or_the_base(make):
    # with base_first = 4 the fifth step is the base's first
    for steps, base_moves in ((4, False), (5, True)):
        model = make()
        before = copies(model.base.parameters())
        energy = copies(model.network.parameters())
        outcome = trained(model, steps)
        assert outcome.status == "ok"
        assert any(moved(before, model.base.parameters())) == base_moves
        assert any(moved(energy, model.network.parameters()))


def test_a_frozen_base_takes_no_steps():
    model = joint(moves=False)
    before = copies(model.base.parameters())
    trained(model, 12)
    assert alternating.trainable_base_parameters(model) == [] and not any(moved(before, model.base.parameters()))


def test_the_base_has_its_own_learning_rate():
    slow, fast = joint(), joint()
    start = copies(slow.base.parameters())
    trained(slow, 5, base_learning_rate=1e-6)
    trained(fast, 5, base_learning_rate=1e-2)

    def distance(model):
        return sum(float((a - b).abs().sum()) for a, b in zip(start, model.base.parameters(), strict=True))

    assert 0 < 100 * distance(slow) < distance(fast)


def test_the_best_checkpoint_is_selected_by_likelihood_if_there_is_one():
    """Large steps make the model worse: with patience the better checkpoint is returned."""

    def nll(model):
        return model_selection.importance_sampling_nll(model, rows(), generator(3))

    settings = {"learning_rate": 0.3, "anneal": False}
    kept, last = (trained(joint(), 40, patience=patience, **settings).model for patience in (9, None))
    assert nll(kept) < nll(last) - 0.1


def test_without_a_likelihood_the_last_model_is_kept():
    assert trained(generative(), 40, patience=1).costs.step == 40


def test_losses_without_samples_of_the_base_are_refused():
    with pytest.raises(UserError, match="kale_f, kale_dv or nce"):
        alternating.base_loss(ContrastiveDivergence(), joint(), rows(), generator(1))
