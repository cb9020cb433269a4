"""The picture of data sets and methods: cells by hand, those of the committed runs, and clicks to the tables."""

import json
import math
import re
from collections import Counter

import pandas as pd
import pytest

from ebmbench.core.columns import MODEL
from ebmbench.planning.reference_runs import grids
from ebmbench.reporting.comparison.columns import Column
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.site.overview import FACTORS, cells, overview
from tests.helpers.browser import browser
from tests.helpers.paths import ROOT
from tests.helpers.reference_tables import RUNGS, TOP

RESULTS = ROOT / "results"
KL, NLL = Column("kl", "exact", MODEL), Column("nll", "test", MODEL)
COLUMNS = ["family", "loss", "stats", "metric", "split", "distribution", "mean", "seeds", "failed"]


def of(column, rows):
    """Summary rows of {loss: (mean, seeds, failed)}."""
    found = [("ebm", loss, "none", *column, *values) for loss, values in rows.items()]
    return pd.DataFrame(found, columns=COLUMNS)


def by_loss(column, rows, tied=()):
    found = cells(of(column, rows), column, {("ebm", loss, "none") for loss in tied})
    return {name[1]: cell for name, cell in found.items()}


def test_distances_are_log_ratios_of_kl_and_differences_of_nats():
    found = by_loss(KL, {"a": (0.02, 3, 0), "b": (0.022, 3, 0), "c": (0.2, 3, 0), "d": (2.0, 3, 0)}, "ab")
    assert [found[loss].best for loss in "abcd"] == [True, False, False, False]
    assert [found[loss].tied for loss in "abcd"] == [True, True, False, False]
    assert found["c"].distance == pytest.approx(math.log(10))
    assert [found[loss].colour for loss in "abcd"] == [0, 0, 3, len(FACTORS)]
    found = by_loss(NLL, {"a": (-2.0, 3, 0), "b": (-1.8, 3, 0), "c": (9.0, 3, 0)})
    assert found["b"].distance == pytest.approx(0.2)
    assert [found[loss].colour for loss in "abc"] == [0, 1, 4]


def test_failing_makes_no_method_the_best():
    """By its mean alone, without its failed run, b would be the best."""
    found = by_loss(KL, {"a": (0.2, 3, 0), "b": (0.1, 2, 1), "c": (math.nan, 0, 3)})
    assert [found[loss].best for loss in "abc"] == [True, False, False]
    assert found["b"].distance == pytest.approx(-math.log(2))
    assert (found["b"].failed, found["b"].runs) == (1, 3)
    assert found["c"] == (None, None, None, 3, 3, False, False)


def test_where_all_methods_fail_there_is_no_best():
    found = by_loss(KL, {"a": (math.nan, 0, 3), "b": (math.nan, 0, 3)})
    assert not any(cell.best for cell in found.values())


@pytest.fixture(scope="module")
def pictures():
    return overview(RESULTS)


def test_every_committed_run_has_its_picture_and_the_widest_comparison_comes_first(pictures):
    assert {one["grid"] for one in pictures} == set(grids(RESULTS / "reference"))
    assert pictures[0]["grid"] in RUNGS


def test_every_trained_method_of_the_committed_runs_is_in_it_with_its_failures(pictures):
    for one in pictures:
        summary = pd.read_csv(RESULTS / f"reference/{one['grid']}/summary.csv", keep_default_na=False, na_values=[""])
        wanted = Counter()
        for dataset in one["datasets"]:
            keys = {"dataset": dataset["name"], **{key: dataset[key] for key in ("metric", "split", "distribution")}}
            rows = summary[(summary[list(keys)] == pd.Series(keys)).all(axis="columns") & (summary["loss"] != "none")]
            wanted.update(
                {
                    (dataset["name"], method_label(*row[1:4])): row[4]
                    for row in rows[["dataset", "family", "loss", "stats", "failed"]].itertuples(index=False)
                }
            )
        found = Counter()
        for method in one["methods"]:
            for dataset, cell in zip(one["datasets"], method["cells"], strict=True):
                if cell is not None:
                    found[dataset["name"], method["label"]] = cell["failed"]
        assert found == wanted and set(found) == set(wanted), one["grid"]


