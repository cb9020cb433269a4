"""The recommended method: the best of the tied group, with what speaks against it, from committed tables."""

import shutil

import pandas as pd
import pytest

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.reporting.comparison.best_methods import best_methods
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.summary import summarise
from ebmbench.reporting.recommendation import LIKELIHOOD, ShorterRun, recommend
from tests.helpers.paths import ROOT

COMMITTED = ROOT / "results/reference/default"
NAMES = ("scores", "summary", "cost")


def folder(tmp_path, rung, change=lambda scores: scores):
    """Results of the default grid at a rung, whose scores are changed."""
    tables = tmp_path / f"x{rung}/tables"
    tables.mkdir(parents=True)
    for name in NAMES:
        shutil.copy(COMMITTED / f"{name}.csv", tables)
    scores = change(read_typed(COMMITTED / "scores.csv"))
    scores.to_csv(tables / "scores.csv", index=False)
    summarise(scores).to_csv(tables / "summary.csv", index=False)
    return tables.parent


def shifted(family, loss, by, **changes):
    """A change that moves the likelihoods of a method on redwine."""

    def change(scores):
        own = (scores["dataset"] == "redwine") & (scores["family"] == family) & (scores["loss"] == loss)
        own &= scores["metric"] == "nll"
        return scores.assign(value=scores["value"].where(~own, scores["value"] + by))

    return change


def lowest(scores):
    found = scores[(scores["dataset"] == "redwine") & (scores["loss"] != "none")]
    tied = best_methods(found, LIKELIHOOD)
    nll = found[(found["metric"] == "nll") & (found["split"] == "test") & (found["distribution"] == "model")]
    means = nll.groupby(["family", "loss", "stats"])["value"].mean()
    return min(tied, key=lambda method: means[method]), tied


def test_it_is_the_lowest_of_those_tied_with_the_best(tmp_path):
    found = recommend("redwine", folder(tmp_path, 1))
    best, tied = lowest(read_typed(COMMITTED / "scores.csv"))
    assert found.cell == ("redwine", *best) and set(found.tied) == tied and len(tied) > 1
    assert f"**{method_label(*best)}**" in found.page and "ebmbench sample" in found.page
    assert all(method_label(*method) in found.page.split("## Why")[0] for method in tied)
    assert "one short run only" in found.page


@pytest.mark.parametrize("rival", [("gaussian", "ml"), ("ebm", "dsm")])
def test_what_is_ten_nats_better_is_recommended_alone(tmp_path, rival):
    found = recommend("redwine", folder(tmp_path, 1, shifted(*rival, -10.0)))
    assert found.cell[1:3] == rival and found.tied == [(*rival, "none")]
    assert "No other of" in found.page and ("nats worse per row" in found.page) == (rival[0] != "gaussian")


def test_a_method_with_a_failed_seed_is_named_and_not_recommended(tmp_path):
    def failing(scores):
        scores = shifted("ebm", "dsm", -10.0)(scores)
        own = (scores["dataset"] == "redwine") & (scores["loss"] == "dsm") & (scores["seed"] == 0)
        return scores.assign(
            value=scores["value"].mask(own),
            stderr=scores["stderr"].mask(own),
            status=scores["status"].mask(own, "failed"),
        )

    found = recommend("redwine", folder(tmp_path, 1, failing))
    assert found.cell.loss != "dsm" and "Seeds without a likelihood: " in found.page and "ebm · dsm (" in found.page


def test_a_method_that_still_gains_from_the_budget_is_named(tmp_path):
    before = ShorterRun(folder(tmp_path, 1, shifted("ebm", "ed", 0.5)), 8)
    page = recommend("redwine", folder(tmp_path, 8), before).page
    [line] = [line for line in page.split("\n") if "8 times the training still gained, in nats: " in line]
    assert "ebm · ed (0.5)" in line and "dsm" not in line
    same = recommend("redwine", folder(tmp_path, 16), ShorterRun(folder(tmp_path, 2), 8)).page
    assert "8 times the training gained no method more than" in same and "Better after the shorter" not in same
    worse = ShorterRun(folder(tmp_path, 4, shifted("ebm", "dsm", -0.5)), 8)
    page = recommend("redwine", folder(tmp_path, 32), worse).page
    [line] = [line for line in page.split("\n") if "Better after the shorter first run, in nats: " in line]
    assert "ebm · dsm (0.5)" in line and "ebm · ed" not in line


def moved(family, loss, metric, by):
    """A change that moves a metric of a method on redwine by as much on every seed."""

    def change(scores):
        own = (
            scores[["dataset", "family", "loss", "metric"]].isin(["redwine", family, loss, metric]).all(axis="columns")
        )
        return scores.assign(value=scores["value"].where(~own, scores["value"] + by))

    return change


def test_another_method_is_named_for_samples_if_those_of_the_best_are_farther(tmp_path):
    def far(scores):
        return moved("ebm", "dsm", "energy_distance", 50.0)(shifted("ebm", "dsm", -10.0)(scores))

    page = recommend("redwine", folder(tmp_path, 1, far)).page
    [line] = [line for line in page.split("\n") if line.startswith("**For samples rather than likelihoods: ")]
    assert "those of ebm · dsm, at 50" in line and "statistically farther" in line
    near = recommend("redwine", folder(tmp_path, 2, shifted("ebm", "dsm", -10.0))).page
    assert "For samples" not in near


@pytest.mark.parametrize(("gaps", "named"), [((-0.3, 0.2, 0.5), True), ((0.35, 0.3, 0.31), False)])
def test_the_cheapest_is_not_one_that_is_worse_on_every_seed(tmp_path, gaps, named):
    best, cheapest = lowest(read_typed(COMMITTED / "scores.csv"))[0], ("gaussian", "ml", "none")

    def close(scores):
        values = scores[_of(scores, best)].set_index("seed")["value"] + pd.Series(gaps)
        return scores.assign(value=scores["value"].where(~_of(scores, cheapest), scores["seed"].map(values)))

    found = recommend("redwine", folder(tmp_path, 1, close))
    # both are tied by the rule for the group of the best, in which other methods' spread counts too
    assert found.cell == ("redwine", *best) and cheapest in found.tied
    assert ("seed by seed is gaussian · ml: 0.0 s per seed" in found.page) == named


def _of(scores, method):
    own = (scores[["family", "loss", "stats"]] == list(method)).all(axis="columns")
    own &= (scores["dataset"] == "redwine") & (scores["metric"] == "nll")
    return own & (scores["split"] == "test") & (scores["distribution"] == "model")


def test_without_a_likelihood_there_is_nothing_to_recommend(tmp_path):
    def none(scores):
        return scores[scores["metric"] != "nll"]

    with pytest.raises(UserError, match="redwine: no method has a likelihood on two seeds"):
        recommend("redwine", folder(tmp_path, 1, none))


def test_the_table_has_every_trained_method_and_what_samples_can_reach(tmp_path):
    page = recommend("redwine", folder(tmp_path, 1)).page
    scores = read_typed(COMMITTED / "scores.csv")
    own = scores[(scores["dataset"] == "redwine") & (scores["loss"] != "none")]
    names = {method_label(*method) for method in own.groupby(["family", "loss", "stats"]).groups}
    rows = pd.Series(page[page.index("## All methods") :].split("\n")).str.split("|").str[1].dropna().str.strip()
    assert names | {"oracle"} <= set(rows)
