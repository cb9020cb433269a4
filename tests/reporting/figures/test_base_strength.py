from __future__ import annotations

import math

import pandas as pd
import pytest

from ebmbench.core.cells import Cell, Job
from ebmbench.core.columns import SCORES
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.core.files import write_csv, write_json
from ebmbench.reporting.figures import base_strength as module
from ebmbench.reporting.figures.base_strength import APART, SERIES
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.workflow.stages.figures import draw

#: the 97.5 % point of Student's t with 2 degrees of freedom
T2 = 0.95 * math.sqrt(2 / (4 * 0.975 * 0.025))

#: NLL of each family on seed 0; a seed adds as much to all
LEVELS = {"gaussian": 15.0, "nvp": 12.0, "on_gaussian": 13.0, "on_nvp": 11.5, "with_nvp": 12.1, "nvp_wide": 11.8}

SETTINGS = {
    "bases": ["gaussian", "nvp"],
    "labels": ["Gaussian", "five couplings"],
    "frozen": ["on_gaussian", "on_nvp"],
    "joint": ["", "with_nvp"],
    "wider": ["", "nvp_wide"],
}


def value(family: str, seed: int) -> float:
    """The seeds differ by nats, gains by a tenth of a nat a seed."""
    alone = family in ("gaussian", "nvp")
    return LEVELS[family] + 3.0 * seed + (0 if alone else 0.1 * seed)


@pytest.fixture
def files(tmp_path):
    cells = [
        Cell(data, family, "kale_f" if "_" in family else "ml", "none")
        for data in ("wine", "moons")
        for family in LEVELS
    ]
    rows, runs = [], []
    for cell in cells:
        for seed in range(3):
            row = {
                **cell._asdict(),
                "seed": seed,
                "split": "test",
                "metric": "nll",
                "distribution": "model",
                "log_z_stderr": 0.0,
            }
            broken = (cell.dataset, cell.family, seed) == ("moons", "with_nvp", 1)
            row |= {"status": "failed"} if broken else {"status": "ok", "value": value(cell.family, seed)}
            rows.append(row | {"run": cell.run(seed), "beta": 1.0})
            runs.append({**cell._asdict(), "seed": seed, "status": "ok", "train.parameters": 7})
        write_json(Job(cell, "0-2").folder(tmp_path) / "run.json", {"cell": cell._asdict()})
    write_csv(tmp_path / "scores.csv", pd.DataFrame(rows).reindex(columns=list(SCORES)))
    write_csv(tmp_path / "runs.csv", pd.DataFrame(runs))
    data = [tmp_path / "data" / f"{name}.json" for name in ("wine", "moons")]
    for path in data:
        write_json(path, {"dataset": path.stem})
    return Inputs([Job(cell, "0-2").folder(tmp_path) for cell in cells], data, tmp_path)


@pytest.fixture
def figure_of(files, saved_figures, tmp_path):
    def of(**settings):
        figures = saved_figures(module)
        draw("base_strength", SETTINGS | settings, files, tmp_path / "strength")
        return figures[0]

    return of


def line_of(axes, series: str):
    """The markers of a series, and the ends of its whiskers."""
    bars = [bar for bar in axes.containers if bar.lines[0].get_marker() == SERIES[series].look.marker]
    if not bars:
        return None
    (bar,) = bars
    return bar.lines[0], [sorted(segment[:, 1]) for segment in bar.lines[2][0].get_segments()]


def test_above_are_means_with_standard_errors_below_gains_with_intervals(figure_of):
    wine, _, below, _ = figure_of().axes
    markers, whiskers = line_of(wine, "frozen")
    # values 13, 16.1, 19.2
    assert markers.get_ydata() == pytest.approx([16.1, 14.6])
    assert whiskers[0] == pytest.approx([16.1 - 3.1 / math.sqrt(3), 16.1 + 3.1 / math.sqrt(3)])
    markers, whiskers = line_of(below, "frozen")
    # 2, 1.9, 1.8 and .5, .4, .3: what the seeds share is gone
    half = T2 * 0.1 / math.sqrt(3)
    assert markers.get_ydata() == pytest.approx([1.9, 0.4])
    assert whiskers[1] == pytest.approx([0.4 - half, 0.4 + half])
    assert line_of(below, "joint")[0].get_ydata() == pytest.approx([-0.2])
    assert line_of(below, "base") is None
    assert [list(line.get_ydata()) for line in below.lines if len(set(line.get_ydata())) == 1][-1] == [0, 0]


def test_bases_stand_in_the_configured_order_and_series_side_by_side(figure_of):
    figure = figure_of()
    wine, moons, below, _ = figure.axes
    assert [text.get_text() for text in below.get_xticklabels()] == ["Gaussian", "five\ncouplings"]
    assert list(below.get_xticks()) == [0, 1]
    assert line_of(wine, "base")[0].get_xdata() == pytest.approx([-1.5 * APART, 1 - 1.5 * APART])
    assert line_of(wine, "wider")[0].get_xdata() == pytest.approx([1 + 1.5 * APART])
    assert (wine.get_title(), moons.get_title()) == ("wine", "moons\nno result: with_nvp · kale_f (1)")
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [series.label for series in SERIES.values()]
    turned = figure_of(bases=["nvp", "gaussian"], labels=[], frozen=["on_nvp", "on_gaussian"], joint=[], wider=[])
    assert [text.get_text() for text in turned.axes[2].get_xticklabels()] == ["nvp", "gaussian"]
    assert line_of(turned.axes[0], "base")[0].get_ydata() == pytest.approx([15.0, 18.0])
    assert len(turned.legends[0].get_texts()) == 2


def test_series_differ_without_colour():
    looks = [series.look for series in SERIES.values()]
    assert len({look.marker for look in looks}) == len({look.colour for look in looks}) == len(looks)


def test_axes_say_what_they_show(figure_of):
    upper, _, lower, _ = figure_of(title="Strength").axes
    assert all(word in upper.get_ylabel() for word in ("NLL (nats)", "lower is better", "standard error"))
    assert all(word in lower.get_ylabel() for word in ("gain", "(nats)", "higher is better", "95 %"))


def test_the_csv_holds_every_number(files, tmp_path):
    draw("base_strength", SETTINGS, files, tmp_path / "strength")
    assert (tmp_path / "strength.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "strength.png").read_bytes().startswith(b"\x89PNG")
    table = read_typed(tmp_path / "strength.csv")
    assert len(table) == 2 * 6 and set(table["parameters"]) == {7}
    joint = table[(table["dataset"] == "moons") & (table["series"] == "joint")].iloc[0]
    assert (joint["seeds"], joint["failed"], joint["pairs"], joint["failures"]) == (2, 1, 2, "1 failed")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"bases": []}, "figure base_strength: labels has length 2, bases 0; allowed"),
        ({"wider": ["nvp_wide"]}, "figure base_strength: wider has length 1, bases 2; allowed: the same, or 0"),
        ({"bases": ["nvp", "nvp"]}, "figure base_strength: bases contains an empty or a duplicate name"),
        ({"frozen": ["on_gaussian", "off"]}, "gains: frozen = 'off' is no method that is shown; allowed: gaussian-ml"),
        ({key: [] for key in SETTINGS}, "figure base_strength: bases is empty; allowed"),
    ],
)
def test_settings_that_do_not_fit_are_one_line(figure_of, settings, expected):
    with pytest.raises(UserError) as caught:
        figure_of(**settings)
    assert str(caught.value).startswith(expected) and "\n" not in str(caught.value)
