"""The files that the stage of tables writes: captions, the page of sampling, the same bytes each time."""

import math
from pathlib import Path

import pandas as pd
import pytest

from ebmbench.core.files import write_csv, write_json
from ebmbench.workflow.stages.tables import caption, write_tables
from tests.helpers.score_rows import rows_of, sampler_rows, summary_of


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
    runs = pd.DataFrame(scores).drop(columns=["split", "metric", "value", "stderr", "law", "beta", "mark"])
    runs = runs.assign(**SAMPLED | {"samples.acceptance": [0.5, 0.75, None, None]})
    costs = ["seconds", "energy_evaluations", "gradient_evaluations"]
    names = [*(f"train.{name}" for name in [*costs, "cpu_seconds", "steps", "parameters", "peak_memory_mb"])]
    write_csv(tmp_path / "runs.csv", runs.assign(**dict.fromkeys([*names, *(f"sampling.{n}" for n in costs)], 12345.6)))
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
