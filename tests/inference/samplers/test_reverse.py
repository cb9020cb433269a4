"""The reverse process: exact where the scores of all levels are, and what natural parameters of each level do to it."""

import math
from itertools import pairwise

import pytest
import torch
from torch import nn

from ebmbench.core.errors import UserError
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.likelihoods.quadrature import Quadrature
from ebmbench.inference.samplers.reverse import ReverseProcess
from ebmbench.inference.sampling import Methods, SampleSettings, sample
from ebmbench.models.distributions.tilted_levels import TiltedAtLevels
from ebmbench.models.statistics.none import NoStatistic
from tests.helpers.distributions import Distribution, assert_distribution
from tests.helpers.noisy_modes import FIRST, NOTHING, SIDE, THREE, exact_equations, falling, model, rows, set_etas
from tests.helpers.targets import generator, standard_normal

SIGMAS = falling(10.0, 0.2, 5)
MEAN, VARIANCES = torch.tensor([1.0, -0.5]).double(), torch.tensor([2.0, 0.3]).double()


class Gaussian(nn.Module):
    """log b(x) - log N(x; mean, variances + s^2), times a factor: the energy of Gaussian data under noise."""

    def __init__(self, base, factor):
        super().__init__()
        self.base, self.factor = base, factor

    def forward(self, x, sigma):
        data = -0.5 * ((x - MEAN).square() / (VARIANCES + sigma[:, None].square())).sum(1)
        return self.base.log_density(x) - self.factor * data


def gaussian(factor=1.0):
    base = standard_normal(2)
    return TiltedAtLevels(base, Gaussian(base, factor), SIGMAS, NoStatistic(), torch.zeros(9, 2).double())


def gaussian_rows():
    return MEAN + VARIANCES.sqrt() * torch.randn(2000, 2, generator=generator(1), dtype=torch.float64)


def distribution_of_steps(steps, train, drift=1.0):
    """The distribution after all steps on Gaussian data, each x <- m + (1 - d / (v + s^2)) (x - m) + sqrt(d) n."""
    mean, variance = train.mean(0), train.var(0, correction=0) + SIGMAS[0] ** 2
    for sigma, to in pairwise(falling(float(SIGMAS[0]), float(SIGMAS[-1]), steps + 1)):
        d = sigma**2 - to**2
        shrunk = 1 - drift * d / (VARIANCES + sigma**2)
        mean, variance = MEAN + shrunk * (mean - MEAN), shrunk**2 * variance + d
    return Distribution(mean, torch.diag(variance))


def test_on_gaussian_data_its_distribution_is_that_of_the_steps_and_a_wrong_drift_is_seen():
    train = gaussian_rows()
    made = ReverseProcess(steps=40).draw(gaussian(), train, 20_000, generator(2))
    assert_distribution(made.x, distribution_of_steps(40, train))
    assert made.cost == (40 * 20_000, 40 * 20_000)
    for wrong in (0.5, 2.0):
        draws = ReverseProcess(steps=40).draw(gaussian(wrong), train, 20_000, generator(2)).x
        with pytest.raises(AssertionError):
            assert_distribution(draws, distribution_of_steps(40, train))
        assert_distribution(draws, distribution_of_steps(40, train, drift=wrong))


def test_short_steps_end_at_the_noisy_data_of_the_smallest_level():
    at_end = VARIANCES + SIGMAS[-1] ** 2
    errors = [
        (distribution_of_steps(steps, gaussian_rows()).covariance.diagonal() / at_end - 1).abs() for steps in (40, 400)
    ]
    assert float(errors[1].max()) < 0.02
    assert bool((errors[1] < 0.2 * errors[0]).all())


def test_the_last_step_goes_to_the_mean_of_the_data():
    train = gaussian_rows()
    distribution, share = distribution_of_steps(40, train), VARIANCES / (VARIANCES + SIGMAS[-1] ** 2)
    made = ReverseProcess(steps=40, denoise=True).draw(gaussian(), train, 20_000, generator(2))
    denoised = Distribution(MEAN + share * (distribution.mean - MEAN), distribution.covariance * share[:, None] * share)
    assert_distribution(made.x, denoised)
    assert made.cost.gradient_evaluations == 41 * 20_000
    with pytest.raises(AssertionError):
        assert_distribution(made.x, distribution)


