"""The gradient penalty against its closed form, and its place in the training loop."""

import pytest
import torch

from ebmbench.core.errors import UserError
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.loop import train
from ebmbench.training.losses.ed import EnergyDiscrepancy
from ebmbench.training.losses.gradient_penalty import gradient_penalty
from ebmbench.training.settings import TrainSettings
from tests.helpers.targets import Energy, Quadratic, generator, standard_normal


def tilted(a=0.7, b=0.4, dim=2):
    return Tilted(standard_normal(dim), Quadratic(a, b), NoStatistic(), torch.zeros(3, dim, dtype=torch.float64))


def test_its_mean_is_the_closed_form_between_data_and_base():
    """E = a |x|^2 / 2 + b x_0, x = m + N(0, S), y ~ N(0, I): E |a u + b e|^2 over u = s x + (1 - s) y, s ~ U(0, 1)."""
    m, sd, n, model = torch.tensor([2.0, -1.0], dtype=torch.float64), 0.5, 400_000, tilted()
    x = m + sd * torch.randn(n, 2, generator=generator(1), dtype=torch.float64)
    found = gradient_penalty(model, x, generator(2))
    a, b = 0.7, 0.4
    # E s^2 = E (1 - s)^2 = 1/3, E s = 1/2
    square = (float(m @ m) + 2 * sd**2 + 2) / 3
    expected = a**2 * square + 2 * a * b * float(m[0]) / 2 + b**2
    assert float(found.detach()) == pytest.approx(expected, rel=0.01)
    # at the rows alone it would be another number
    at_rows = a**2 * (float(m @ m) + 2 * sd**2) + 2 * a * b * float(m[0]) + b**2
    assert abs(at_rows - expected) > 0.5
    found.backward()
    slope = 2 * a * square + 2 * b * float(m[0]) / 2
    assert float(model.network.a.grad) == pytest.approx(slope, rel=0.01)


def test_it_needs_a_base_measure():
    with pytest.raises(UserError, match="no base measure"):
        gradient_penalty(Energy(lambda x: x.square().sum(-1), 2), torch.zeros(4, 2), generator())


def trained(**settings):
    x = 0.2 * torch.randn(500, 2, generator=generator(3), dtype=torch.float64)
    asked = TrainSettings(steps=200, batch_size=50, **({"learning_rate": 0.05} | settings))
    streams = Streams(generator(4), generator(5), 6, generator(9))
    return train(
        TrainingJob(tilted(0.0, 0.0), EnergyDiscrepancy(), (x, x), asked, streams, lambda m: {}, lambda *reported: None)
    )


def test_training_is_held_back_by_it_and_pays_for_it():
    found = {weight: trained(gradient_penalty=weight) for weight in (0.0, 5.0)}
    assert float(found[0.0].model.network.a) > 3 * float(found[5.0].model.network.a) > 0.05
    assert found[0.0].costs.gradient_evaluations == 0
    assert found[5.0].costs.gradient_evaluations == 200 * 50
    assert found[5.0].costs.energy_evaluations == 200 * 50 * 6


def test_at_every_fourth_step_it_costs_a_quarter_and_holds_back_as_much():
    free, each, fourth = (
        trained(gradient_penalty=weight, penalty_every=every, learning_rate=0.01)
        for weight, every in ((0.0, 1), (5.0, 1), (5.0, 4))
    )
    assert fourth.costs.gradient_evaluations == 50 * 50
    a, b, c = (float(run.model.network.a) for run in (free, each, fourth))
    assert c == pytest.approx(b, rel=0.2) and a > 2 * b
    # a quarter as strong at each step would be another penalty
    assert abs(float(trained(gradient_penalty=1.25, learning_rate=0.01).model.network.a) - b) > 0.4 * b


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match=r"gradient_penalty = -1.0; allowed: 0 or more"):
        TrainSettings(gradient_penalty=-1.0)
