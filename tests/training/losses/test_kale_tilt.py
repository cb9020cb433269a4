"""KALE in natural parameters: on any batch it matches the weighted draws' means, and its value is the tilt's gain."""

import math

import pytest
import torch

from ebmbench.inference.exponential_tilting import project
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.networks.mlp import MLP
from ebmbench.models.statistics.sets import load_set
from ebmbench.planning.statistic_sets import STANDARD
from ebmbench.training.losses.kale import fenchel
from ebmbench.training.losses.kale_dv import KALEDonskerVaradhan
from ebmbench.training.losses.kale_f import KALEFenchel
from tests.helpers.targets import generator, standard_normal

NU = 6


def rows(n=150):
    return 0.6 * torch.randn(n, 2, generator=generator(1), dtype=torch.float64) + 0.2


def tilted(network=True):
    made = Tilted(
        standard_normal(2), MLP(2, 8, 2, generator(2)).double() if network else None, load_set(STANDARD["s2"]), rows()
    )
    made.eta.data = 0.1 * torch.randn(len(made.eta), generator=generator(3), dtype=torch.float64)
    return made


def base_draws(model):
    """Those that a loss makes of the same seed."""
    return model.base.sample(NU * len(rows()), generator(5))


def gradient(loss, model):
    return torch.autograd.grad(loss(model, rows(), generator(5)).loss, model.eta)[0]


def bound(model):
    return -float(KALEDonskerVaradhan(NU)(model, rows(), generator(5)).loss.detach())


@pytest.mark.parametrize("loss", [KALEDonskerVaradhan(NU), KALEFenchel(NU)], ids=repr)
def test_the_gradient_is_the_weighted_draws_means_less_the_rows(loss):
    model = tilted()
    y = base_draws(model)
    weights = model.log_weight(y).softmax(0)
    expected = weights @ model.standardised(y) - model.standardised(rows()).mean(0)
    torch.testing.assert_close(gradient(loss, model), expected, rtol=0, atol=1e-12)
    # of the draws themselves it is not
    assert (model.standardised(y).mean(0) - model.standardised(rows()).mean(0) - expected).abs().max() > 0.05


@pytest.mark.parametrize("network", [True, False])
def test_at_the_best_tilt_the_value_is_its_gain(network):
    """<eta, c> - log E_b exp(<eta, T~> - U) with c the rows' means; with U = 0 it is KL(p* || b) on the batch."""
    model = tilted(network)
    y, x = base_draws(model), rows()
    model.eta.data.zero_()
    start, target = model.log_weight(y).detach(), model.standardised(x).mean(0)
    found = project(model.standardised(y).detach(), start, target)
    model.eta.data = found.eta
    assert gradient(KALEDonskerVaradhan(NU), model).abs().max() < 1e-11
    with torch.no_grad():
        gained = found.gain + float(model.log_weight(x).mean() - found.eta @ target)
    gained += math.log(len(y)) - float(start.logsumexp(0))
    value = bound(model)
    assert value == pytest.approx(gained, abs=1e-12)
    if not network:
        assert value == pytest.approx(found.gain, abs=1e-12) and value > 0.05
    # any other tilt is a worse bound
    model.eta.data = found.eta + 0.05
    assert bound(model) < value - 1e-4


@pytest.mark.parametrize("shift", [0.0, 0.3, -0.3])
def test_fenchels_constant_is_the_log_mean_and_both_forms_agree_there(shift):
    """c = log E_b exp(-E): its gradient 1 - E_b exp(-E - c) is 0 there and nowhere else."""
    model = tilted()
    data, base = (-model.log_weight(x).detach() for x in (rows(), base_draws(model)))
    c = (torch.logsumexp(-base, 0) - math.log(len(base)) + shift).requires_grad_()
    value = fenchel(data, base, c)
    assert float(torch.autograd.grad(-value, c)[0]) == pytest.approx(1 - math.exp(-shift), abs=1e-12)
    assert bound(model) - float(value.detach()) == pytest.approx(shift + math.exp(-shift) - 1, abs=1e-12)
