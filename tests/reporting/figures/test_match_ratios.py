"""Mismatch over its floor, a marker an arm: which cells are shown, and where."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from ebmbench.core.cells import Cell
from ebmbench.core.files import write_csv, write_json
from ebmbench.reporting.figures import match_ratios as module
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.match_ratios import MatchRatios
from ebmbench.reporting.figures.matching_styles import METHOD_LOOKS

#: arm's entry, its settings, and the mismatch by seed, of a floor of .1
ENTRIES = {
    ("ebm", "none"): ({}, [0.3, 0.3]),
    ("ebm", "s1"): ({"kind": "joint", "set": "s1"}, [0.1, 0.4]),
    ("ebm", "s1_after"): ({"kind": "posthoc", "set": "s1"}, [0.05, 0.05]),
    ("expfam", "s1"): ({"kind": "joint", "set": "s1"}, [0.07, 0.07]),
    ("ebm", "s2"): ({"kind": "joint", "set": "s2"}, [0.9, 0.9]),
}


@pytest.fixture
def inputs(tmp_path):
    return made(tmp_path)


def made(tmp_path, names=("ring",), lost=()):
    """Files of the entries on each data set, the second ten times as far off; ``lost``: (data set, stats, seed)."""
    folders, rows = [], []
    for name in names:
        folders += entries(tmp_path, name, rows, 10 ** names.index(name), lost)
    write_csv(tmp_path / "scores.csv", pd.DataFrame(rows))
    for name in names:
        write_json(tmp_path / f"{name}.json", {"dataset": name})
    return Inputs(folders, [tmp_path / f"{name}.json" for name in names], tmp_path, True)


def entries(tmp_path, name, rows, scale, lost):
    folders = []
    for (family, stats), (settings, values) in ENTRIES.items():
        cell = Cell(name, family, "ed", stats)
        folder = tmp_path / name / cell.method
        write_json(folder / "run.json", {"cell": cell._asdict(), "settings": {"stats": settings}})
        folders.append(folder)
        for seed, value in enumerate(values):
            gone = (name, stats, seed) in lost
            for metric, number in (("smooth", value * scale), ("smooth_floor95", 0.1)):
                number = math.nan if gone else number
                head = {**cell._asdict(), "seed": seed, "split": "test", "status": "failed" if gone else "ok"}
                rows += [head | {"metric": f"s1_mismatch_{metric}", "distribution": "model", "value": number}]
                rows += [head | {"metric": f"s1_mismatch_{metric}", "distribution": "sampler", "value": 99.0}]
    return folders


def test_only_the_set_and_what_has_none_are_shown_by_the_models_distribution(inputs, tmp_path):
    MatchRatios(set="s1")(inputs, tmp_path / "figure")
    drawn = pd.read_csv(tmp_path / "figure.csv")
    assert set(drawn["arm"]) == {"none", "joint", "posthoc", "expfam"} and drawn["ratio"].max() == pytest.approx(4)
    assert drawn[drawn["arm"] == "posthoc"]["ratio"].tolist() == pytest.approx([0.5, 0.5])
    assert (tmp_path / "figure.png").stat().st_size > 10_000


def test_a_marker_stands_at_the_geometric_mean_in_its_arms_colour(inputs, tmp_path, saved_figures):
    figures = saved_figures(module)
    MatchRatios(set="s1")(inputs, tmp_path / "figure")
    axes = figures[0].axes[0]
    markers = {to_hex(line.get_color()): line.get_xdata() for line in axes.lines if line.get_linestyle() == "None"}
    assert markers[METHOD_LOOKS["joint"].colour.lower()] == pytest.approx(2.0)
    assert markers[METHOD_LOOKS["expfam"].colour.lower()] == pytest.approx(0.7)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["ed"]


def test_panels_share_an_axis_that_reaches_the_farthest_and_lost_seeds_are_counted(tmp_path, saved_figures):
    figures = saved_figures(module)
    inputs = made(tmp_path, ("far", "near")[::-1], lost=[("near", "s1_after", 1)])
    MatchRatios(set="s1")(inputs, tmp_path / "figure")
    near, far = figures[0].axes[:2]
    assert near.get_xlim() == far.get_xlim() and far.get_xlim()[1] > 40
    assert [text.get_text() for text in near.texts] == ["posthoc: 1 of 2"] and not far.texts


def test_counts_of_two_methods_of_one_loss_do_not_overlap(tmp_path, saved_figures):
    figures = saved_figures(module)
    inputs = made(tmp_path, lost=[("ring", "s1_after", 1), ("ring", "none", 0)])
    MatchRatios(set="s1")(inputs, tmp_path / "figure")
    renderer = figures[0].canvas.get_renderer()
    figures[0].draw(renderer)
    upper, lower = (text.get_window_extent(renderer) for text in figures[0].axes[0].texts)
    assert [text.get_text() for text in figures[0].axes[0].texts] == ["none: 1 of 2", "posthoc: 1 of 2"]
    assert lower.y1 <= upper.y0 and upper.x1 == pytest.approx(lower.x1)
