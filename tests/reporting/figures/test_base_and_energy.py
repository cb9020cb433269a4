"""One score of the base alone, the model's distribution and the sampler's, from hand-made tables."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ebmbench.core.cells import Cell
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.core.files import write_csv, write_json
from ebmbench.reporting.figures import base_and_energy as module
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.style import GREY, look
from ebmbench.workflow.stages.figures import draw

LEBM, VAE, LOST, ORACLE = (
    ("lebm", "ed", "none"),
    ("vae", "elbo", "none"),
    ("lebm", "cd", "none"),
    ("oracle", "none", "none"),
)
METHODS = (LEBM, VAE, LOST, ORACLE)
DISTRIBUTIONS = ("model", "sampler", "base")

#: by method and distribution; a distribution that a method lacks has no row
MEANS = {
    (LEBM, "base"): 8.0,
    (LEBM, "model"): 6.0,
    (LEBM, "sampler"): 3.0,
    (VAE, "model"): 5.0,
    (VAE, "sampler"): 5.0,
    (LOST, "model"): math.nan,
    (LOST, "sampler"): math.nan,
    (ORACLE, "model"): 0.7,
}


def rows(dataset):
    for (method, distribution), mean in MEANS.items():
        ok = not math.isnan(mean)
        head = {
            **dict(zip(Cell._fields, (dataset, *method), strict=True)),
            "distribution": distribution,
            "split": "test",
        }
        reported = {
            "seeds": 3 if ok else 0,
            "failed": 0 if ok else 3,
            "failures": "" if ok else "3 diverged",
            "marks": "",
        }
        for metric, factor in (("fd_cnn", 1.0), ("kid_cnn", 0.1), ("floor_cnn", 0.05)):
            value = factor * mean
            yield head | reported | {"metric": metric, "mean": value, "ci_low": 0.9 * value, "ci_high": 1.1 * value}


@pytest.fixture
def inputs(tmp_path):
    files, runs = [], []
    for dataset in ("digits", "letters"):
        files.append(tmp_path / "data" / dataset / "seeds0-2.json")
        write_json(files[-1], {"dataset": dataset})
        for method in METHODS:
            cell = Cell(dataset, *method)
            runs.append(tmp_path / "runs" / dataset / cell.method)
            write_json(runs[-1] / "run.json", {"cell": cell._asdict()})
    table = pd.DataFrame([row for dataset in ("digits", "letters") for row in rows(dataset)])
    write_csv(tmp_path / "tables" / "summary.csv", table)
    return Inputs(runs, files, tmp_path / "tables")


@pytest.fixture
def axes_of(inputs, saved_figures, tmp_path):
    def of(**settings):
        figures = saved_figures(module)
        draw("base_and_energy", settings, inputs, tmp_path / "base")
        return figures[0].axes

    return of


def test_methods_with_a_base_and_all_their_distributions_are_in_the_table(inputs, tmp_path):
    draw("base_and_energy", {}, inputs, tmp_path / "base")
    assert (tmp_path / "base.pdf").read_bytes().startswith(b"%PDF")
    found = read_typed(tmp_path / "base.csv")
    reported = found[found["dataset"] == "digits"].set_index(["loss", "distribution"])
    assert set(reported.index) == {
        *(("ed", distribution) for distribution in DISTRIBUTIONS),
        ("cd", "model"),
        ("cd", "sampler"),
    }
    assert reported.loc[("ed", "base"), "mean"] == 8.0 and reported.loc[("ed", "sampler"), "ci_high"] == pytest.approx(
        3.3
    )
    assert set(found["metric"]) == {"fd_cnn"} and set(found["dataset"]) == {"digits", "letters"}


def test_the_line_is_the_floor_of_a_frechet_distance_and_the_oracle_of_others(inputs, tmp_path):
    # the floor depends on the number of draws: that of the methods shown
    floor = 0.05 * (6.0 + 3.0 + 8.0) / 3
    for metric, expected in (("fd_cnn", floor), ("kid_cnn", 0.07)):
        draw("base_and_energy", {"metric": metric}, inputs, tmp_path / "base")
        assert read_typed(tmp_path / "base.csv")["floor"].to_numpy() == pytest.approx(expected)


def test_markers_are_the_distributions_of_a_row_in_the_methods_look(axes_of):
    axes = axes_of(title="Bases")[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["lebm · cd", "lebm · ed"]
    points = {
        line.get_marker() + ("" if line.get_markerfacecolor() != "white" else " open"): line.get_xdata()[0]
        for line in axes.lines
        if line.get_marker() not in ("None", "|")
    }
    own = look(*LEBM).marker
    assert points == {"x": 8.0, own: 6.0, f"{own} open": 3.0}
    colours = {line.get_marker(): line.get_color() for line in axes.lines}
    assert colours["x"] == GREY and colours[own] == look(*LEBM).colour
    assert [text.get_text() for text in axes.texts] == ["3 diverged"]
    assert axes.get_xscale() == "log" and axes.figure.get_suptitle() == "Bases"
    assert "fd_cnn on the test samples, lower is better" in axes.figure.get_supxlabel()


def test_a_narrow_range_begins_at_nought(axes_of, monkeypatch):
    monkeypatch.setattr(module, "WIDE", 1000.0)
    axes = axes_of()[0]
    assert axes.get_xscale() == "linear" and axes.get_xlim()[0] == 0 and axes.get_xlim()[1] > 8.8


def test_what_cannot_be_drawn_is_one_line(inputs, tmp_path):
    for settings, message in (
        ({"metric": "fid"}, "no base is scored by metric = 'fid'; allowed: fd_cnn, floor_cnn, kid_cnn"),
        ({"metric": "beauty"}, "metric 'beauty' is unknown; allowed: kl"),
        ({"split": "val"}, "figure base_and_energy: split = 'val' of fd_cnn; allowed: train, test"),
    ):
        with pytest.raises(UserError, match=message):
            draw("base_and_energy", settings, inputs, tmp_path / "base")
