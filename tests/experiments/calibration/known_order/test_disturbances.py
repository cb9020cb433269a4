"""Disturbed densities: exact KL, normalised densities, samples of the same density; and trainings of known KL."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import MultivariateNormal, kl_divergence

from ebmbench.core.errors import UserError
from ebmbench.core.midpoints import midpoints
from ebmbench.evaluation.external_samples.archive import ExternalSamples
from ebmbench.experiments.calibration.known_order.problems import PROBLEMS, problem
from ebmbench.experiments.calibration.known_order.strengths import strength
from ebmbench.experiments.calibration.known_order.study import FACTORS, KnownOrderStudy
from ebmbench.experiments.calibration.known_order.trainings import FAILED, given, training
from tests.helpers.targets import generator

#: one problem for each kind of disturbance in the plane
PLANE = ("ring8_weights", "gaussians8_scaled", "ring8_shifted", "checkerboard_broad")

KL = 0.1


@pytest.fixture(scope="module")
def problems():
    return {name: problem(name, 50) for name in (*PLANE, "normal8_shifted")}


def integrated(of, s, box=20.0, n=600):
    """Mass of q and KL(p || q) by a midpoint sum of its own, wide enough for the broad normal."""
    x, area = midpoints(box, n).double(), (2 * box / n) ** 2
    log_p, log_q = of.dataset.log_prob(x), of.log_prob(x, s)
    p = log_p.exp()
    kl = float((p * (log_p - log_q))[p > 0].sum() * area)
    return float(log_q.exp().sum() * area), kl


@pytest.mark.parametrize("name", PLANE)
def test_a_disturbed_density_is_normalised_and_has_the_kl_asked_for(problems, name):
    of = problems[name]
    mass, kl = integrated(of, strength(of, KL))
    assert mass == pytest.approx(1, abs=2e-4) and kl == pytest.approx(KL, rel=2e-3)
    # the check tells a strength that is a tenth too large
    assert integrated(of, 1.1 * strength(of, KL))[1] > 1.05 * KL


def test_the_kl_of_a_shifted_normal_is_that_of_torch(problems):
    of = problems["normal8_shifted"]
    own, s = of.dataset.normal, strength(of, KL)
    shifted = own.mean + s / math.sqrt(8)
    p, q = (MultivariateNormal(mean, scale_tril=own.cholesky) for mean in (own.mean, shifted))
    assert float(kl_divergence(p, q)) == pytest.approx(KL, rel=1e-4)
    x = of.dataset.sample(10, generator()).double()
    torch.testing.assert_close(of.log_prob(x, s), q.log_prob(x))


@pytest.mark.parametrize("name", [*PLANE, "normal8_shifted"])
def test_samples_are_of_the_density(problems, name):
    """E_q[p / q] is the mass of p where q > 0, so 1; samples of another strength have another mean."""
    of, n = problems[name], 20_000
    s = strength(of, KL)

    def z(drawn):
        x = of.sample(n, drawn, generator())
        ratio = (of.dataset.log_prob(x) - of.log_prob(x, s)).exp()
        return float((ratio.mean() - 1) / ratio.std()) * math.sqrt(n)

    assert abs(z(s)) < 4
    # of p itself the mean is 1 + chi^2, at least exp(KL)
    assert z(0.0) > 5


def test_a_kl_out_of_reach_and_an_unknown_problem_are_refused(problems):
    with pytest.raises(ValueError, match="KL = 9 nats; allowed for this disturbance"):
        strength(problems["checkerboard_broad"], 9.0)
    with pytest.raises(UserError, match="'rings' is unknown; allowed: gaussians8_broad"):
        problem("rings", 50)


def test_trainings_have_the_log_normal_kl_and_the_failures_of_their_method(problems):
    of, study = problems["normal8_shifted"], KnownOrderStudy()
    methods = {method.name: method for method in study.methods()}
    assert [methods[f"x{factor:g}".replace(".", "_")].factor for factor in FACTORS] == list(FACTORS)
    for name, factor in (("best", 1.0), ("equal", 1.0), ("x10", 10.0), ("fails", 1.0)):
        drawn = [training(of, "normal8_shifted", methods[name], seed, study) for seed in range(300)]
        deviates = (np.log([one.kl for one in drawn]) - math.log(study.kl * factor)) / study.spread
        assert abs(deviates.mean()) * math.sqrt(300) < 4 and deviates.std() == pytest.approx(1, abs=0.16)
        assert all(of.kl(one.strength) == pytest.approx(one.kl, rel=1e-4) for one in drawn[:20])
        failed = sum(one.fails for one in drawn)
        assert failed == 0 if name != "fails" else 30 < failed < 90


def test_a_training_gives_samples_and_densities_or_its_failure(problems):
    of, study = problems["normal8_shifted"], KnownOrderStudy()
    drawn = training(of, "normal8_shifted", study.methods()[0], 0, study)
    x = of.dataset.sample(7, generator())
    found = given(of, drawn, {"test": x}, 5)
    assert isinstance(found, ExternalSamples) and found.samples.shape == (5, 8) and found.log_prob["test"].shape == (7,)
    assert given(of, drawn, {"test": x}, 0).samples.shape == (0, 8)
    assert given(of, drawn._replace(fails=True), {"test": x}, 5) == FAILED


def test_enough_problems_have_an_exact_kl_for_ranks():
    from ebmbench.reporting.comparison.rank_blocks import LEAST

    assert sum(PROBLEMS[name]().dataset.dim == 2 for name in PROBLEMS) >= LEAST
