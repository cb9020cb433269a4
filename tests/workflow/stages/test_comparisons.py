"""Comparisons as files: the tables, their pages, and captions that name what was compared with what."""

from __future__ import annotations

import pandas as pd
import pytest

from ebmbench.core.cells import Cell
from ebmbench.core.columns import SCORES
from ebmbench.planning.comparisons import GAP, PAIRS
from ebmbench.planning.config import Grid
from ebmbench.workflow.stages.comparisons import PAGES, write_comparison

BASE, REFINED = Cell("wine", "nvp", "ml", "none"), Cell("wine", "on", "kale_f", "none")
STRONG = Cell("wine", "spline", "ml", "none")
GRID = Grid([], {BASE: {}, REFINED: {}, STRONG: {}}, [], {}, {REFINED: BASE}, {}, {})
NLL = {BASE: (14.0, 14.6, 14.2), REFINED: (12.1, 12.5, 12.4), STRONG: (12.0, 12.2, 12.1)}


@pytest.fixture
def tables(tmp_path):
    reported = {"split": "test", "metric": "nll", "distribution": "model", "status": "ok"}
    runs = [
        {**cell._asdict(), "seed": seed, "run": cell.run(seed), "status": "ok", "value": value, "train.kept_step": 7}
        for cell, values in NLL.items()
        for seed, value in enumerate(values)
    ]
    scores = pd.DataFrame([row | reported for row in runs]).reindex(columns=list(SCORES))
    scores.to_csv(tmp_path / "scores.csv", index=False)
    pd.DataFrame(runs).drop(columns="value").to_csv(tmp_path / "runs.csv", index=False)
    return tmp_path


def test_every_comparison_has_a_page():
    assert set(PAGES) == {*PAIRS, GAP}


def test_the_base_and_the_strong_model_are_reported(tables):
    for name in ("over_base", GAP):
        write_comparison(name, GRID, {"gap_to": "spline-ml-none"}, tables)
    assert pd.read_csv(tables / "over_base.csv")["gain"].tolist() == pytest.approx([(1.9 + 2.1 + 1.8) / 3])
    found = pd.read_csv(tables / "gap_closed.csv")
    assert found["fraction_closed"].tolist() == pytest.approx([5.8 / 6.5])
    page = (tables / "gap_closed.md").read_text()
    assert "the strong model, spline-ml-none," in page and "| wine       | on · kale_f |" in page


def test_a_table_without_pairs_is_empty_and_says_so(tables):
    write_comparison("effects", GRID, {"gap_to": None}, tables)
    assert (tables / "effects.md").read_text().rstrip().endswith("None.")
