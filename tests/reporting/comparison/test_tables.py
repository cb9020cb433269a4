from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.core.files import write_csv, write_json
from ebmbench.reporting.comparison.tables import (
    Column,
    cost,
    heading,
    interval,
    interval_text,
    method_label,
    readers_table,
)
from ebmbench.reporting.markdown_latex import escape, latex, markdown
from ebmbench.workflow.stages.tables import caption, write_tables
from tests.helpers.score_rows import rows_of, summary_of

#: the 97.5 % point of Student's t with 2 degrees of freedom, (2 p - 1) sqrt(2 / (4 p (1 - p))), p = 0.975
T2 = 0.95 * math.sqrt(2 / (4 * 0.975 * 0.025))


def test_interval_is_students_closed_form():
    of = interval(pd.Series([1.0, 2.0, 6.0]))
    assert of.mean == pytest.approx(3.0)
    assert of.sd == pytest.approx(math.sqrt((4 + 1 + 9) / 2))
    assert of.stderr == pytest.approx(math.sqrt(7 / 3))
    assert of.half == pytest.approx(T2 * math.sqrt(7 / 3), rel=1e-9)
    normal, biased = 1.959964 * math.sqrt(7 / 3), T2 * math.sqrt(14 / 3 / 3)
    assert of.half != pytest.approx(normal, rel=0.1) and of.half != pytest.approx(biased, rel=0.1)


def test_summary_by_hand():
    row = summary_of(rows_of("ebm-ed-none", "nll", "test", [1.0, 2.0, 6.0], stderr=0.5)).iloc[0]
    assert row["mean"] == 3.0
    assert row["ci_low"] == pytest.approx(3 - T2 * math.sqrt(7 / 3))
    assert row["ci_high"] == pytest.approx(3 + T2 * math.sqrt(7 / 3))
    assert (row["seeds"], row["failed"], row["failures"]) == (3, 0, "")
    assert (row["unit"], row["direction"]) == ("nats", "lower")


def test_monte_carlo_error_is_a_root_mean_square():
    rows = rows_of("ebm-ed-none", "nll", "test", [1.0, 1.0])
    rows[0]["stderr"], rows[1]["stderr"] = 0.3, 0.4
    found = summary_of(rows)["mc_stderr"][0]
    assert found == pytest.approx(math.sqrt((0.09 + 0.16) / 2))
    assert found != pytest.approx(0.35, rel=1e-3)


def test_a_diverged_seed_is_counted_and_never_averaged():
    whole = summary_of(rows_of("ebm-ed-none", "nll", "test", [1.0, 3.0]))
    rows = rows_of("ebm-ed-none", "nll", "test", [1.0, 3.0, "diverged", "timeout", "diverged"])
    rows[2]["value"] = 100.0
    part = summary_of(rows)
    same = ["mean", "sd", "seeds", "ci_low", "ci_high", "stderr", "mc_stderr"]
    pd.testing.assert_frame_equal(part[same], whole[same])
    assert (part["failed"][0], part["failures"][0]) == (3, "2 diverged, 1 timeout")


def test_one_seed_has_no_interval_and_none_has_no_mean():
    one = summary_of(rows_of("ebm-ed-none", "nll", "test", [2.0, "failed"])).iloc[0]
    assert one["mean"] == 2.0
    assert one[["sd", "ci_low", "ci_high", "stderr"]].isna().all()
    none = summary_of(rows_of("ebm-ed-none", "nll", "test", ["failed"])).iloc[0]
    assert none["seeds"] == 0 and none[["mean", "ci_low", "mc_stderr"]].isna().all()


def sampler_rows(method: str, values: list[float | str], marks: list[str | None], beta: float = 1.0) -> list[dict]:
    rows = rows_of(method, "energy_distance", "test", values, law="sampler")
    return [row | {"mark": mark, "beta": beta} for row, mark in zip(rows, marks, strict=True)]


def test_the_two_laws_are_never_in_one_mean():
    model = rows_of("ebm-ed-none", "energy_distance", "test", [1.0, 2.0])
    summary = summary_of(model, sampler_rows("ebm-ed-none", [5.0, 6.0], [None, None])).set_index("law")
    assert summary.loc["model", "mean"] == 1.5 and summary.loc["sampler", "mean"] == 5.5  # pooled 3.5
    assert list(summary["seeds"]) == [2, 2]


