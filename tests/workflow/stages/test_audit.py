"""The audit of a checkout: what is doctored fails it with a line each, what is as committed passes."""

import os
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from ebmbench.core.csv_schema import read_typed
from tests.helpers.paths import ROOT

SMOKE = ROOT / "results/reference/smoke"

FRESH = ["cells", "keys", "status", "exact", "trained", "data", "claims", "documents"]

# what takes a repository
HISTORY = ["config", "code", "rows"]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """What an audit reads of a checkout, and a fresh run that is the committed one."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("config", "results/reference", "docs/results"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "README.md", folder)
    tables = folder / "results/smoke/tables"
    tables.mkdir(parents=True)
    for name in ("scores.csv", "runs.csv"):
        shutil.copy(SMOKE / name, tables)
    return folder


def audit(folder):
    command = [sys.executable, "-m", "ebmbench", "audit"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_what_is_as_committed_passes(checkout):
    done = audit(checkout)
    assert done.returncode == 0, done.stderr
    checks = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert [check for check in checks if check not in HISTORY] == [*FRESH, "files"]
    found = pd.read_csv(checkout / "results/audit/audit.csv")
    assert (found["outcome"][~found["check"].isin(HISTORY)] == "ok").all()
    # the copy has no history
    assert set(found["outcome"][found["check"].isin(HISTORY)]) == {"unknown"}
    assert "# Audit" in (checkout / "results/audit/audit.md").read_text()


def edited(path, column, row, value):
    text = pd.read_csv(path, dtype=str, keep_default_na=False)
    text.loc[row, column] = value
    text.to_csv(path, index=False)


def test_whatever_is_doctored_has_its_line(checkout, tmp_path):
    folder = tmp_path / "doctored"
    shutil.copytree(checkout, folder)
    committed = folder / "results/reference/smoke"
    scores = read_typed(committed / "scores.csv")
    own = scores.groupby(["dataset", "family", "loss", "stats", "metric", "split", "distribution"])["value"].transform(
        "std"
    )
    ok = scores["status"] == "ok"
    moved, gone, failed, nan, infinite = scores.index[ok & (scores["loss"] == "ed") & (scores["metric"] == "kl")][:5]
    control, missing = scores.index[ok & (scores["loss"] == "none")][:2]
    # one standard deviation over the cell's own seeds
    edited(committed / "scores.csv", "value", moved, f"{scores['value'][moved] + own[moved]:.9g}")
    edited(committed / "scores.csv", "value", control, f"{scores['value'][control] * 1.0001:.9g}")
    edited(committed / "scores.csv", "status", failed, "diverged")
    edited(committed / "scores.csv", "value", failed, "")
    edited(committed / "scores.csv", "stderr", failed, "")
    edited(committed / "scores.csv", "value", nan, "nan")
    edited(committed / "scores.csv", "value", infinite, "inf")
    edited(committed / "scores.csv", "value", missing, "")
    text = pd.read_csv(committed / "scores.csv", dtype=str, keep_default_na=False)
    text.drop(index=gone).to_csv(committed / "scores.csv", index=False)
    edited(committed / "runs.csv", "provenance.data_digest", 0, "0" * 64)
    claims = folder / "results/reference/claims/claims.csv"
    edited(claims, "verdict", 0, "not held" if pd.read_csv(claims)["verdict"][0] == "held" else "held")
    page = folder / "docs/results/default.md"
    page.write_text(page.read_text().replace("| kde · ml | 5 | 0.0840", "| kde · ml | 5 | 0.0040", 1))
    done = audit(folder)
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines()[1:] if ": all: " not in line]
    # three cells: nothing, NaN and infinity; two files: scores and runs
    assert [line.split(":")[0] for line in lines] == ["cells", "cells", *FRESH, "files", "files"]
    assert [line.partition("value = ")[2].split("'")[1] for line in lines[:3]] == ["", "nan", "inf"]
    assert (folder / "results/audit/audit.md").is_file()


def test_claims_are_not_computed_again_from_edited_tables(checkout, tmp_path):
    folder = tmp_path / "edited"
    shutil.copytree(checkout, folder)
    edited(folder / "results/reference/energy_discrepancy/scores.csv", "value", 7, "inf")
    done = audit(folder)
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines()[1:] if ": all: " not in line]
    assert [line.split(": ")[0] for line in lines] == ["cells", "files"]
    assert lines[0].startswith("cells: energy_discrepancy/scores.csv, row 8: value = 'inf'; allowed: a finite number")
    found = pd.read_csv(folder / "results/audit/audit.csv")
    (claims,) = found[found["check"] == "claims"].to_dict("records")
    assert claims["outcome"] == "unknown" and "energy_discrepancy/scores.csv" in claims["detail"]


def test_a_grid_without_a_committed_run_is_one_line(checkout, tmp_path):
    folder = tmp_path / "other"
    shutil.copytree(checkout, folder)
    (folder / "results/smoke").rename(folder / "results/mine")
    shutil.rmtree(folder / "results/audit", ignore_errors=True)
    command = [sys.executable, "-m", "ebmbench", "audit", "--tables", "results/mine/tables"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert "results/reference/mine: this grid has no committed run; allowed: default, " in done.stderr
    assert not (folder / "results/audit").exists()
