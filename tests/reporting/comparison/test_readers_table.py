"""A data set's table for readers: columns, order, daggers, failures."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_csv
from ebmbench.reporting.captions import Caption, dataset_caption
from ebmbench.reporting.comparison.columns import Column, heading
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.readers_table import BOUNDS_LEGEND, legends, readers_table
from ebmbench.reporting.latex import latex
from ebmbench.reporting.markdown import markdown
from tests.helpers.score_rows import rows_of, sampler_rows, summary_of


def test_a_column_a_distribution_and_a_dagger_where_a_run_is_marked():
    table = readers_table(
        summary_of(
            rows_of("ebm-ed-none", "energy_distance", "test", [1.0]),
            sampler_rows("ebm-ed-none", [5.0, "failed"], ["unconverged", None]),
            rows_of("kde-none-none", "energy_distance", "test", [2.0]),
            sampler_rows("kde-none-none", [2.0, 2.0], [None, None]),
            rows_of("kde-none-none", "mmd2", "test", [0.5]),
            rows_of("kde-none-none", "mmd2", "test", [0.7], distribution="sampler"),
        )
    )
    model, sampler = "energy_distance (data units)", "energy_distance, sampler (data units)"
    assert list(table.columns) == ["method", "runs", model, sampler, "mmd2"]
    assert list(table[model]) == ["1", "2"]
    assert list(table[sampler]) == ["5 † (1 failed)", "2 ± 0"]
    assert list(table["mmd2"]) == ["", "0.5"]


@pytest.mark.parametrize("mark", ["", None, math.nan])
def test_a_run_without_a_mark_has_no_dagger_whether_its_scores_are_in_memory_or_read_from_a_file(mark, tmp_path):
    summary = summary_of(sampler_rows("ebm-ed-none", [1.0, 2.0], [mark, mark]))
    write_csv(tmp_path / "summary.csv", summary)
    for found in (summary, read_typed(tmp_path / "summary.csv")):
        assert "†" not in readers_table(found).to_string()


def test_a_page_explains_the_dagger_in_one_line_if_it_shows_one_and_not_otherwise():
    marked, plain = (
        readers_table(summary_of(sampler_rows("ebm-ed-none", [1.0], [mark]))) for mark in ("unconverged", "")
    )
    for page in (
        lambda table: markdown("moons", "Mean.", table, notes=["A note."]),
        lambda table: latex("moons", Caption("Mean.", ("A note.",)), table),
    ):
        shown, without = page(marked), page(plain)
        assert shown.count("unconverged chains") == 1
        assert shown.index("Mean.") < shown.index("A note.") < shown.index("means that the mean includes")
        assert "dagger" not in without and "†" not in without and "unconverged" not in without


def test_readers_table_is_sorted_and_says_what_failed():
    table = readers_table(
        summary_of(
            rows_of("base-none-none", "kl", "exact", [3.0, 3.2]),
            rows_of("ebm-cd-none", "kl", "exact", ["diverged", "diverged"]),
            rows_of("ebm-ed-moments", "kl", "exact", [0.10, "timeout"]),
            rows_of("ebm-ed-moments", "nll", "test", [5.0, 5.2]),
            rows_of("base-none-none", "nll", "test", [2.0, 2.2]),
            rows_of("base-none-none", "tv", "exact", [0.5, 0.5]),
        )
    )
    assert list(table.columns) == ["method", "runs", "kl (nats)", "nll (nats)"]
    assert list(table["method"]) == ["ebm · ed · moments", "base", "ebm · cd"]
    assert list(table["kl (nats)"]) == ["0.1 (1 timeout)", "3.1 ± 1.3", "— (2 diverged)"]
    assert list(table["nll (nats)"]) == ["5.1 ± 1.3", "2.1 ± 1.3", ""]
    assert list(table["runs"]) == [2, 2, 2]


def test_without_kl_the_order_is_that_of_the_test_likelihood():
    parts = [rows_of("flow-ml-none", "nll", "test", [2.0]), rows_of("ebm-ed-none", "nll", "test", [1.0])]
    parts.append(rows_of("kde-none-none", "nll", "train", [0.5]))
    assert list(readers_table(summary_of(*parts))["method"]) == ["ebm · ed", "flow · ml", "kde"]


def test_distances_by_features_come_first_and_what_was_skipped_everywhere_is_left_out():
    reported = [
        rows_of(f"{method}-none", metric, "test", values)
        for method, found in (
            ("vae-elbo", {"nll": ["skipped"], "fd_cnn": [3.0], "fid": ["skipped"], "mmd2": [0.2]}),
            ("lebm-ed", {"nll": ["skipped"], "fd_cnn": [2.0], "fid": ["skipped"], "mmd2": ["failed"]}),
        )
        for metric, values in found.items()
    ]
    table = readers_table(summary_of(*reported))
    assert list(table.columns) == ["method", "runs", "fd_cnn", "mmd2"]
    assert list(table["method"]) == ["lebm · ed", "vae · elbo"] and table["mmd2"][0] == "— (1 failed)"
    text = dataset_caption(summary_of(*reported, rows_of("vae-elbo-none", "recall_cnn", "test", [0.5])), pd.DataFrame())
    assert "Lower is better for fd_cnn, mmd2, higher for recall_cnn." in text.notes


def test_headings_have_units_where_there_are_any():
    assert heading(Column("nll", "test", "model")) == "nll (nats)"
    assert heading(Column("mmd2", "test", "model")) == "mmd2"
    assert heading(Column("mmd2", "test", "sampler")) == "mmd2, sampler"
    assert heading(Column("manifold_tv", "exact", "base")) == "manifold_tv, base (probability)"


def test_labels_leave_out_none():
    assert method_label("ebm", "ed", "moments") == "ebm · ed · moments"
    assert method_label("kde", "none", "none") == "kde"


def test_ends_of_intervals_are_explained_where_a_table_shows_them():
    wide, narrow = (readers_table(summary_of(rows_of("ebm-ed-none", "nll", "test", of))) for of in ([1, 9], [5.0, 5.1]))
    assert legends(wide) == [BOUNDS_LEGEND] and legends(narrow) == []
    assert BOUNDS_LEGEND in markdown("moons", "Mean.", wide)
    for other in ("1.0 ± 0.1 (2 failed)", "[moons](moons.md)", "a [1, 2]"):
        assert legends(pd.DataFrame({"field": [other]})) == []


def test_a_table_without_methods_is_empty():
    assert readers_table(summary_of(rows_of("ebm-ed-none", "kl", "exact", [1.0])).head(0)).empty