def test_the_page_carries_the_picture(index, pictures):
    (text,) = re.findall(r'<script id="pictures" type="application/json">(.*?)</script>', index.read_text())
    assert json.loads(text) == json.loads(json.dumps(pictures))


def drawn(opened):
    """(class, text) of every cell, row by row."""
    return opened.run(
        "return [...document.querySelectorAll('#overview tbody tr')]"
        ".map((row) => [...row.querySelectorAll('td')].map((cell) => [cell.className, cell.innerText.trim()]))"
    )


def wanted_cells(one, least=2):
    return [of["cells"] for of in one["methods"] if sum(cell is not None for cell in of["cells"]) >= least]


def check_cell(shown, cell):
    names, text = shown[0].split(), shown[1]
    if cell is None:
        assert names == ["absent"]
        return
    assert (f"colour{cell['colour']}" if cell["colour"] is not None else "none") in names
    assert ("failed" in names) == (f"✗{cell['failed']}" in text) == bool(cell["failed"])
    assert ("best" in text) == cell["best"]
    assert text.startswith("=") == (cell["tied"] and not cell["best"])


@browser
@pytest.mark.parametrize("grid", [TOP, "gebm"])
def test_colours_ties_and_failures_are_drawn(opened, pictures, grid):
    opened.choose("grid", grid, "overview")
    one = next(one for one in pictures if one["grid"] == grid)
    shown, wanted = drawn(opened), wanted_cells(one)
    assert [len(row) for row in shown] == [len(row) for row in wanted]
    for row, cells_of_row in zip(shown, wanted, strict=True):
        for cell, data in zip(row, cells_of_row, strict=True):
            check_cell(cell, data)
    assert not [entry for entry in opened.call("POST", "se/log", {"type": "browser"}) if entry["level"] == "SEVERE"]


@browser
def test_methods_of_one_data_set_are_shown_on_demand(opened, pictures):
    one = next(of for of in pictures if 0 < len(wanted_cells(of)) < len(wanted_cells(of, least=1)))
    opened.choose("grid", one["grid"], "overview")
    assert len(drawn(opened)) == len(wanted_cells(one))
    opened.choose("methods", "(all)", "overview")
    assert len(drawn(opened)) == len(wanted_cells(one, least=1))


@browser
def test_a_click_on_a_cell_opens_its_data_sets_table_and_its_runs(opened, pictures):
    opened.click("#overview tbody tr:nth-child(2) td:nth-of-type(3) button")
    text = opened.wait("const d = document.getElementById('detail'); return d.hidden ? '' : d.innerText")
    method, dataset = pictures[0]["methods"][1], pictures[0]["datasets"][2]
    assert f"{dataset['name']}/{method['family']}-{method['loss']}-{method['stats']}" in text
    assert "ebmbench recompute" in text
    chosen = opened.run(
        "return Object.fromEntries([...document.querySelectorAll('#leaderboard select')].map((s) => [s.name, s.value]))"
    )
    assert (chosen["grid"], chosen["dataset"]) == (pictures[0]["grid"], dataset["name"])
    assert chosen["measure"] == "kl · exact · model"
    assert opened.run("return document.getElementById('overview').hidden")


@browser
def test_a_click_on_a_data_set_opens_its_table(opened, pictures):
    opened.click("#overview thead th:nth-child(3) button")
    name = pictures[0]["datasets"][1]["name"]
    opened.wait("return document.querySelectorAll('#leaderboard tbody tr').length > 0")
    assert opened.run("return document.querySelector('#leaderboard select[name=dataset]').value") == name
    assert opened.run("return document.getElementById('detail').hidden")


@browser
def test_text_can_be_read_on_every_colour(opened):
    """The contrast of text and cell is at least 4.5 (WCAG 2 AA), and each colour is lighter than the one before."""
    rows = opened.run(
        "return [0, 1, 2, 3, 4].map((at) => {"
        " const style = getComputedStyle(document.querySelector(`#overview td.colour${at}:not(.failed)`));"
        " return [style.color, style.backgroundColor]; })"
    )
    lights = [[_luminance(colour) for colour in row] for row in rows]
    assert min((max(row) + 0.05) / (min(row) + 0.05) for row in lights) >= 4.5
    backgrounds = [row[1] for row in lights]
    assert backgrounds == sorted(backgrounds)


def _luminance(colour):
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