def test_marks_count_the_runs_in_the_mean_and_take_none_out():
    marks = ["unconverged", None, "optimiser", "unconverged", "unconverged"]
    row = summary_of(sampler_rows("ebm-ed-none", [1.0, 2.0, 3.0, "failed", 6.0], marks, beta=0.5)).iloc[0]
    assert (row["mean"], row["seeds"], row["failed"]) == (3.0, 4, 1)
    assert row["marks"] == "1 optimiser, 2 unconverged"  # with the failed run 3
    assert row["beta"] == "0.5"


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


def test_the_caption_tells_the_laws_and_beta():
    rows = [rows_of("ebm-ed-none", "nll", "test", [1.0]), rows_of("ebm-ed-none", "energy_distance", "test", [1.0])]
    assert "sampler" not in caption(summary_of(*rows), [])
    plain = caption(summary_of(*rows, sampler_rows("ebm-ed-none", [1.0], [None])), [])
    assert "all others, including likelihoods, use the model's own distribution" in plain
    assert "†" not in plain and "beta" not in plain and "named base" not in plain
    base = rows_of("gebm-kale_f-none", "manifold_tv", "exact", [0.3], law="base")
    assert "those named base use its base" in caption(
        summary_of(*rows, base, sampler_rows("ebm-ed-none", [1.0], [None])), []
    )
    assert "Splits: nll, energy_distance: test split." in plain
    marked = sampler_rows("ebm-ed-none", [1.0], ["optimiser"], beta=2.0) + sampler_rows("flow-ml-none", [1.0], [None])
    reported = caption(summary_of(*rows, marked), [])
    assert "inverse temperature beta = 2: ebm · ed. " in reported and "flow · ml" not in reported


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
    for page in (markdown, latex):
        shown, without = (page("moons", "About.", table) for table in (marked, plain))
        (line,) = [line for line in shown.splitlines() if "unconverged chains" in line]
        assert line.index("About. ") < line.index("means that the mean includes")
        assert "dagger" not in without and "†" not in without and "unconverged" not in without


def test_an_unknown_metric_is_refused():
    with pytest.raises(UserError, match="speed"):
        summary_of(rows_of("ebm-ed-none", "speed", "test", [1.0]))


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


def test_latex_is_escaped_and_has_rules():
    assert escape("a_b & 5 % {x} \\ ± ~ ^ # $ †") == (
        r"a\_b \& 5 \% \{x\} \textbackslash{} $\pm$ \textasciitilde{} \textasciicircum{} \# \$ $^\dagger$"
    )
    text = latex("moons", "95 % of x_1", pd.DataFrame({"mode_weight": ["1 ± 2"]}))
    assert r"\toprule" in text and r"\bottomrule" in text and r"1 $\pm$ 2 \\" in text
    assert r"mode\_weight \\" in text and r"95 \% of x\_1" in text
    assert "mode_weight" not in text


def test_cost_is_the_median_of_runs_that_ended_well():
    runs = pd.DataFrame(
        {
            **{"dataset": "moons", "family": "ebm", "loss": "ed", "stats": "none"},
            **{"status": ["ok", "ok", "ok", "diverged"], "train.seconds": [1.0, 2.0, 9.0, 0.1]},
            **{f"sampling.{name}": 4.0 for name in ("seconds", "energy_evaluations", "gradient_evaluations")},
            **{f"train.{name}": 5.0 for name in ("cpu_seconds", "energy_evaluations", "gradient_evaluations")},
            **{"train.parameters": 7.0, "train.peak_memory_mb": [300.0, 310.0, 330.0, 999.0]},
        }
    )
    row = cost(runs).iloc[0]
    assert (row["train_seconds"], row["peak_memory_mb"]) == (2.0, 310.0)  # with the diverged run 1.5 and 320
    assert (row["runs"], row["failed"]) == (3, 1)


#: what runs.csv tells of the sampling of a run whose chains do not move
SAMPLED = {
    **{
        "likelihood.status": "ok",
        "likelihood.method": "AIS",
        "likelihood.log_z_stderr": 0.01,
        "likelihood.bias": -0.02,
    },
    **{
        "likelihood.ess_fraction": 0.25,
        "likelihood.bias": -0.02,
        "likelihood.log_z_gap": None,
        "likelihood.reason": "",
        "samples.reason": "",
    },
    **{"samples.status": "ok", "samples.sampler": "MALA", "samples.beta": 1.0, "samples.mark": "unconverged"},
    **{"samples.step_size": 0.1, "samples.drift": None, "samples.rhat": None, "samples.ess_bulk": 20.0},
    **{"samples.ess_tail": 30.0, "samples.ess_per_evaluation": 0.002},
}


