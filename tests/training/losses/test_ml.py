"""Maximum likelihood: closed form, quadrature and their agreement."""

import math

import pytest
import torch

from ebmbench.core.errors import UserError
from ebmbench.training.losses.ml import MaximumLikelihood
from tests.helpers.targets import Energy, Precision, Quadratic, generator, on_standard_normal


def test_exact_value_and_fixed_point_on_a_gaussian():
    x = torch.tensor([[1.0], [-2.0], [0.5]], dtype=torch.float64)
    variance = float(x.square().mean())
    model = Precision(1 / variance)
    loss = MaximumLikelihood()(model, x, generator()).loss
    loss.backward()
    assert float(loss.detach()) == pytest.approx(0.5 * math.log(2 * math.pi * math.e * variance), abs=1e-12)
    assert float(model.value.grad) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("dim", "cells"), [(1, 1000), (2, 64)])
def test_quadrature_agrees_with_the_closed_form_and_its_gradient(dim, cells):
    x = torch.randn(100, dim, generator=generator(1), dtype=torch.float64)
    network = Quadratic(1.3, 0.7)
    model = on_standard_normal(network, dim)
    exact = model.energy(x).mean() + network.log_z(dim)
    expected = torch.autograd.grad(exact, network.a)[0]
    terms = [MaximumLikelihood(cells=cells)(model, x, generator(seed)) for seed in range(8)]
    gradient = torch.autograd.grad(torch.stack([term.loss for term in terms]).mean(), network.a)[0]
    for term in terms:
        assert float(term.loss.detach()) == pytest.approx(float(exact.detach()), abs=2e-3)
    assert float(gradient) == pytest.approx(float(expected), abs=2e-3)
    # log Z left out would be seen
    assert abs(float(network.log_z(dim).detach())) > 0.1
    assert terms[0].energy_evaluations == 100 + cells**dim


def test_no_closed_form_beyond_two_dimensions_is_refused_in_one_line():
    model = Energy(lambda x: (x**4).sum(-1), 3)
    with pytest.raises(UserError, match="no closed form in 3 dimensions"):
        MaximumLikelihood()(model, torch.zeros(2, 3), generator())
