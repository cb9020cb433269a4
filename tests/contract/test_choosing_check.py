"""The script that tries the choice of a method: its known table, and how it compares likelihoods."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from benchmarks import choosing
from ebmbench.core.files import write_csv

ROOT = Path(__file__).parents[2]


def test_the_known_density_is_that_of_the_draws():
    rows = choosing.mixture(200_000, 3).to_numpy()
    # importance sampling of the integral of the density, by a normal twice as wide as the rows
    scale = 2 * rows.std(0)
    draw = np.random.default_rng(0)
    x = rows.mean(0) + scale * draw.standard_normal((200_000, 4))
    log_normal = (-0.5 * ((x - rows.mean(0)) / scale) ** 2 - np.log(scale) - 0.5 * np.log(2 * np.pi)).sum(1)
    weights = np.exp(choosing.log_density(x) - log_normal)
    assert weights.mean() == pytest.approx(1, abs=4 * weights.std() / np.sqrt(len(weights)))
    # the weighted points have the covariances of the draws
    centred = x - rows.mean(0)
    products = weights[:, None, None] * centred[:, :, None] * centred[:, None, :]
    error = 4 * products.std(0) / np.sqrt(len(x)) + 4 * rows.var(0).max() * np.sqrt(2 / len(rows))
    assert (np.abs(products.mean(0) - np.cov(rows.T)) < error).all() and error.max() < 0.7


def finished(tmp_path, values):
    """A grid's folder with these likelihoods, of seeds in a row, by method."""
    rows = [
        ("mine", *method.split("-"), seed, "nll", "test", "model", value, "ok")
        for method, of in values.items()
        for seed, value in enumerate(of)
    ]
    names = ["dataset", "family", "loss", "stats", "seed", "metric", "split", "distribution", "value", "status"]
    table = pd.DataFrame(rows, columns=names)
    table.loc[table["value"].isna(), "status"] = "failed"
    # other rows do not count
    table = pd.concat([table, table.assign(metric="energy_distance"), table.assign(split="val", value=-99.0)])
    write_csv(tmp_path / "tables/scores.csv", table)
    return choosing.Run.read(tmp_path, "mine")


def test_the_recommendation_is_compared_with_the_best_of_the_full_grid_by_seed(tmp_path):
    chosen = finished(tmp_path / "chosen", {"flow-ml-none": [1.0, 2.0, 3.0], "oracle-none-none": [0.0, 0.0, 0.0]})
    near = {"flow-ml-none": [1.1, 2.1, 3.1], "ebm-ed-none": [0.98, 2.01, 2.98], "kde-ml-none": [0.0, 0.0, np.nan]}
    found = choosing.compared(chosen, "flow-ml-none", finished(tmp_path / "near", near))
    # kde has no likelihood on a seed, the oracle is no method
    assert (found["best"], found["within"]) == ("ebm-ed-none", True)
    assert found["gap"] == pytest.approx(0.01) and found["nll"] == 2
    far = {"ebm-ed-none": [0.5, 1.5, 2.51]}
    found = choosing.compared(chosen, "flow-ml-none", finished(tmp_path / "far", far))
    assert not found["within"] and found["gap_ci_low"] > 0.4


def test_a_table_that_is_tried_again_replaces_its_own_row(tmp_path):
    path = tmp_path / "choosing.csv"
    for name, gap in (("diabetes", 1.0), ("mixture", 2.0), ("diabetes", 3.0)):
        choosing.record(path, {"table": name, "gap": gap})
    found = pd.read_csv(path)
    assert found.to_dict("records") == [{"table": "mixture", "gap": 2.0}, {"table": "diabetes", "gap": 3.0}]


def test_tables_are_as_scikit_learn_has_them():
    assert choosing.TABLES["diabetes"]().shape == (442, 11) and choosing.TABLES["breast_cancer"]().shape == (569, 30)
    assert choosing.TABLES["wine"]().shape == (178, 13) and choosing.TABLES["mixture"]().shape == (choosing.ROWS, 4)


def test_a_finished_choice_is_kept_and_a_stopped_one_starts_again(tmp_path, monkeypatch):
    calls = []

    class Counted(choosing.Choosing):
        def run(self):
            left_over = self._out / "first/tables"
            calls.append(left_over.exists())
            left_over.mkdir(parents=True)
            if len(calls) == 1:
                raise KeyboardInterrupt
            return SimpleNamespace(results=self._out / "first", cell=SimpleNamespace(method="kde-ml-none"), tied=[1, 2])

    monkeypatch.setattr(choosing, "Choosing", Counted)
    with pytest.raises(KeyboardInterrupt):
        choosing.choose("diabetes", 4, tmp_path, ROOT)
    found = [choosing.choose("diabetes", minutes, tmp_path, ROOT) for minutes in (4, 4, 5)]
    # the second is read, other minutes are another choice, and none goes on from another's results
    assert calls == [False, False, False]
    assert [(each.method, each.tied, each.minutes) for each in found] == [("kde-ml-none", 2, m) for m in (4, 4, 5)]
