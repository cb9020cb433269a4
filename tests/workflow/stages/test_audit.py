"""The audit of a checkout: what is doctored fails it with a line each, what is as committed passes."""

import shutil

import pandas as pd
import pytest
import yaml

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.schemas import SCHEMAS
from ebmbench.workflow.cli.app import run
from ebmbench.workflow.stages.claims import write_claims
from tests.helpers.paths import ROOT

SMOKE = ROOT / "results/reference/smoke"

FRESH = ["cells", "keys", "status", "exact", "trained", "data", "claims", "documents"]

# what takes a repository
HISTORY = ["config", "code", "rows"]

#: the grid whose claims are judged where something is doctored
JUDGED = "images_cpu"


def with_fresh_run(folder):
    """The checkout in ``folder`` with a fresh run that is the committed one."""
    tables = folder / "results/smoke/tables"
    tables.mkdir(parents=True)
    for name in ("scores.csv", "runs.csv"):
        shutil.copy(SMOKE / name, tables)
    return folder


@pytest.fixture
def checkout(tmp_path):
    """All that an audit reads of a checkout."""
    for name in ("config", "results/reference", "docs/results"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "README.md", tmp_path)
    return with_fresh_run(tmp_path)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A checkout of three committed runs, the claims on one of them, and the page that quotes another."""
    folder = tmp_path_factory.mktemp("small")
    for name in ("config", *(f"results/reference/{grid}" for grid in ("smoke", "default", JUDGED))):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "docs/results").mkdir(parents=True)
    shutil.copy(ROOT / "docs/results/default.md", folder / "docs/results")
    (folder / "README.md").touch()
    claims, reference = folder / "config/claims.yaml", folder / "results/reference"
    asked = yaml.safe_load(claims.read_text())
    asked["claims"] = {name: of for name, of in asked["claims"].items() if of["grid"] == JUDGED}
    claims.write_text(yaml.safe_dump(asked))
    write_claims(claims, SCHEMAS / "claims.schema.yaml", reference, reference / "claims")
    return with_fresh_run(folder)


@pytest.fixture
def copy(small, tmp_path, monkeypatch):
    """The small checkout, to be changed, as the working directory."""
    folder = shutil.copytree(small, tmp_path / "copy")
    monkeypatch.chdir(folder)
    return folder


def audited(capsys, *options):
    """Exit code, and lines on standard error."""
    code = run(["audit", *options])
    return code, capsys.readouterr().err.splitlines()


def test_what_is_as_committed_passes(checkout, monkeypatch, capsys):
    monkeypatch.chdir(checkout)
    code = run(["audit"])
    reported = capsys.readouterr()
    assert code == 0, reported.err
    checks = [line.split(":")[0] for line in reported.out.splitlines()]
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


def test_whatever_is_doctored_has_its_line(copy, capsys):
    committed = copy / "results/reference/smoke"
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
    claims = copy / "results/reference/claims/claims.csv"
    edited(claims, "verdict", 0, "not held" if pd.read_csv(claims)["verdict"][0] == "held" else "held")
    page = copy / "docs/results/default.md"
    page.write_text(page.read_text().replace("| kde · ml | 3 | 0.084 ", "| kde · ml | 3 | 0.004 ", 1))
    code, reported = audited(capsys)
    assert code == 1
    lines = [line for line in reported[1:] if ": all: " not in line]
    # three cells: nothing, NaN and infinity; two files: scores and runs
    assert [line.split(":")[0] for line in lines] == ["cells", "cells", *FRESH, "files", "files"]
    assert [line.partition("value = ")[2].split("'")[1] for line in lines[:3]] == ["", "nan", "inf"]
    assert (copy / "results/audit/audit.md").is_file()


def test_claims_are_not_computed_again_from_edited_tables(copy, capsys):
    edited(copy / "results/reference" / JUDGED / "scores.csv", "value", 7, "inf")
    code, reported = audited(capsys)
    assert code == 1
    lines = [line for line in reported[1:] if ": all: " not in line]
    assert [line.split(": ")[0] for line in lines] == ["cells", "files"]
    assert lines[0].startswith(f"cells: {JUDGED}/scores.csv, row 8: value = 'inf'; allowed: a finite number")
    found = pd.read_csv("results/audit/audit.csv")
    (claims,) = found[found["check"] == "claims"].to_dict("records")
    assert claims["outcome"] == "unknown" and f"{JUDGED}/scores.csv" in claims["detail"]


def test_a_grid_without_a_committed_run_is_one_line(copy, capsys):
    (copy / "results/smoke").rename(copy / "results/mine")
    code, (line,) = audited(capsys, "--tables", "results/mine/tables")
    assert code == 1
    assert "results/reference/mine: this grid has no committed run; allowed: default, " in line
    assert not (copy / "results/audit").exists()
