"""Core-seconds of committed runs, and the page of what was measured."""

import pandas as pd
import pytest

from ebmbench.workflow.stages.speed import core_seconds, write_speed


def run(stats, seconds, tilted=None, **changed):
    row = {"dataset": "moons", "family": "ebm", "loss": "ed", "stats": stats, "seed": 0}
    return row | {"train.seconds": seconds, "sampling.seconds": 2.0, "provenance.tilted": tilted} | changed


@pytest.fixture
def reference(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "scores.csv").write_text("x\n")
    runs = [run("none", 10.0), run("after", 13.0, "abc"), run("joint", 20.0), run("none", 5.0, seed=1)]
    pd.DataFrame(runs).to_csv(folder / "runs.csv", index=False)
    reported = pd.DataFrame({"seconds": [20, 10], "cores_used": [2, 4]})
    reported.to_csv(folder / "invocations.csv", index=False)
    return tmp_path


def test_a_tilt_counts_what_it_added(reference):
    row = core_seconds(reference).iloc[0]
    assert (row["training"], row["sampling"], row["core_seconds"]) == (10 + 3 + 20 + 5, 8, 80)
    assert row["fraction"] == pytest.approx(46 / 80)


def test_checkpoints_count_once(reference):
    path = reference / "mine/runs.csv"
    pd.read_csv(path).assign(**{"train.checkpoint_seconds": [1.0, 1.0, 2.0, None]}).to_csv(path, index=False)
    row = core_seconds(reference).iloc[0]
    assert (row["training"], row["checkpoints"], row["sampling"]) == (38, 3, 8)
    assert row["fraction"] == pytest.approx(49 / 80)


def test_grids_without_tilts_have_a_row(reference):
    path = reference / "mine/runs.csv"
    pd.read_csv(path).drop(columns="provenance.tilted").to_csv(path, index=False)
    assert core_seconds(reference).iloc[0]["training"] == 48


def test_the_page_has_what_benchmarks_have_measured(reference, tmp_path):
    write_speed(reference, tmp_path / "out")
    page = (tmp_path / "out/speed.md").read_text()
    assert "| mine   | 4      | 2" in page and "0.575" in page and "dry run" not in page
    (reference / "benchmarks").mkdir()
    pd.DataFrame({"runs": [1000], "seconds": [3.5], "other": [None]}).to_csv(
        reference / "benchmarks/planning.csv", index=False
    )
    write_speed(reference, tmp_path / "out")
    page = (tmp_path / "out/speed.md").read_text()
    assert "## Dry runs by size of the grid" in page and "| 1,000  | 3.5       |         |" in page
