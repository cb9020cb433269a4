"""The committed verdicts are those of the committed runs, and a run that moves moves them."""

import shutil

import pandas as pd
import pytest

from ebmbench.core.csv_schema import check, read_text, read_typed
from ebmbench.core.schemas import read_schema
from ebmbench.planning.reference_runs import grids
from ebmbench.reporting.claims.claim import read_claims
from ebmbench.reporting.claims.page import sentence
from ebmbench.reporting.claims.verdicts import COLUMNS
from ebmbench.workflow.stages import ranks
from ebmbench.workflow.stages.claims import evaluate, write_claims
from tests.helpers.paths import ROOT
from tests.helpers.reference_tables import RUNGS

REFERENCE = ROOT / "results/reference"
CLAIMS, SCHEMA = ROOT / "config/claims.yaml", ROOT / "src/ebmbench/core/schemas/claims.schema.yaml"


@pytest.fixture(scope="module")
def asked():
    return read_claims(CLAIMS, SCHEMA)


@pytest.fixture(scope="module")
def found():
    """The committed verdicts, which the next test holds to be today's."""
    return read_typed(REFERENCE / "claims/claims.csv")


def test_committed_verdicts_are_those_of_the_committed_runs(tmp_path):
    write_claims(CLAIMS, SCHEMA, REFERENCE, tmp_path)
    for name in ("claims.csv", "claims.md"):
        assert (tmp_path / name).read_text() == (REFERENCE / "claims" / name).read_text()


def test_the_committed_table_has_the_columns_and_words_of_its_schema():
    schema = read_schema(SCHEMA.with_name("verdicts.schema.yaml"))
    assert tuple(schema["required"]) == COLUMNS == tuple(schema["properties"])
    path = REFERENCE / "claims/claims.csv"
    check(read_text(path, schema["required"]), schema, path)


@pytest.mark.parametrize("document", ["README.md", "docs/results/claims.md", "results/reference/claims/claims.md"])
def test_the_sentence_that_counts_verdicts_is_made_from_them(found, document):
    text = " ".join((ROOT / document).read_text().split())
    assert sentence(found) in text
    assert text.count("sentences of the papers are judged") == 1


def test_every_paper_has_claims(found):
    together = found[found["on"] == "all"]
    assert len(together) >= 20
    for paper in ("Energy Discrepancy", "Generalized EBM", "Hybrid EBM"):
        assert together["source"].str.startswith(paper).sum() >= 5
    assert set(together["verdict"]) >= {"held", "undecided"}


def test_entries_are_those_of_tables_that_were_made_otherwise(found):
    verdicts = found.set_index(["id", "on"])["verdict"]
    assert verdicts["ed_fits_better_than_cd", "checkerboard"] == "held"
    # two of four trainings of the other side have no result
    assert verdicts["ed_fits_better_than_cd", "gaussians25"] == "undecided"
    assert verdicts["kale_is_comparable_to_likelihood", "parkinsons"] == "not held"
    gap = found.set_index(["id", "on"]).loc[("energy_improves_flow", "magic")]
    paired = read_typed(REFERENCE / "gebm/over_base.csv").set_index(["dataset", "family", "metric", "other"])
    assert gap["effect"] == pytest.approx(paired.loc[("magic", "gebm_nvp5", "nll", "nvp5 · ml"), "gain"], rel=1e-6)


def test_no_claim_of_one_training_each_is_held(tmp_path, asked):
    shutil.copytree(REFERENCE / "images_cpu", tmp_path / "images_cpu")
    path = tmp_path / "images_cpu/scores.csv"
    scores = pd.read_csv(path, dtype=str, keep_default_na=False)
    scores[(scores["dataset"] == "digits") | (scores["seed"] == "0")].to_csv(path, index=False)
    of_images = [claim for claim in asked.claims if claim.grid == "images_cpu"]
    found = evaluate(asked.__class__(asked.level, tuple(of_images)), tmp_path)
    alone = found[(found["on"] != "all") & (found["pairs"] == 1)]
    assert {"mnist", "fashion_mnist"} <= set(alone["on"]) and set(alone["verdict"]) == {"undecided"}
    together = found[found["on"] == "all"]
    assert set(together["verdict"]) == {"undecided"} and together["why"].str.contains("one training each").all()


def test_only_the_claims_about_latent_samplers_have_one_training_each(found):
    together = found[found["on"] == "all"]
    alone = together["why"].fillna("").str.startswith("one training each")
    assert set(together.loc[alone, "id"]) == {"latent_langevin_nears_model", "cold_langevin_nears_data"}


def test_failures_count_against_the_side_that_fails(found):
    """Contrastive divergence diverged in every training on three tables, which used to be left out."""
    rows = found[found["id"] == "kale_beats_cd"].set_index("on")
    assert rows.loc[["magic", "parkinsons", "power"], "lost"].tolist() == [5, 5, 5] and (rows["effect"] > 0).all()


def test_two_failures_are_not_comparable(tmp_path, asked):
    """At the least budget both stay at a ring without modes on gaussians8, .3 nats from the data, near each other."""
    shutil.copytree(REFERENCE / RUNGS[0], tmp_path / RUNGS[0])
    only = [claim for claim in asked.claims if claim.id == "ed_comes_near_likelihood"]
    row = evaluate(asked.__class__(asked.level, tuple(only)), tmp_path).set_index("on").loc["gaussians8"]
    assert row["verdict"] == "undecided" and row["why"] == "the other side has not learnt" and abs(row["effect"]) < 0.05


def test_literature_that_contradicts_a_finding_is_next_to_it(found):
    rows = found[found["on"] == "all"].set_index("id")
    assert rows.loc["kale_f_beats_kale_dv", ["published_for", "published_against"]].tolist() == [2, 3]
    assert "on the claim's side on 0 of 5" in rows.loc["kale_beats_cd", "published"]


def test_every_undecided_claim_says_what_would_decide_it(found):
    together = found[found["on"] == "all"]
    assert (together["would_decide"].fillna("") != "").tolist() == (together["verdict"] == "undecided").tolist()


def test_moved_runs_move_the_verdict(tmp_path, asked):
    for rung in RUNGS:
        shutil.copytree(REFERENCE / rung, tmp_path / rung)
        path = tmp_path / rung / "scores.csv"
        scores = pd.read_csv(path, dtype=str, keep_default_na=False)
        scores.loc[(scores["metric"] == "kl") & (scores["loss"] == "ed"), "value"] = "50"
        scores.to_csv(path, index=False)
    only = [claim for claim in asked.claims if claim.id == "ed_comes_near_likelihood"]
    moved = evaluate(asked.__class__(asked.level, tuple(only)), tmp_path)
    assert moved.iloc[-1]["verdict"] == "not held"


@pytest.mark.parametrize("grid", grids(REFERENCE))
def test_committed_ranks_are_those_of_the_committed_runs(tmp_path, grid):
    ranks.write_tables(ranks.RankSources.beside(REFERENCE / grid), tmp_path)
    for name in ("ranks.csv", "rank_pairs.csv", "ranks.md"):
        assert (tmp_path / name).read_text() == (REFERENCE / "claims" / grid / name).read_text()


def test_no_ranks_stand_for_a_grid_that_is_gone():
    ranked = {path.name for path in (REFERENCE / "claims").iterdir() if path.is_dir()}
    assert ranked == set(grids(REFERENCE))
