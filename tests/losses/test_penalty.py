"""The gradient penalty against its closed form, and its place in the training loop."""

import pytest
import torch
from targets import Energy, Quadratic, generator, standard_normal

from ebmbench.errors import UserError
from ebmbench.families.tilted import Tilted
from ebmbench.losses.ed import EnergyDiscrepancy
from ebmbench.losses.penalty import gradient_penalty
from ebmbench.statistics.none import NoStatistic
from ebmbench.train import Streams, Task, TrainSettings, train


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


def test_training_is_held_back_by_it_and_pays_for_it():
    x = 0.2 * torch.randn(500, 2, generator=generator(3), dtype=torch.float64)
    found = {}
    for weight in (0.0, 5.0):
        settings = TrainSettings(steps=200, learning_rate=0.05, batch_size=50, gradient_penalty=weight)
        streams = Streams(generator(4), generator(5), 6, generator(9))
        task = Task(tilted(0.0, 0.0), EnergyDiscrepancy(), (x, x), settings, streams, lambda m: {}, lambda *told: None)
        found[weight] = train(task)
    assert float(found[0.0].model.network.a) > 3 * float(found[5.0].model.network.a) > 0.05
    assert found[0.0].clock.gradient_evaluations == 0
    assert found[5.0].clock.gradient_evaluations == 200 * 50
    assert found[5.0].clock.energy_evaluations == 200 * 50 * 6


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="gradient_penalty 0 or more"):
        TrainSettings(gradient_penalty=-1.0)
