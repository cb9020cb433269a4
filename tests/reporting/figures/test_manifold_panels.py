"""Panels of distributions on a circle from hand-made files: columns, draws, histograms, scores, failures."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import torch

from ebmbench.core.cells import Cell, Job
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_csv, write_json, write_tensors
from ebmbench.reporting.figures import manifold_panels as module
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.manifold_panels import ManifoldPanels
from ebmbench.workflow.stages.figures import draw

TURN, K = 2 * math.pi, 360

GEBM, EBM, DIVERGED = ("gebm", "kale_f", "none"), ("ebm", "ed", "none"), ("ebm", "cd", "none")


def at(angle, radius=1.0):
    return (radius * torch.stack([angle.cos(), angle.sin()], dim=-1)).float()


def middles(n):
    return TURN * (torch.arange(n, dtype=torch.float64) + 0.5) / n


def write_data(root, name, on_curve=True):
    path = root / "data" / name / "seeds0-1.safetensors"
    tensors = {f"0/{split}": at(middles(200)) for split in ("train", "val", "test")}
    if on_curve:
        edges = TURN * torch.arange(K + 1, dtype=torch.float64) / K
        mass = ((edges + 0.5 * edges.sin()) / TURN).diff()
        tensors |= {"manifold/points": at(middles(K)).double(), "manifold/mass": mass}
    write_tensors(path, tensors)
    write_json(path.with_suffix(".json"), {"dataset": name, "dim": 2, "grid": None, "sizes": {"0": [200] * 3}})
    return path.with_suffix(".json")


def write_run(root, dataset, method):
    """Seed 0 of ``gebm`` has no draws of its own distribution, its base is on half the circle; ``ebm`` is beside it."""
    cell = Cell(dataset, *method)
    folder = Job(cell, "0-1").folder(root)
    ok = {"status": "ok", "reason": ""}
    trained = {"status": "diverged", "reason": "", "steps": 7} if method == DIVERGED else {**ok, "steps": 9}
    entry = {"likelihood": ok, "samples": {**ok, "kind": "biased"}, "model": ok}
    tensors = {"1/model": at(middles(400)), "0/model": at(middles(400), 1.3), "1/samples": at(middles(2))}
    first = entry
    if method == GEBM:
        entry = entry | {"base": {**ok, "sampler": "exact"}}
        first = entry | {"model": {"status": "failed", "reason": "populations disagree"}}
        tensors |= {"0/base": at(middles(400) / 2)}
    write_json(folder / "run.json", {"cell": cell._asdict(), "runs": {"0": trained, "1": trained}})
    write_json(folder / "sampling.json", {"runs": {"0": first, "1": entry}})
    write_tensors(folder / "samples.safetensors", tensors)
    return folder


def summary():
    head = {"split": "exact", "ci_low": 0.1, "ci_high": 0.3, "mean": 0.2, "seeds": 2}
    rows = [
        {
            **dict(zip(Cell._fields, ("round", *method), strict=True)),
            **head,
            "distribution": distribution,
            "metric": metric,
        }
        for method in (GEBM, EBM)
        for distribution in ("model", "sampler", "base")
        for metric in ("manifold_distance", "manifold_tv", "nll")
    ]
    table = pd.DataFrame(rows)
    reported = (table["distribution"] == "model") & (table["metric"] == "manifold_tv") & (table["family"] == "gebm")
    table.loc[reported, ["mean", "ci_low", "ci_high"]] = 0.04, 0.03, 0.05
    return table


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    root = tmp_path_factory.mktemp("curves")
    files = [write_data(root, "flat", on_curve=False), write_data(root, "round")]
    write_csv(root / "tables" / "summary.csv", summary())
    runs = [write_run(root, "round", method) for method in (EBM, GEBM, DIVERGED)]
    return Inputs([*runs, write_run(root, "flat", EBM)], files, root / "tables", named=True)


@pytest.fixture(scope="module")
def table(inputs, tmp_path_factory):
    stem = tmp_path_factory.mktemp("figure") / "curves"
    draw("manifold_panels", {"title": "curves"}, inputs, stem)
    assert stem.with_name("curves.png").read_bytes().startswith(b"\x89PNG")
    assert stem.with_name("curves.pdf").read_bytes().startswith(b"%PDF")
    shown = read_typed(stem.with_name("curves_draws.csv"))
    assert shown.groupby(["family", "distribution"], dropna=False).size().to_dict() == {
        ("data", "data"): 200,
        ("ebm", "model"): 400,
        ("gebm", "base"): 400,
        ("gebm", "model"): 400,
    }
    return read_typed(stem.with_name("curves.csv"))


def panel(table, family, distribution, loss=None):
    rows = table[(table["family"] == family) & (table["distribution"] == distribution)]
    return rows[rows["loss"] == loss] if loss else rows


def test_the_data_each_method_and_the_base_before_its_first(table):
    names = table[["dataset", "family", "loss", "distribution"]].drop_duplicates().fillna("").agg("-".join, axis=1)
    assert names.tolist() == [
        "round-data--data",
        "round-ebm-ed-model",
        "round-gebm-kale_f-base",
        "round-gebm-kale_f-model",
        "round-ebm-cd-model",
    ]


def test_histograms_are_densities_of_the_nearest_points(table):
    low = table["angle_low"].drop_duplicates().dropna().to_numpy()
    np.testing.assert_allclose(low, TURN * np.arange(20) / 20, atol=1e-8)
    edges = np.append(low, TURN)
    exact = np.diff(edges + 0.5 * np.sin(edges)) / TURN / (TURN / 20)
    np.testing.assert_allclose(panel(table, "gebm", "model")["exact_density"], exact, rtol=1e-6)
    np.testing.assert_allclose(panel(table, "gebm", "model")["density"], 1 / TURN, rtol=1e-6)
    half = panel(table, "gebm", "base")["density"].to_numpy()
    np.testing.assert_allclose(half, np.repeat([2 / TURN, 0], 10), rtol=1e-6)


def test_draws_are_of_the_first_seed_that_has_them(table):
    assert set(panel(table, "gebm", "model")["run"]) == {"round/gebm-kale_f-none/s1"}
    assert set(panel(table, "gebm", "base")["run"]) == {"round/gebm-kale_f-none/s0"}
    assert set(panel(table, "ebm", "model", "ed")["run"]) == {"round/ebm-ed-none/s0"}


def test_scores_are_those_of_the_distribution_and_of_chance(table):
    gebm = panel(table, "gebm", "model").iloc[0]
    assert (gebm["manifold_tv"], gebm["manifold_distance"]) == (0.04, 0.2)
    assert gebm["manifold_tv_half_interval"] == pytest.approx(0.01) and gebm["manifold_tv_seeds"] == 2
    assert panel(table, "gebm", "base").iloc[0]["manifold_tv"] == 0.2
    data = panel(table, "data", "data").iloc[0]
    # its rows are uniform here; 100 of the 200 are compared, whose chance adds to that
    assert 0.5 / math.pi < data["manifold_tv"] < 0.5 / math.pi + 0.05
    assert data["manifold_distance"] < 1e-4


def test_what_diverged_says_so_and_shows_nothing(table):
    lost = panel(table, "ebm", "model", "cd")
    assert lost["note"].tolist() == ["2 diverged\nat step 7"]
    assert lost[["density", "manifold_tv", "run"]].isna().all(axis=None)


def test_a_run_without_draws_of_its_own_distribution_says_so(inputs, table, tmp_path):
    gone = write_run(tmp_path, "round", GEBM)
    reported = {"status": "failed", "reason": "", "sampler": "SMC"}
    sampled = {seed: {"samples": {"status": "ok"}, "model": reported} for seed in ("0", "1")}
    write_json(gone / "sampling.json", {"runs": sampled})
    ManifoldPanels()(inputs._replace(run_dirs=[gone]), tmp_path / "curves")
    assert panel(read_typed(tmp_path / "curves.csv"), "gebm", "model")["note"].tolist() == ["2 without samples"]


def test_many_methods_take_more_lines(inputs, monkeypatch, saved_figures, tmp_path):
    monkeypatch.setattr(module, "ACROSS", 3)
    figures = saved_figures(module)
    ManifoldPanels()(inputs, tmp_path / "curves")
    shown = [axes for axes in figures[0].axes if axes.axison]
    assert len(figures[0].axes) == 4 * 3 and len(shown) == 2 * 5
    assert [axes.get_title() for axes in shown[::1] if axes.get_title()] == [
        "data",
        "ebm\ned",
        "gebm\nbase alone",
        "gebm\nkale_f",
        "ebm\ncd",
    ]
    texts = [text.get_text() for axes in shown for text in axes.texts]
    assert "TV 0.040 ± 0.010" in texts and "2 diverged\nat step 7" in texts
