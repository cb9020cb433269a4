"""The samplers study: verdicts, and answers that theory predicts."""

import math

import pytest
import torch

from ebmbench.core.cost import Cost
from ebmbench.experiments.calibration import gaussians
from ebmbench.experiments.calibration.estimates import CorrelatedMean
from ebmbench.experiments.calibration.questions import QUESTIONS
from ebmbench.experiments.calibration.sampler_study import ASKED, COARSE, GRID, Answer, SamplerStudy, row
from tests.helpers.targets import generator

SMALL = SamplerStudy(chains=100, warmup=200, draws=200, thin=4, particles=128)


def asked(question, sampler):
    return row(question, ASKED[sampler](question, SMALL, generator()))


@pytest.fixture(scope="module")
def gaussian():
    return QUESTIONS["gaussian2"]()


@pytest.fixture(scope="module")
def latent():
    return QUESTIONS["latent2"]()


def test_right_is_within_three_errors(gaussian):
    answers = [Answer(CorrelatedMean(value, 0.1), "exact", Cost(10, 0), ess=5.0) for value in (1.29, 1.31, 0.69)]
    found = [row(gaussian, answer) for answer in answers]
    assert [one["verdict"] for one in found] == ["right", "off by +0.31", "off by -0.31"]
    assert found[1]["z"] == pytest.approx(3.1)
    assert found[0]["ess_per_evaluation"] == 0.5


def test_without_an_error_to_compare_with_an_answer_is_wrong(gaussian):
    found = row(gaussian, Answer(CorrelatedMean(0.0, 0.0), "optimiser", Cost(10, 0)))
    assert (found["z"], found["verdict"]) == (-math.inf, "off by -1")


def test_the_statistic_is_one_on_the_distribution_and_not_beside_it(gaussian):
    distribution = gaussians.distribution(2)
    x = distribution.sample(100_000, generator())
    assert float(gaussian.statistic(x).mean()) == pytest.approx(1, abs=0.015)
    assert float(gaussian.statistic(distribution.mean + 1.1 * (x - distribution.mean)).mean()) == pytest.approx(
        1.21, abs=0.02
    )


@pytest.mark.parametrize("sampler", ["MALA", "RandomWalk", "IndependenceMetropolis", "KineticLangevin", "SMC", GRID])
def test_samplers_without_bias_are_right_on_a_gaussian(gaussian, sampler):
    assert asked(gaussian, sampler)["verdict"] == "right"


def test_coarse_ula_is_wrong_by_what_its_discretisation_says(gaussian):
    precisions = torch.linalg.eigvalsh(gaussians.distribution(2).precision)
    predicted = float((1 / (1 - COARSE * precisions / 4)).mean())
    found = asked(gaussian, "ULA, coarse")
    assert found["verdict"].startswith("off by +")
    assert abs(found["value"] - predicted) < 3.5 * found["stderr"]


def test_descent_is_marked_and_wrong(gaussian):
    found = asked(gaussian, "Descent")
    assert found["mark"] == "optimiser" and found["verdict"].startswith("off")


def test_local_chains_are_found_out_in_latent_space(latent):
    found = asked(latent, "MALA")
    assert found["mark"] == "unconverged" and found["verdict"].startswith("off by -")
    assert found["rhat"] > 1.3


@pytest.mark.parametrize("sampler", ["IndependenceMetropolis", "SMC", GRID])
def test_global_samplers_find_the_weight(latent, sampler):
    found = asked(latent, sampler)
    assert found["verdict"] == "right" and found["stderr"] < 0.03
