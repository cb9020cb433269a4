"""Scores on a data set whose distribution is on a circle, from hand-made contract files."""

import math

import pytest
import torch

from ebmbench.core.errors import UserError
from ebmbench.evaluation.metrics.manifold import ARCS
from tests.helpers.job_folder import ON_SAMPLES, Folder, by_key, of_distribution

K, TURN = 400, 2 * math.pi


def circle(n, radius=2.0):
    angle = TURN * (torch.arange(n, dtype=torch.float64) + 0.5) / n
    return radius * torch.stack([angle.cos(), angle.sin()], dim=-1)


class OnCircle(Folder):
    """A uniform distribution; the model's draws are on the circle, the sampler's on the right half of one around it."""

    def __init__(self, path):
        super().__init__(path, known=False)
        self.data |= {"manifold/points": circle(K), "manifold/mass": torch.full((K,), 1 / K, dtype=torch.float64)}
        self.samples["0/model"] = circle(150).float()
        outer = circle(240, radius=2.5).float()
        self.samples["0/samples"] = outer[outer[:, 0] > 0]


def test_both_distributions_have_their_distance_and_their_error_along_the_curve(tmp_path):
    scores, _ = OnCircle(tmp_path).scored()
    rows = by_key(scores)
    model, sampler = (rows[0, "exact", "manifold_distance", distribution] for distribution in ("model", "sampler"))
    assert model.value == pytest.approx(0, abs=1e-4) and sampler.value == pytest.approx(0.5, abs=1e-4)
    model, sampler = (rows[0, "exact", "manifold_tv", distribution] for distribution in ("model", "sampler"))
    # of 50 samples, as many as there are validation rows: 150 even ones lack errors of the variance 1/50 - 1/150
    chance = ARCS / 2 * math.sqrt(2 / math.pi * 0.05 * 0.95 * (1 / 50 - 1 / 150))
    assert model.value == pytest.approx(chance, rel=0.03) and sampler.value == pytest.approx(0.5, abs=0.02)
    assert (sampler.n, sampler.method, sampler.mark) == (50, "MALA", "unconverged")
    for distribution in ("model", "sampler"):
        assert {"manifold_distance", "manifold_tv"} | ON_SAMPLES <= set(of_distribution(scores, distribution)["metric"])


def test_the_standard_error_is_that_of_the_effective_draws(tmp_path):
    whole, part = OnCircle(tmp_path / "whole"), OnCircle(tmp_path / "part")
    part.sampled["0"]["model"]["n_eff"] = 150 / 4
    few, many = (by_key(folder.scored()[0]) for folder in (part, whole))
    distances = [of[0, "exact", "manifold_distance", "model"] for of in (few, many)]
    assert distances[0].value == distances[1].value
    assert distances[0].stderr == pytest.approx(2 * distances[1].stderr)
    # 37.5 independent samples are fewer than the 50 that are compared
    statuses = [of[0, "exact", "manifold_tv", "model"].status for of in (few, many)]
    assert statuses == ["failed", "ok"]


def test_where_the_data_are_on_no_curve_there_is_no_row(tmp_path):
    assert not Folder(tmp_path).scored()[0]["metric"].str.startswith("manifold").any()


def test_a_run_that_diverged_has_the_rows_without_a_value(tmp_path):
    folder = OnCircle(tmp_path)
    folder.runs["0"] = {"status": "diverged", "reason": "the loss is nan at step 70"}
    rows = folder.scored()[0].set_index(["metric", "distribution"])
    for distribution in ("model", "sampler"):
        assert rows.loc[("manifold_tv", distribution), "status"] == "diverged"
        assert math.isnan(rows.loc[("manifold_tv", distribution), "value"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"manifold/mass": torch.ones(K - 1)}, r"manifold/mass has 399 cells; allowed: a multiple of 20"),
        ({"manifold/mass": torch.ones(K, 1)}, r"manifold/mass has shape \(400, 1\); allowed: \(any\)"),
        ({"manifold/points": circle(K - 20)}, r"manifold/points has shape \(380, 2\); allowed: \(400, 2\)"),
        ({"manifold/points": torch.zeros(K, 3)}, r"manifold/points has shape \(400, 3\); allowed: \(400, 2\)"),
    ],
)
def test_a_curve_that_does_not_fit_is_refused_in_one_line(tmp_path, change, message):
    folder = OnCircle(tmp_path)
    folder.data |= change
    with pytest.raises(UserError, match=message) as raised:
        folder.scored()
    assert "\n" not in str(raised.value)
