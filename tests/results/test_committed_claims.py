"""The committed verdicts are those of the committed runs, and a run that moves moves them."""

import shutil

import pandas as pd
import pytest

from ebmbench.core.csv_schema import read_typed
from ebmbench.planning.reference_runs import grids
from ebmbench.reporting.claims.claim import read_claims
from ebmbench.workflow.stages import ranks
from ebmbench.workflow.stages.claims import evaluate, write_claims
from tests.helpers.paths import ROOT

REFERENCE = ROOT / "results/reference"
CLAIMS, SCHEMA = ROOT / "config/claims.yaml", ROOT / "src/ebmbench/core/schemas/claims.schema.yaml"


@pytest.fixture(scope="module")
def asked():
    return read_claims(CLAIMS, SCHEMA)


@pytest.fixture(scope="module")
def found(asked):
    return evaluate(asked, REFERENCE)


def test_committed_verdicts_are_those_of_the_committed_runs(tmp_path):
    write_claims(CLAIMS, SCHEMA, REFERENCE, tmp_path)
    for name in ("claims.csv", "claims.md"):
        assert (tmp_path / name).read_text() == (REFERENCE / "claims" / name).read_text()


def test_every_paper_has_claims_and_every_verdict_occurs(found):
    together = found[found["on"] == "all"]
    assert len(together) >= 20
    for paper in ("Energy Discrepancy", "Generalized EBM", "Hybrid EBM"):
        assert together["source"].str.startswith(paper).sum() >= 5
    assert set(together["verdict"]) == {"held", "not held", "undecided"}


def test_what_was_measured_before_is_told_again(found):
    verdicts = found.set_index(["id", "on"])["verdict"]
    assert verdicts["ed_fits_better_than_cd", "gaussians25"] == "held"
    assert verdicts["ed_fits_better_than_sm", "gaussians8"] == "not held"
    assert verdicts["kale_is_comparable_to_likelihood", "parkinsons"] == "not held"
    gap = found.set_index(["id", "on"]).loc[("energy_improves_flow", "magic")]
    paired = read_typed(REFERENCE / "gebm/over_base.csv").set_index(["dataset", "family", "metric", "other"])
    assert gap["effect"] == pytest.approx(paired.loc[("magic", "gebm_nvp5", "nll", "nvp5 · ml"), "gain"], rel=1e-6)


def test_moved_runs_move_the_verdict(tmp_path, asked):
    shutil.copytree(REFERENCE / "energy_discrepancy", tmp_path / "energy_discrepancy")
    path = tmp_path / "energy_discrepancy/scores.csv"
    scores = pd.read_csv(path, dtype=str, keep_default_na=False)
    scores.loc[(scores["metric"] == "kl") & (scores["loss"] == "ed"), "value"] = "50"
    scores.to_csv(path, index=False)
    only = [claim for claim in asked.claims if claim.id == "ed_fits_better_than_cd"]
    moved = evaluate(asked.__class__(asked.level, tuple(only)), tmp_path)
    assert moved.iloc[-1]["verdict"] == "not held"


@pytest.mark.parametrize("grid", grids(REFERENCE))
def test_committed_ranks_are_those_of_the_committed_runs(tmp_path, grid):
    ranks.write_tables(REFERENCE / grid / "scores.csv", REFERENCE / grid / "curves.csv", tmp_path)
    for name in ("ranks.csv", "rank_pairs.csv", "ranks.md"):
        assert (tmp_path / name).read_text() == (REFERENCE / "claims" / grid / name).read_text()


def test_no_ranks_stand_for_a_grid_that_is_gone():
    ranked = {path.name for path in (REFERENCE / "claims").iterdir() if path.is_dir()}
    assert ranked == set(grids(REFERENCE))