#: columns of curves.csv that the tables read
CURVES_OF_RUNS = (
    "dataset",
    "family",
    "loss",
    "stats",
    "seed",
    "step",
    "energy_evaluations",
    "gradient_evaluations",
    "kl",
)


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A folder of collected tables of two seeds of ``moons``, and its data facts, whitened."""
    scores = rows_of("ebm-ed-none", "nll", "test", [1.0, 1.5]) + rows_of("kde-none-none", "nll", "test", [2.0, 2.5])
    write_csv(tmp_path / "scores.csv", pd.DataFrame(scores))
    runs = pd.DataFrame(scores).drop(columns=["split", "metric", "value", "stderr", "law", "beta", "mark"])
    runs = runs.assign(**SAMPLED | {"samples.acceptance": [0.5, 0.75, None, None]})
    costs = ["seconds", "energy_evaluations", "gradient_evaluations"]
    names = [*(f"train.{name}" for name in [*costs, "cpu_seconds", "steps", "parameters", "peak_memory_mb"])]
    write_csv(tmp_path / "runs.csv", runs.assign(**dict.fromkeys([*names, *(f"sampling.{n}" for n in costs)], 12345.6)))
    pd.DataFrame(columns=list(CURVES_OF_RUNS)).to_csv(tmp_path / "curves.csv", index=False)
    facts = {"dataset": "moons", "dim": 2, "grid": None, "facts": {"coordinates": "whitened by the training rows"}}
    facts |= {"sizes": {"0": [80, 10, 30], "1": [80, 10, 30]}, "log_det": {"0": 1.0, "1": 2.0}, "digest": {}}
    write_json(tmp_path / "moons.json", facts)
    return tmp_path


def test_the_caption_tells_interval_seeds_coordinates_units_and_split(tables):
    write_tables(tables, [tables / "moons.json"])
    for name in ("moons.md", "README.md"):
        text = (tables / name).read_text()
        for reported in (
            "95 % Student-t interval",
            "2 seeds per method",
            "whitened by the training rows",
            "log_det = 1.5",
        ):
            assert reported in text
        assert "Splits: nll: test split (30 samples per seed)" in text and "nll (nats)" in text
        assert "Sorted by nll" in text and "Lower is better for nll" in text
    tex = (tables / "moons.tex").read_text()
    assert r"95 \% Student-t" in tex and r"log\_det" in tex
    assert "[moons](moons.md)" in (tables / "README.md").read_text()
    assert "[paired_differences.md](paired_differences.md)" in (tables / "README.md").read_text()
    assert "12,346" in (tables / "cost.md").read_text()


def test_the_sampling_page_tells_an_infinite_rhat_and_the_marks(tables):
    write_tables(tables, [tables / "moons.json"])
    page = (tables / "sampling.md").read_text().splitlines()
    header, ebm = ([field.strip() for field in line.split("|")[1:-1]] for line in (page[4], page[6]))
    reported = dict(zip(header, ebm, strict=True))
    assert (reported["method"], reported["rhat"], reported["acceptance"], reported["log z gap"]) == (
        "ebm · ed",
        "inf",
        "0.625",
        "",
    )
    assert (reported["ess per 1000"], reported["marks"]) == ("2", "2 unconverged")
    assert "sampling.md" in (tables / "README.md").read_text()
    assert math.isinf(pd.read_csv(tables / "sampling.csv")["rhat"][0])


def test_the_files_are_the_same_bytes_each_time(tables):
    names = ["summary.csv", "moons.md", "moons.tex", "README.md", "cost.md", "cost.csv", "sampling.md", "sampling.csv"]
    write_tables(tables, [tables / "moons.json"])
    first = [(tables / name).read_bytes() for name in names]
    write_tables(tables, [tables / "moons.json"])
    assert [(tables / name).read_bytes() for name in names] == first
    scores = pd.read_csv(tables / "scores.csv")
    write_csv(tables / "scores.csv", scores.assign(value=scores["value"] + 1))
    write_tables(tables, [tables / "moons.json"])
    assert (tables / "summary.csv").read_bytes() != first[0]


def test_a_method_named_none_is_no_missing_value(tables):
    write_tables(tables, [tables / "moons.json"])
    summary = pd.read_csv(tables / "summary.csv", keep_default_na=False)
    assert set(summary["stats"]) == {"none"} and len(summary) == 2
