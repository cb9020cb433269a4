"""Data sets, evaluation and results by the public functions, and the examples of their docstrings."""

import doctest
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch

import ebmbench
from ebmbench.core.errors import UserError
from ebmbench.core.files import write_csv
from ebmbench.workflow.library.evaluation import check_dataset
from tests.helpers.paths import ROOT
from tests.helpers.reference_tables import TOP

SIZES = {"train": 600, "val": 200, "test": 800}


@pytest.fixture(scope="module")
def ring():
    return ebmbench.load_dataset("ring8_unequal", seed=2, **SIZES)


def test_examples_of_docstrings():
    found = doctest.testmod(ebmbench)
    assert found.attempted >= 8 and found.failed == 0


def test_importing_the_package_imports_no_torch():
    code = "import sys, ebmbench; sys.exit('torch' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_rows_of_a_data_set_are_in_its_own_units():
    digits = ebmbench.load_dataset("digits", seed=0)
    # levels 0 to 16 and noise between 0 and 1
    rows = np.concatenate([digits.train, digits.val, digits.test])
    assert -1e-3 <= rows.min() < 0.1 and 16.9 < rows.max() <= 17 + 1e-3
    whitened = digits.units.to_model(digits.frame("train")).numpy()
    np.testing.assert_allclose(np.cov(whitened.T, bias=True), np.eye(64), atol=1e-3)
    np.testing.assert_allclose(digits.units.to_model(digits.test), digits.splits.test, atol=1e-4)
    assert digits.units.coordinates.log_det == pytest.approx(digits.splits.log_det)


def test_true_samples_and_densities_score_as_such(ring):
    stream = torch.Generator().manual_seed(0)
    drawn = ring.dataset.sample(800, stream).numpy()
    scores = ebmbench.evaluate(drawn, ring, log_prob=lambda x: density(ring, x)).set_index(["metric", "split"])
    assert scores.loc[("kl", "exact"), "value"] == pytest.approx(0, abs=1e-9)
    assert scores.loc[("nll", "test"), "value"] == pytest.approx(-density(ring, ring.test).mean(), abs=1e-5)
    distance = scores.loc[("energy_distance", "test")]
    assert abs(distance["value"]) < 4 * distance["stderr"]
    assert scores.index.is_unique


def density(data, x):
    return data.dataset.log_prob(torch.from_numpy(np.asarray(x))).numpy()


def test_wrong_samples_and_densities_are_seen(ring):
    scores = ebmbench.evaluate(ring.test + 1.0, ring).set_index("metric")
    assert scores.loc["energy_distance", "value"] > 5 * scores.loc["energy_distance", "stderr"]
    with pytest.raises(UserError, match="has a mass of"):
        ebmbench.evaluate(ring.test, ring, log_prob=lambda x: density(ring, x) + 0.1)
    with pytest.raises(UserError, match=r"^evaluate: samples has 5 rows; allowed: 100 or more"):
        ebmbench.evaluate(ring.test[:5], ring)
    with pytest.raises(UserError, match="'nothing' is not a set of statistics"):
        ebmbench.evaluate(ring.test, ring, statistics=["nothing"])


def test_arguments_of_another_kind_are_refused_by_what_to_write(ring):
    with pytest.raises(
        UserError, match=r"log_prob is of type ndarray; pass a function of rows, such as model\.log_prob"
    ):
        ebmbench.evaluate(ring.test, ring, log_prob=density(ring, ring.test))
    with pytest.raises(UserError, match=r"dataset is of type str; pass ebmbench\.load_dataset\('rings'\)"):
        check_dataset("rings")
    with pytest.raises(UserError, match=r"dataset is of type ndarray; pass ebmbench\.load_dataset\(\"moons\"\)"):
        check_dataset(ring.test)
    with pytest.raises(UserError, match=r"no split tset; did you mean test\? allowed: train, val, test"):
        ring.frame("tset")


def test_statistics_are_one_name_or_several(ring):
    one, several = (ebmbench.evaluate(ring.test, ring, statistics=given) for given in ("means", ["means"]))
    pd.testing.assert_frame_equal(one, several)
    with pytest.raises(UserError, match=r"^statistics = \['means'\]; write one name"):
        ebmbench.evaluate(ring.test, ring, statistics=[["means"]])
    with pytest.raises(UserError, match="'none' has no means to match"):
        ebmbench.evaluate(ring.test, ring, statistics="none")


def test_likelihoods_of_a_table_are_in_the_whitened_coordinates_of_the_tables():
    """log q(z) = log q(x) - log |det dz/dx|, here with q(x) = 1."""
    digits = ebmbench.load_dataset("digits", seed=0)
    scores = ebmbench.evaluate(digits.train, digits, log_prob=lambda x: np.zeros(len(x)), statistics=["means"])
    nll = scores[(scores["metric"] == "nll") & (scores["split"] == "test")]["value"].item()
    assert nll == pytest.approx(digits.units.coordinates.log_det, abs=1e-6)


def test_committed_results_are_read_by_their_name(tmp_path, ring):
    found = ebmbench.results(TOP, ROOT / "results/reference")
    assert {"gaussians25", "moons"} <= set(found.summary["dataset"])
    assert len(found.scores) and "train.seconds" in found.runs
    with pytest.raises(UserError, match=r"no table nothing; did you mean tuning\? allowed: controls, cost"):
        found.table("nothing")
    write_csv(tmp_path / "tables/scores.csv", found.scores.head())
    assert len(ebmbench.results(tmp_path).scores) == 5
    with pytest.raises(UserError, match=r"did you mean energy_discrepancy_x"):
        ebmbench.results("energy_discrepncy", ROOT / "results/reference")
    with pytest.raises(UserError, match=r"no committed run in .*; allowed: .*default, energy_discrepancy_"):
        ebmbench.results("nothing", ROOT / "results/reference")


def test_a_name_without_a_rung_is_that_of_the_largest_committed_rung():
    rungs = {int(path.name.rpartition("_x")[2]) for path in (ROOT / "results/reference").glob("energy_discrepancy_x*")}
    found = ebmbench.results("energy_discrepancy", ROOT / "results/reference")
    assert found.folder.name == f"energy_discrepancy_x{max(rungs)}" and len(rungs) > 1
