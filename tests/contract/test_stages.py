"""Every family goes through training, sampling and scoring, from file to file."""

import pandas as pd
import pytest

from ebmbench.core import plugins
from ebmbench.core.cells import Cell
from ebmbench.models.statistics.means import Means
from ebmbench.models.statistics.moments import Moments
from ebmbench.workflow.stages import dataset, sample, score, train
from tests.helpers.contract_models import FAMILIES, OF_IMAGES, ON_CURVE, SMALL

SIZES = {"train": 200, "val": 60, "test": 60}

#: the loss that a family is trained by: those with a base by KALE, others by maximum likelihood where none is named
LOSSES = {"oracle": "none", "base": "none", "noise": "none", "ebm": "ed", "ebm_noise": "dsm_levels"}
LOSSES |= {"lebm": "ed", "vae": "elbo"}
LOSSES |= dict.fromkeys(["gebm_flow", "gebm_combined", "gebm_gan", "gebm_images", "gebm_curve"], "kale_f")

PLAN = {
    "sample": {"samples": 200, "chains": 20, "warmup": 5, "thin": 1, "bounds": 0},
    "sampler": {"mala": {}},
    "likelihood": {"quadrature": {"grid": 60}, "smc": {"particles": 32, "temperatures": 5, "refresh": 2}},
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Files of data, by data set."""
    found = {}
    for name in ("ring8_unequal", "closed_curve"):
        folder = tmp_path_factory.mktemp(name)
        dataset.write_dataset(plugins.load("dataset", name, **SIZES), name, range(1), folder, "0-0", grid_n=60)
        found[name] = folder / "seeds0-0.safetensors"
    folder = tmp_path_factory.mktemp("digit_images")
    dataset.write_dataset(plugins.load("dataset", "digit_images", rows=200), "digit_images", range(1), folder, "0-0")
    return found | {"digit_images": folder / "seeds0-0.safetensors"}


def trained(cell, rows, out, base=None):
    settings = {
        "dataset": {"rows": 200} if cell.dataset == "digit_images" else SIZES,
        "family": SMALL.get(cell.family, {}),
        "loss": {},
    }
    settings |= {"stats": {}, "statistics": {"moments": {}} if cell.stats != "none" else {}}
    settings |= {"train": {"steps": 4, "checkpoints": 2}}
    train.train_seeds(cell, "0-0", settings, rows[cell.dataset], "cpu", "digest", out, train.TrainingInputs(base=base))
    return out


@pytest.fixture(scope="module")
def base(rows, tmp_path_factory):
    """A trained flow, for what builds on one."""
    return trained(Cell("ring8_unequal", "nvp", "ml", "none"), rows, tmp_path_factory.mktemp("base"))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_trained_sampled_and_scored(family, rows, base, tmp_path):
    place = "closed_curve" if family in ON_CURVE else "digit_images" if family in OF_IMAGES else "ring8_unequal"
    stats = "joint" if family == "expfam" else "none"
    cell = Cell(place, family, LOSSES.get(family, "ml"), stats)
    out = trained(cell, rows, tmp_path, base if "base" in plugins.fields("family", family) else None)
    sample.write_samples(out, sample.Plan.of(PLAN), rows[place], "cpu")
    # of 64 pixels there are more than two thousand moments
    score.write_scores(out, rows[place], {"means": Means()} if family in OF_IMAGES else {"moments": Moments()})
    scores = pd.read_csv(out / "scores.csv", keep_default_na=False)
    # few particles may not suffice for a likelihood; draws there are always
    reported = scores[scores["metric"] == "energy_distance"]
    assert len(reported) and set(reported["status"]) == {"ok"} and not reported["value"].eq("").any()
    assert set(scores["status"]) <= {"ok", "failed", "skipped"}
    assert (scores["reason"].eq("") == scores["status"].eq("ok")).all()
