from __future__ import annotations

import pandas as pd
import pytest

from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.core.files import read_json, write_json
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.sweep import SweepPlace, sweep, text


def test_cells_stand_where_their_recorded_settings_say(swept):
    found = sweep(Inputs(*swept), "ed", ("t", "w"), "M")
    assert found.rows == [(0.0025, 1.0), (1.0, 0.0), (1.0, 50.0)]
    assert found.columns == [(1,), (32,)]
    assert found.datasets == ["ball", "ring"]
    assert found.cells[SweepPlace("ring", (1.0, 0.0), (32,))] == Cell("ring", "ebm", "ed_free_32", "none")
    assert SweepPlace("ball", (1.0, 50.0), (32,)) not in found.cells
    assert len(found.cells) == 10  # score matching is no cell of it
    assert found.row_label((0.0025, 1.0)) == "t = 0.0025\nw = 1" and found.column_label((32,)) == "M = 32"


def test_rows_and_columns_keep_the_order_of_the_cells(swept):
    found = sweep(Inputs(swept.run_dirs[::-1], swept.data_files[::-1], swept.tables), "ed", ("t", "w"), "M")
    assert found.rows == [(1.0, 50.0), (1.0, 0.0), (0.0025, 1.0)]
    assert found.datasets == ["ring", "ball"]
    other = sweep(Inputs(*swept), "ed", "M", ["w", "t"])
    assert other.rows == [(1,), (32,)] and other.columns[0] == (1.0, 0.0025)


def test_settings_stand_beside_their_cells_and_are_missing_for_others(swept):
    found = sweep(Inputs(*swept), "ed", ("t", "w"), "M")
    table = found.settings([["ball", "ebm", "ed_free_1", "none"], ["ball", "data", "", ""]])
    assert list(table) == ["t", "w", "M"]
    assert table.iloc[0].tolist() == [1.0, 0.0, 1]
    assert table.iloc[1].isna().all()
    assert pd.api.types.is_numeric_dtype(table["t"])


def test_numbers_are_short_and_words_are_words():
    assert text(("a", "b"), (1e-3, "wide")) == "a = 0.001, b = wide"


def refused(inputs, *layout) -> str:
    with pytest.raises(UserError) as caught:
        sweep(inputs, *layout)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_cannot_be_laid_out_is_one_line(swept):
    assert "'k' is not a setting of the loss ed in" in refused(Inputs(*swept), "ed", ("t", "k"), "M")
    assert refused(Inputs(*swept), "ed", ("t", "k"), "M").endswith("allowed: M, t, w")
    assert "it shows no cell with the loss 'cd'" in refused(Inputs(*swept), "cd", "k", "step")
    both = refused(Inputs(*swept), "ed", "t", "M")
    assert "ebm-ed_free_1-none and ebm-ed_heavy_1-none on ball both have t = 1, M = 1; allowed: one cell" in both


def test_a_run_without_recorded_settings_is_named(swept, tmp_path):
    content = read_json(swept.run_dirs[0] / "run.json")
    write_json(tmp_path / "run.json", {name: part for name, part in content.items() if name != "settings"})
    message = refused(Inputs([tmp_path], swept.data_files, swept.tables), "ed", ("t", "w"), "M")
    assert message == f"{tmp_path / 'run.json'}: settings.loss is missing; a figure by settings needs it"
