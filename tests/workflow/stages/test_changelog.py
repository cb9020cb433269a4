"""Entries of the change log."""

from datetime import date

import pandas as pd
import pytest

from ebmbench.core.errors import UserError
from ebmbench.workflow.stages.changelog import HEAD, SHOWN, write_changelog
from tests.helpers.audit_scores import place, scores

DAY = date(2026, 1, 2)


def folder(path, table):
    path.mkdir()
    runs = [f"moons/{loss}/s{seed}" for loss, seed in zip(table["loss"], table["seed"], strict=True)]
    table.assign(run=runs).to_csv(path / "scores.csv", index=False)
    pd.DataFrame({"run": sorted(set(runs)), "provenance.data_digest": "one"}).to_csv(path / "runs.csv", index=False)
    return path


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "CHANGELOG.md"
    path.write_text(f"# Changes\n\n{HEAD}\n### older\n")
    return path


def test_a_first_run_is_counted_and_stands_above_the_older(log, tmp_path):
    write_changelog(folder(tmp_path / "fresh", scores()), tmp_path / "moons", log, DAY)
    assert (
        log.read_text()
        == f"# Changes\n\n{HEAD}\n### 2026-01-02, moons\n\n* first run: 16 rows of 8 runs\n\n### older\n"
    )


def test_what_moved_is_reported_and_too_much_of_it_is_counted(log, tmp_path):
    moved = scores()
    moved.loc[place(moved), "value"] += 10
    committed = folder(tmp_path / "moons", scores())
    write_changelog(folder(tmp_path / "fresh", moved), committed, log, DAY)
    text = log.read_text()
    assert "* trained: 12 values of trained models compared, 1 differ from the committed ones" in text
    assert "  * trained: moons/ebm-ed-none/s1 kl exact model: " in text and "more" not in text
    many = pd.concat([scores().assign(dataset=f"set{i}") for i in range(5)])
    write_changelog(folder(tmp_path / "other", many), committed, log, DAY)
    assert f"  * and {6 * 16 - SHOWN} more" in log.read_text()


def test_a_log_without_its_line_is_refused(tmp_path):
    with pytest.raises(UserError, match="no line '## Committed results'"):
        write_changelog(folder(tmp_path / "fresh", scores()), tmp_path / "moons", tmp_path / "none.md", DAY)
