"""Every statistic, and every way to its natural parameters, keeps its contract: found by listing."""

import pytest
import torch

from ebmbench.core import plugins
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.statistics.interface import Statistic
from ebmbench.models.statistics.moments import Moments
from ebmbench.planning import statistic_sets
from tests.helpers.contract_models import DIMENSIONS, energy, rows
from tests.helpers.targets import generator


@pytest.mark.parametrize("name", plugins.available("stats"))
def test_arm(name):
    """An arm that is trained leaves a model that it can be sampled from, and eta to the optimiser or to itself."""
    arm, known = plugins.load("stats", name), plugins.fields("stats", name)
    if "set" in known:
        assert statistic_sets.parts_of(arm.set, statistic_sets.STANDARD, "here")
    if "run" in known:
        assert arm.run == "none" and not hasattr(arm, "matching")
        return
    model, x = energy("ebm", 2, Moments()), rows(2)
    state = arm.matching(plugins.load("loss", "dsm"), model, x, generator(1))
    if state is not None:
        added = state.added(model, x[:20], generator(2))
        assert added is None or (added.loss.shape == () and added.loss.requires_grad and added.energy_evaluations > 0)
        before = model.eta.detach().clone()
        cost = state.moved(model, x[:20], generator(3))
        assert torch.equal(model.eta, before) == (cost.energy_evaluations == 0) and torch.isfinite(model.eta).all()
        assert model.eta.requires_grad
    model.requires_grad_(False)
    solved = arm.finished(Problem(model, x, 12.0), generator(4))
    assert solved is None or solved.status in ("ok", "failed")


#: statistics of images want square ones, of one channel or three
STATISTICS = [
    (name, dim)
    for name in plugins.available("statistic")
    for dim in ([16, 27] if name.startswith("image_") else DIMENSIONS)
]


@pytest.mark.parametrize(("name", "dim"), STATISTICS)
def test_statistic(name, dim):
    statistic, x = plugins.load("statistic", name).fit(rows(dim)), rows(dim, 7).double()
    K = statistic.size(dim)
    assert len(statistic.names(dim)) == len(set(statistic.names(dim))) == K
    values = statistic.value(x)
    assert values.shape == statistic.hard(x).shape == (7, K)
    assert values.dtype == statistic.hard(x).dtype == torch.float64
    assert torch.allclose(statistic.gradient(x), Statistic.gradient(statistic, x), atol=1e-10)
    assert torch.allclose(statistic.laplacian(x), Statistic.laplacian(statistic, x), atol=1e-9)
    assert statistic.approximate() != torch.equal(values, statistic.hard(x))
    pairs = statistic.slopes_along(x, x.flip(0)), Statistic.slopes_along(statistic, x, x.flip(0))
    for own, written in zip(*pairs, strict=True):
        assert own.shape == (7, K) and torch.allclose(own, written, atol=1e-10)
    noisy = statistic.under_noise(values.mean(0), 0.5, dim)
    assert noisy is None or noisy.shape == (K,)
    form = statistic.quadratic(torch.ones(K, dtype=torch.float64), dim)
    if form is not None:
        tilt = -0.5 * ((x @ form.A) * x).sum(1) + x @ form.b + form.c
        assert torch.allclose(tilt, values.sum(1), atol=1e-10)
