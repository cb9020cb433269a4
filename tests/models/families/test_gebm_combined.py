"""The ratio of two flows as an energy: its constant, its distribution, what losses of the energy alone make of it."""

import math

import pytest
import torch

from ebmbench.core.midpoints import midpoints
from ebmbench.inference.likelihoods.importance import Importance
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.sampling import SampleSettings, normalise
from ebmbench.models.families.gebm_combined import GEBMCombined
from ebmbench.models.families.nvp import NVP
from ebmbench.models.statistics.moments import Moments
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training import model_selection
from ebmbench.training.losses.base_samples import energies
from ebmbench.training.losses.kale import log_partition
from ebmbench.training.losses.kale_dv import KALEDonskerVaradhan
from ebmbench.training.losses.kale_f import KALEFenchel
from ebmbench.training.losses.ml import MaximumLikelihood
from tests.helpers.targets import generator, training_data


def rows(n=2000):
    return torch.randn(n, 2, generator=generator(1)) @ torch.tensor([[1.0, 0.6], [0.0, 0.8]])


def model(statistic=None, seed=4):
    base = NVP(couplings=2, width=8).build(training_data(rows()), NoStatistic(), generator(2))
    data = training_data(rows(), base=base)
    made = GEBMCombined(couplings=3, width=16).build(data, statistic or NoStatistic(), generator(seed))
    with torch.no_grad():
        stream = generator(5)
        for parameter in made.network.density.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=stream))
    return made


def test_its_log_z_is_the_constant_and_it_integrates_to_one():
    made, box, n = model(), 12.0, 601
    a = float(made.log_z().detach())
    assert a < -0.2
    with torch.no_grad():
        grid = made.log_density(midpoints(box, n)).double()
    assert float(grid.logsumexp(0)) + 2 * math.log(2 * box / n) == pytest.approx(a, abs=1e-3)
    x = rows(50)
    distribution = made.closed_form()
    assert torch.allclose(made.log_density(x) - made.log_z(), distribution.log_density(x), atol=1e-4)


def test_checkpoints_are_reported_apart_by_the_likelihood_itself():
    """No draw of the base is needed, and none is taken: few of them would say something else."""
    made, x = model(), rows(300)
    exact = -float(made.closed_form().log_density(x).mean().detach())
    assert model_selection.importance_sampling_nll(made, x, generator(1), samples=10) == pytest.approx(exact, abs=1e-5)
    energy, drawn = energies("test", made, x, 10, generator(1))
    few = float((energy.mean() + log_partition(drawn) - made.base.log_density(x).mean()).detach())
    assert abs(few - exact) > 0.01


def test_draws_of_the_base_find_the_constant_too():
    made = model().requires_grad_(False)
    _, base = energies("test", made, rows(2), 200_000, generator(6))
    assert float(log_partition(base)) == pytest.approx(float(made.log_z()), abs=0.02)
    ways = [Importance(50_000)]
    exact = normalise(Problem(made, rows()), ways, SampleSettings(samples=500, bounds=0), generator(7))
    assert exact.log_z.method == "closed form"
    assert exact.log_z.value == pytest.approx(float(made.log_z()))
    found = ways[0].normalise(Problem(made, rows()), 500, generator(8)).log_z
    assert found.value == pytest.approx(exact.log_z.value, abs=4 * found.stderr)


def test_maximum_likelihood_is_that_of_the_flow():
    made, x = model(), rows(100)
    terms = MaximumLikelihood()(made, x, generator())
    expected = -made.network.density.log_density(x).mean()
    assert float(terms.loss.detach()) == pytest.approx(float(expected.detach()), abs=1e-4)
    terms.loss.backward()
    (slope,) = (p.grad.clone() for p in list(made.network.density.parameters())[:1])
    made.zero_grad()
    expected.backward()
    assert torch.allclose(slope, next(iter(made.network.density.parameters())).grad, atol=1e-4)


@pytest.mark.parametrize("loss", [KALEFenchel(nu=4), KALEDonskerVaradhan(nu=4)], ids=["kale_f", "kale_dv"])
def test_losses_tell_how_far_their_log_partition_is_off(loss):
    made, x = model(), rows(500)
    used = loss.with_state(x, generator(1)) if isinstance(loss, KALEFenchel) else loss
    logs = {name: float(value) for name, value in used(made, x, generator(9)).logs.items()}
    known = float(made.log_z().detach())
    assert logs["log_partition_error"] == pytest.approx(logs["log_partition"] - known, abs=1e-5)
    assert 0 < abs(logs["log_partition_error"]) < 0.2


def test_with_statistics_it_has_no_closed_form():
    assert model(Moments()).log_z() is None and model(Moments()).closed_form() is None


def test_without_a_base_it_is_not_built():
    with pytest.raises(ValueError, match="needs a trained base"):
        GEBMCombined().build(training_data(rows()), NoStatistic(), generator())
