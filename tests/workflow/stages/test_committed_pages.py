"""Pages of a committed run are made anew from its tables; a page never shows other values than its table."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest
import yaml

from ebmbench.core.errors import UserError
from ebmbench.planning.config import check
from ebmbench.provenance import manifest
from ebmbench.provenance.audit import commit_check
from ebmbench.provenance.audit.commit_check import CommittedTables
from ebmbench.provenance.manifest import Manifest, read_manifest, sha256, write_manifest
from ebmbench.workflow.stages import committed_pages
from ebmbench.workflow.stages.committed_pages import write_committed_pages
from tests.helpers.paths import ROOT

PEERS = ROOT / "results/reference/peers"


class OfTheCheckout:
    """The configuration of the checkout in place of that of a commit, which a shallow clone lacks."""

    def __init__(self, root):
        self.path = root / "config/peers.yaml"

    def config(self, origin, schema):
        return check(yaml.safe_load(self.path.read_text()), schema)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A committed run of one data set and the methods of two losses, whose pages were made once."""
    folder = tmp_path_factory.mktemp("made") / "peers"
    folder.mkdir()
    for name in ("scores", "runs", "curves", "datasets"):
        table = pd.read_csv(PEERS / f"{name}.csv", dtype=str, keep_default_na=False)
        table = table[table["dataset"] == "moons"]
        if "loss" in table:
            table = table[table["loss"].isin(["ed", "dsm"])]
        table.to_csv(folder / f"{name}.csv", index=False)
    write_manifest(folder, Manifest("0" * 40, "config/peers.yaml", "0" * 64, {}, manifest.digests(folder)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(committed_pages, "Commits", OfTheCheckout)
        assert write_committed_pages(folder, ROOT) == []
    return folder


@pytest.fixture
def run(made, tmp_path, monkeypatch):
    monkeypatch.setattr(committed_pages, "Commits", OfTheCheckout)
    return shutil.copytree(made, tmp_path / "peers")


def findings(folder):
    return [of.where for of in commit_check._files(CommittedTables("peers", folder, read_manifest(folder)))]


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_pages_and_tables_that_a_reference_keeps_are_added_and_recorded(run):
    assert findings(run) == []
    pages = {path.name for path in run.glob("*.md")}
    assert pages == {
        *(
            "README.md",
            "moons.md",
            "cost.md",
            "sampling.md",
            "failures.md",
            "ranks.md",
            "paired_differences.md",
            "controls.md",
        )
    }
    assert (run / "paired_differences.csv").is_file() and not (run / "ranks.csv").exists()


def test_an_old_page_is_replaced_its_digest_recorded_and_no_other_byte_changed(run):
    before = contents(run)
    (run / "moons.md").write_text("old")
    assert findings(run) == ["peers/moons.md"]
    assert write_committed_pages(run, ROOT) == []
    assert contents(run) == before and findings(run) == []


def test_a_table_with_other_values_keeps_its_page_and_is_named(run):
    table = pd.read_csv(run / "cost.csv", dtype=str, keep_default_na=False)
    table.loc[0, "train_seconds"] = str(1.001 * float(table["train_seconds"][0]))
    table.to_csv(run / "cost.csv", index=False)
    (run / "cost.md").write_text("old")
    origin = read_manifest(run)
    assert write_committed_pages(run, ROOT) == ["peers: cost.csv, cost.md: today's code computes other values"]
    assert (run / "cost.md").read_text() == "old"
    # an edited table stays one in the eyes of the audit
    assert findings(run) == ["peers/cost.csv", "peers/cost.md"]
    assert read_manifest(run).files["cost.csv"] == origin.files["cost.csv"] != sha256((run / "cost.csv").read_bytes())


def test_last_digits_and_the_order_of_rows_are_no_other_values(run):
    table = pd.read_csv(run / "cost.csv")
    table["train_seconds"] *= 1 + 1e-8
    table[::-1].to_csv(run / "cost.csv", index=False)
    (run / "cost.md").write_text("old")
    assert write_committed_pages(run, ROOT) == []
    assert (run / "cost.md").read_text() != "old"


def test_a_table_gains_the_columns_that_its_page_shows(run):
    table = pd.read_csv(run / "sampling.csv", dtype=str, keep_default_na=False)
    table.drop(columns="log_z_bias").to_csv(run / "sampling.csv", index=False)
    assert write_committed_pages(run, ROOT) == []
    assert "log_z_bias" in pd.read_csv(run / "sampling.csv") and findings(run) == []


def test_what_cannot_be_made_is_named_and_stays(run):
    (run / "datasets.csv").unlink()
    (run / "over_ml.md").write_text("old")
    before = contents(run)
    lines = write_committed_pages(run, ROOT)
    assert any("datasets.csv: the file is missing" in line for line in lines)
    for page in ("moons.md", "README.md", "cost.md", "over_ml.md"):
        assert any(page in line for line in lines), page
    assert {name: of for name, of in contents(run).items() if name.endswith(".md")} == {
        name: of for name, of in before.items() if name.endswith(".md")
    }


def test_a_folder_without_a_manifest_is_no_committed_run(tmp_path):
    with pytest.raises(UserError, match=r"provenance\.json"):
        write_committed_pages(tmp_path, ROOT)
