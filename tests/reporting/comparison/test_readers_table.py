"""The readers' table: its columns, its order, its digits, daggers and failures."""

import math

import pytest

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_csv
from ebmbench.reporting.comparison.tables import Column, heading, interval_text, method_label, readers_table
from ebmbench.workflow.stages.tables import caption
from tests.helpers.score_rows import rows_of, sampler_rows, summary_of


def test_a_column_a_law_and_a_dagger_where_a_run_is_marked():
    table = readers_table(
        summary_of(
            rows_of("ebm-ed-none", "energy_distance", "test", [1.0]),
            sampler_rows("ebm-ed-none", [5.0, "failed"], ["unconverged", None]),
            rows_of("kde-none-none", "energy_distance", "test", [2.0]),
            sampler_rows("kde-none-none", [2.0, 2.0], [None, None]),
            rows_of("kde-none-none", "mmd2", "test", [0.5]),
            rows_of("kde-none-none", "mmd2", "test", [0.7], law="sampler"),
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


@pytest.mark.parametrize(
    ("mean", "half", "text"),
    [
        (2.14527, 0.00123, "2.1453 ± 0.0012"),
        (2.14527, 0.0996, "2.15 ± 0.10"),
        (12.3456, 3.21, "12.3 ± 3.2"),
        (1234.5, 67.8, "1234 ± 68"),
        (1.23456e-5, 3.21e-7, "(1.235 ± 0.032)e-05"),
        (-2.5e8, 1.3e7, "(-2.50 ± 0.13)e+08"),
        (2.14527, math.nan, "2.145"),
        (2.14527, 0.0, "2.145 ± 0"),
    ],
)
def test_digits_follow_the_interval(mean, half, text):
    assert interval_text(mean, half) == text


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
    text = caption(summary_of(*reported, rows_of("vae-elbo-none", "recall_cnn", "test", [0.5])), [])
    assert "Lower is better for fd_cnn, mmd2, higher for recall_cnn. " in text


def test_headings_have_units_where_there_are_any():
    assert heading(Column("nll", "test", "model")) == "nll (nats)"
    assert heading(Column("mmd2", "test", "model")) == "mmd2"
    assert heading(Column("mmd2", "test", "sampler")) == "mmd2, sampler"
    assert heading(Column("manifold_tv", "exact", "base")) == "manifold_tv, base (probability)"


def test_labels_leave_out_none():
    assert method_label("ebm", "ed", "moments") == "ebm · ed · moments"
    assert method_label("kde", "none", "none") == "kde"
