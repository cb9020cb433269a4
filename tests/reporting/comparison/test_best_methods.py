"""The bold group of a table: multiple comparisons with the best, by answers that are known."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from scipy.special import ndtr

from ebmbench.core.csv_schema import read_typed
from ebmbench.planning.reference_runs import grids
from ebmbench.reporting.captions import Caption
from ebmbench.reporting.comparison import best_methods as module
from ebmbench.reporting.comparison import convergence
from ebmbench.reporting.comparison.best_methods import best_methods, explained, tied_with_best
from ebmbench.reporting.comparison.columns import Column, columns_of
from ebmbench.reporting.comparison.control_marks import marked
from ebmbench.reporting.comparison.controls import controls, failing
from ebmbench.reporting.comparison.readers_table import KEYS, readers_table
from ebmbench.reporting.comparison.summary import summarise
from ebmbench.reporting.comparison.variances import Moderated
from ebmbench.reporting.latex import latex
from ebmbench.reporting.markdown import split_columns
from tests.helpers.paths import ROOT
from tests.helpers.score_rows import rows_of, summary_of
from tests.helpers.simulated_methods import SPREADS, coverage, left_out

REFERENCE = ROOT / "results/reference"

KL = Column("kl", "exact", "model")
NLL = Column("nll", "test", "model")
NOISE = np.array([0.0, 0.3, -0.2, 0.1, -0.2])


def of(methods, metric="kl", split="exact", stderr=0.001):
    rows = [rows_of(f"{name}-none", metric, split, list(values), stderr) for name, values in methods.items()]
    return pd.DataFrame([row for part in rows for row in part])


def names(found):
    return {"-".join(name[:2]) for name in found}


def test_the_group_holds_the_best_and_what_is_tied_with_it():
    table = of({"ebm-a": np.exp(NOISE), "ebm-b": 1.1 * np.exp(NOISE[::-1]), "ebm-c": 5 * np.exp(NOISE[::-1])})
    assert names(best_methods(table, KL)) == {"ebm-a", "ebm-b"}


@pytest.mark.parametrize("beyond", [0.99, 1.01])
def test_two_methods_of_equal_spread_are_a_one_sided_t_test(beyond):
    """By hand: equal variances are pooled, at the value that has their median, with 2 (n - 1) degrees of freedom."""
    noise = np.array([-1.0, 0.2, 0.8])
    pooled = noise.var(ddof=1) / (scipy.stats.chi2.median(2) / 2)
    gap = scipy.stats.t.isf(0.05, 4) * math.sqrt(2 / 3 * pooled)
    values = np.array([noise, noise[::-1] + beyond * gap])
    assert tied_with_best(values, np.zeros((2, 3)), margin=0.0).tolist() == [True, beyond < 1]
    # the margin is part of what has to be exceeded
    values[1] += 0.7
    assert tied_with_best(values, np.zeros((2, 3)), margin=0.7).tolist() == [True, beyond < 1]


def test_kl_is_compared_by_ratios_with_a_factor_as_margin():
    """The same spread of logarithms at any size: only the ratio counts, and 1.25 of it does not."""
    spread = np.exp(0.001 * NOISE)
    for size in (1e-3, 1.0, 100.0):
        table = of({"ebm-a": size * spread, "ebm-b": 1.24 * size * spread, "ebm-c": 1.27 * size * spread}, stderr=0.0)
        assert names(best_methods(table, KL)) == {"ebm-a", "ebm-b"}


def test_likelihoods_are_compared_in_nats():
    noise = 0.001 * NOISE
    table = of({"ebm-a": 5 + noise, "ebm-b": 5.045 + noise, "ebm-c": 5.06 + noise}, "nll", "test", 0.0)
    assert names(best_methods(table, NLL)) == {"ebm-a", "ebm-b"}


def test_fractions_have_no_margin_and_more_is_better():
    noise = 0.001 * NOISE
    recall = Column("recall_cnn", "test", "model")
    table = of({"vae-a": 0.9 + noise, "vae-b": 0.89 + noise[::-1], "vae-c": 0.9 + noise[::-1]}, "recall_cnn", "test", 0)
    assert names(best_methods(table, recall)) == {"vae-a", "vae-c"}


def test_what_all_methods_share_at_a_seed_cancels():
    """Apart by half a nat at every seed, though the test examples of the seeds differ by ten times as much."""
    generator = np.random.default_rng(0)
    shift = 5 * generator.normal(size=5)
    values = {f"ebm-{name}": shift + 0.05 * generator.normal(size=5) for name in "abcde"}
    values["ebm-e"] += 0.5
    assert names(best_methods(of(values, "nll", "test", 2.0), NLL)) == {f"ebm-{name}" for name in "abcd"}


def test_measurement_errors_count_where_seeds_happen_to_agree():
    noise = 0.01 * NOISE
    apart = {"ebm-a": 1 + noise, "ebm-b": 1.5 + noise[::-1]}
    assert names(best_methods(of(apart, stderr=0.001), KL)) == {"ebm-a"}
    assert names(best_methods(of(apart, stderr=0.5), KL)) == {"ebm-a", "ebm-b"}


def test_controls_single_seeds_and_directionless_metrics_lead_nothing():
    table = of({"oracle-none": 1e-9 + 0 * NOISE, "ebm-a": 1 + NOISE, "ebm-b": 1 + NOISE[::-1], "ebm-c": [0.5]})
    assert names(best_methods(table, KL)) == {"ebm-a", "ebm-b"}
    assert best_methods(of({"ebm-a": [1.0], "ebm-b": [2.0]}), KL) == set()
    assert best_methods(of({"ebm-a": 1 + NOISE}), KL) == set()
    assert best_methods(of({"oracle-none": 1 + NOISE}), KL) == set()
    kale = of({"ebm-a": 1 + NOISE, "ebm-b": 1 + NOISE[::-1]}, "kale", "test")
    assert best_methods(kale, Column("kale", "test", "model")) == set()


def test_failing_never_helps():
    """Without its bad seed a is the best; with the failures dropped it would be bold, and b not."""
    good = [0.1, 0.11, 0.1, 0.09]
    table = of({"ebm-a": [*good, "failed"], "ebm-b": [*good, 9.0], "ebm-c": 3 * np.exp(NOISE)})
    assert "ebm-a" not in names(best_methods(table, KL))
    dropped = table[table["status"] == "ok"]
    assert "ebm-a" in names(best_methods(dropped, KL))
    # a method that fails does not exclude others by the seeds that are left to it
    table = of({"ebm-a": [*good, "diverged"], "ebm-c": 3 * np.exp(NOISE)})
    assert names(best_methods(table, KL)) == {"ebm-c"}


def test_methods_that_fail_as_often_compete():
    table = of({"ebm-a": [0.1, 0.11, "failed"], "ebm-b": ["failed", 0.1, 0.12], "ebm-c": ["failed", "failed", 0.1]})
    assert names(best_methods(table, KL)) == {"ebm-a", "ebm-b"}
    # of three runs one is more often than of five
    table = of({"ebm-a": [0.1, 0.11, "failed"], "ebm-b": ["failed", 0.1, 0.12, 0.11, 0.1]})
    assert names(best_methods(table, KL)) == {"ebm-b"}
    # an infinite value is a failure, a metric that is not defined is not
    table = of({"ebm-a": [0.1, 0.11, math.inf], "ebm-b": [0.1, 0.12, 0.11], "ebm-c": ["skipped"] * 3})
    assert names(best_methods(table, KL)) == {"ebm-b"}


def test_identical_values_are_tied_and_a_constant_gap_is_not():
    same = of({"ebm-a": [1.0, 1.0], "ebm-b": [1.0, 1.0], "ebm-c": [1.5, 1.5]}, stderr=0.0)
    assert names(best_methods(same, KL)) == {"ebm-a", "ebm-b"}


def unmoderated(variances, df):
    return Moderated(variances, df)


def pooled(variances, df):
    return Moderated(np.full_like(variances, variances.mean()), np.full_like(df, df.sum()))


# repetitions for a standard error of .01 to .015; wrong by that much or more is seen
@pytest.mark.parametrize(("spreads", "methods"), [("equal", 6), ("the best ten times narrower", 4), ("lognormal", 6)])
def test_a_truly_best_method_is_in_the_group(spreads, methods):
    assert coverage(SPREADS[spreads], methods, 3, 300) > 0.95 - 0.035


@pytest.mark.parametrize(
    ("name", "wrong", "spreads"),
    [
        ("stdtr", lambda df, t: ndtr(t), "lognormal"),
        ("least_p_adjusted", lambda p, shares: p, "the best ten times narrower"),
        ("moderated", pooled, "the best ten times wider"),
    ],
    ids=["z for t", "no correction over methods", "one variance for all"],
)
def test_wrong_variants_lose_the_best_method(monkeypatch, name, wrong, spreads):
    monkeypatch.setattr(module, name, wrong)
    assert coverage(SPREADS[spreads], 6, 3, 200) < 0.95 - 0.06


def test_moderation_tells_methods_of_equal_spread_apart_by_three_seeds(monkeypatch):
    """Twelve methods that vary by a fifth; one of them is the best by a factor of three."""
    settings = {"worse": math.log(3), "margin": math.log(1.25)}

    def spreads(generator, methods):
        return np.full(methods, 0.2)

    assert left_out(spreads, 12, 3, 40, **settings) > 0.75
    monkeypatch.setattr(module, "moderated", unmoderated)
    assert left_out(spreads, 12, 3, 40, **settings) < 0.5


def test_the_effect_of_seeds_does_not_hide_differences(monkeypatch):
    settings = {"worse": 1.0, "margin": 0.05, "shared": 1.0}

    def spreads(generator, methods):
        return np.full(methods, 0.1)

    assert left_out(spreads, 6, 3, 40, **settings) > 0.9
    assert coverage(SPREADS["equal"], 6, 3, 200, shared=3.0) > 0.95 - 0.045


def test_the_caption_names_scale_and_margin_of_each_metric():
    text = explained([KL, NLL, Column("nll_trimmed", "test", "model"), Column("mmd2", "test", "model"), KL])
    assert "log scale, margin a factor of 1.25: kl;" in text
    assert "linear scale, margin 0.05 nats: nll, nll_trimmed;" in text
    assert "linear scale, margin 0: mmd2)" in text
    assert "level 0.05" in text


def test_both_pages_set_the_group_in_bold():
    rows = of({"ebm-a": [1.0, 1.2], "ebm-b": [3.0, 3.2]})
    table = readers_table(summary_of(rows.to_dict("records")), {KL: {("ebm", "a", "none")}})
    assert table["kl (nats)"].tolist() == ["**1.1 [0, 2.4]**", "3.1 ± 1.3"]
    text = latex("t", Caption("About."), table)
    assert r"\textbf{1.1 {[}0, 2.4]}" in text and "**" not in text
    assert r"& 3.1 $\pm$ 1.3 \\" in text


@pytest.mark.parametrize("grid", grids(REFERENCE))
def test_committed_pages_have_in_bold_who_leads_by_the_committed_scores(grid):
    scores, curves, runs = (read_typed(REFERENCE / grid / f"{name}.csv") for name in ("scores", "curves", "runs"))
    summary = convergence.with_convergence(summarise(scores), convergence.last_doublings(curves, runs))
    for dataset, part in summary.groupby("dataset"):
        own = scores[scores["dataset"] == dataset]
        table = readers_table(part, {column: best_methods(own, column) for column in columns_of(part)})
        failed = [column for _, column in failing(controls(own, columns_of(part)))]
        table = marked(convergence.marked(table, part), failed)
        page = (REFERENCE / grid / f"{dataset}.md").read_text()
        for shown in split_columns(table, KEYS):
            assert f"\n\n{shown.to_markdown(index=False, disable_numparse=True)}\n" in page, dataset