#: draws of which weights are counted
N = 4096


def share_right(made):
    """Of draws, from a start that knows nothing of the weights."""
    start = rows(4000, made.network.a, right=0.5, seed=9)
    x = ReverseProcess(120).draw(made, start, N, generator(3)).x
    return float((x > 0).double().mean())


def is_share(right):
    """Within three Monte-Carlo errors, and what the steps' length adds."""
    return pytest.approx(right, abs=3 * math.sqrt(right * (1 - right) / N) + 0.005)


@pytest.mark.parametrize("a", [1.5, 3.0])
def test_exact_scores_bring_the_weights_and_wrong_ones_do_not(a):
    for right in (0.2, 0.5):
        assert share_right(model(a, NOTHING, falling(20.0, 0.05, 2), right)) == is_share(right)


#: right weight with eta of each level, by 200,000 draws and 500 steps from N(0, 20^2) to .01
WITH_ETA = [
    *((1.5, SIDE, 0.312), (1.5, FIRST, 0.319), (1.5, THREE, 0.238)),
    *((3.0, SIDE, 0.346), (3.0, FIRST, 0.325), (3.0, THREE, 0.239)),
]


@pytest.mark.parametrize(("a", "statistic", "right"), WITH_ETA)
def test_natural_parameters_of_each_level_move_the_weights_of_a_wrong_network(a, statistic, right):
    """Of .5 that the network has, most of the way to .2."""
    made = model(a, statistic, falling(20.0, 0.05, 20))
    assert share_right(set_etas(made, torch.linalg.solve(*exact_equations(made, a)))) == is_share(right)


@pytest.mark.parametrize("statistic", [SIDE, THREE], ids=["side", "three"])
def test_one_eta_for_all_levels_hardly_moves_them(statistic):
    made = model(1.5, statistic, falling(20.0, 0.05, 20))
    gram, missing = exact_equations(made, 1.5)
    weights = made.sigmas.square()
    one = torch.linalg.solve(torch.tensordot(weights, gram, 1), weights @ missing)
    assert share_right(set_etas(made, one.expand(20, -1))) > 0.4


def test_it_is_a_declared_sampler_whose_draws_stand_beside_the_models():
    made, train = model(1.5, NOTHING, falling(6.0, 0.2, 3), right=0.2).requires_grad_(False), rows(500, 1.5)
    settings = SampleSettings(samples=3000, bounds=0)
    methods = Methods(ReverseProcess(60), [Quadrature(600)])
    found = sample(Problem(made, train, 6.0), methods, settings, generator(4))
    generated = found.generated
    assert (generated.sampler, generated.kind, generated.beta, generated.mark) == ("reverse", "biased", 1.0, "")
    assert generated.n_eff == len(generated.samples) == 3000 and generated.diagnostics is None
    assert generated.cost == (60 * 3000, 60 * 3000) and generated.reason == ""
    assert found.model.log_z.status == "ok" and not torch.equal(found.model.samples, generated.samples)
    with pytest.raises(UserError, match=r"beta = 2; allowed: 1, because sampler reverse"):
        sample(Problem(made, train, 6.0), methods, SampleSettings(samples=300, bounds=0, beta=2.0), generator(4))


def test_draws_that_are_lost_give_a_reason():
    made = gaussian(-1e9).requires_grad_(False)
    methods = Methods(ReverseProcess(60), [Quadrature(90)])
    found = sample(Problem(made, gaussian_rows(), 6.0), methods, SampleSettings(samples=50, bounds=0), generator(4))
    assert "50 of 50 draws of reverse are not finite" in found.generated.reason
    assert found.generated.n_eff == 0


@pytest.mark.parametrize("sigmas", [None, falling(1.0, 1.0, 1)], ids=["no levels", "one"])
def test_a_model_without_levels_is_refused_in_one_line(sigmas):
    base = standard_normal(2)
    made = base if sigmas is None else TiltedAtLevels(base, Gaussian(base, 1.0), sigmas, NoStatistic(), gaussian_rows())
    with pytest.raises(UserError, match="allowed: family ebm_noise with 2 levels or more") as caught:
        ReverseProcess().draw(made, gaussian_rows(), 5, generator())
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="steps = 0; allowed: 1 or more"):
        ReverseProcess(steps=0)
