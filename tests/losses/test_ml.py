"""Maximum likelihood: closed form, quadrature and their agreement."""

import math

import pytest
import torch
from targets import Energy, Precision, generator

from ebmbench.errors import UserError
from ebmbench.losses.ml import MaximumLikelihood


def test_exact_value_and_fixed_point_on_a_gaussian():
    x = torch.tensor([[1.0], [-2.0], [0.5]], dtype=torch.float64)
    variance = float(x.square().mean())
    model = Precision(1 / variance)
    loss = MaximumLikelihood()(model, x, generator()).loss
    loss.backward()
    assert float(loss.detach()) == pytest.approx(0.5 * math.log(2 * math.pi * math.e * variance), abs=1e-12)
    assert float(model.value.grad) == pytest.approx(0, abs=1e-12)


def test_quadrature_agrees_with_the_closed_form_and_its_gradient():
    class Closed(Precision):
        def log_z(self):
            return None

    x = torch.randn(100, 2, generator=generator(1), dtype=torch.float64)
    exact, summed = Precision(1.3, 2), Closed(1.3, 2)
    MaximumLikelihood()(exact, x, generator()).loss.backward()
    loss = MaximumLikelihood(cells=64, box=6.0)
    values = [loss(summed, x, generator(seed)) for seed in range(8)]
    torch.stack([terms.loss for terms in values]).mean().backward()
    reference = float(MaximumLikelihood()(exact, x, generator()).loss.detach())
    for terms in values:
        assert float(terms.loss.detach()) == pytest.approx(reference, abs=0.02)
    assert float(summed.value.grad) == pytest.approx(float(exact.value.grad), abs=0.01)
    # a box that misses mass is seen
    narrow = MaximumLikelihood(cells=64, box=1.0)(summed, x, generator()).loss
    assert abs(float(narrow.detach()) - reference) > 0.1
    assert values[0].energy_evaluations == 100 + 64**2


def test_no_closed_form_beyond_two_dimensions_is_refused_in_one_line():
    model = Energy(lambda x: (x**4).sum(-1), 3)
    with pytest.raises(UserError, match="no closed form in 3 dimensions"):
        MaximumLikelihood()(model, torch.zeros(2, 3), generator())
