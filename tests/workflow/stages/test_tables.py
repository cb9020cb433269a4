"""The files that readers of a finished grid open first."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from ebmbench.core.cells import AXES
from ebmbench.core.columns import CURVES
from ebmbench.core.files import read_json, write_csv, write_json
from ebmbench.provenance.audit.documented_numbers import committed_rows
from ebmbench.workflow.stages.tables import write_tables
from tests.helpers.score_rows import rows_of

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


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A folder of collected tables of two seeds of ``moons``, and its data facts, whitened."""
    scores = rows_of("ebm-ed-none", "nll", "test", [1.0, 1.5]) + rows_of("kde-none-none", "nll", "test", [2.0, 2.5])
    write_csv(tmp_path / "scores.csv", pd.DataFrame(scores))
    runs = pd.DataFrame(scores).drop(columns=["split", "metric", "value", "stderr", "distribution", "beta", "mark"])
    runs = runs.assign(**SAMPLED | {"samples.acceptance": [0.5, 0.75, None, None]})
    costs = ["seconds", "energy_evaluations", "gradient_evaluations"]
    names = [*(f"train.{name}" for name in [*costs, "cpu_seconds", "steps", "parameters", "peak_memory_mb"])]
    write_csv(tmp_path / "runs.csv", runs.assign(**dict.fromkeys([*names, *(f"sampling.{n}" for n in costs)], 12345.6)))
    write_csv(tmp_path / "curves.csv", pd.DataFrame(columns=[*AXES, *CURVES]))
    facts = {"dataset": "moons", "dim": 2, "grid": None, "facts": {"coordinates": "whitened by the training rows"}}
    facts |= {"sizes": {"0": [80, 10, 30], "1": [80, 10, 30]}, "log_det": {"0": 1.0, "1": 2.0}, "digest": {}}
    write_json(tmp_path / "moons.json", facts)
    return tmp_path


def test_the_caption_tells_interval_seeds_coordinates_units_and_split(tables):
    write_tables(tables, [tables / "moons.json"])
    for name in ("moons.md", "README.md"):
        text = (tables / name).read_text()
        for reported in (
            "95 % Student-t intervals",
            "2 seeds per method",
            "whitened by the training rows",
            "log_det = 1.5",
        ):
            assert reported in text
        assert "Splits: nll: test split (30 samples per seed)" in text and "nll (nats)" in text
        assert "Sorted by nll" in text and "Lower is better for nll" in text
    tex = (tables / "moons.tex").read_text()
    assert r"95 \% Student-t" in tex and r"log\_det" in tex
    short, notes = tex.split(r"\begin{tabular}")[0], tex.split(r"\end{tabular}")[-1]
    assert "Sorted by nll" in short and "Bold:" in notes and "Bold:" not in short
    assert "[moons](moons.md)" in (tables / "README.md").read_text()
    assert "[paired_differences.md](paired_differences.md)" in (tables / "README.md").read_text()
    assert "12,346" in (tables / "cost.md").read_text()


def test_the_caption_tells_copies_where_rows_repeat(tables):
    facts = read_json(tables / "moons.json")
    for copies, sentence in (
        ({}, None),
        ({"0": {"rows": 120, "distinct": 120, "val_rows": 10, "val": 0, "test_rows": 30, "test": 0}}, None),
        (
            {
                "0": {"rows": 120, "distinct": 100, "val_rows": 10, "val": 1, "test_rows": 30, "test": 8},
                "1": {"rows": 120, "distinct": 110, "val_rows": 10, "val": 4, "test_rows": 30, "test": 4},
            },
            "* 20 % of the test rows and 25 % of the validation rows have an exact copy in train; 105 of 120 rows are "
            "distinct (means over seeds).\n",
        ),
    ):
        write_json(tables / "moons.json", facts | {"copies": copies})
        write_tables(tables, [tables / "moons.json"])
        text = (tables / "moons.md").read_text()
        assert "exact copy" not in text if sentence is None else sentence in text


def test_the_sampling_page_tells_an_infinite_rhat_and_the_marks(tables):
    write_tables(tables, [tables / "moons.json"])
    reported = committed_rows(tables, "sampling")["ebm · ed",]
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
    names = [
        "summary.csv",
        "datasets.csv",
        "moons.md",
        "moons.tex",
        "README.md",
        "cost.md",
        "cost.csv",
        "sampling.md",
        "sampling.csv",
    ]
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
