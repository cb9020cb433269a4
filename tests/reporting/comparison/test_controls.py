"""Controls: a biased metric that ranks real data behind models, and one that does not see a Gaussian."""

import math
import re

import numpy as np
import pandas as pd
import pytest

from ebmbench.core.cells import AXES
from ebmbench.core.columns import CURVES, MODEL
from ebmbench.core.csv_schema import read_typed
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.columns import Column, columns_of, heading
from ebmbench.reporting.comparison.control_marks import MARK, legend, marked
from ebmbench.reporting.comparison.controls import COLUMNS, Control, controls, failing
from ebmbench.reporting.comparison.readers_table import readers_table
from ebmbench.reporting.comparison.summary import summarise
from ebmbench.reporting.controls_page import controls_page
from ebmbench.workflow.stages.tables import write_tables
from tests.helpers.paths import ROOT
from tests.helpers.score_rows import frame, rows_of

SW = Column("sliced_wasserstein", "test", MODEL)

PRECISION = "precision_cnn"

#: differences between seeds, the same for all methods: the data of a seed
SHARED = np.array([0.1, -0.1, 0.05, -0.05, 0.0])


def values(level, noise, seeds=5):
    """Values on the log scale around a level, with little noise of their own."""
    own = np.random.default_rng(noise).normal(0, 0.01, seeds)
    return list(np.exp(math.log(level) + SHARED[:seeds] + own))


def table(oracle=0.2, gaussian=0.4, nats=2.0, metric="sliced_wasserstein", seeds=5, **others):
    """Scores of an oracle, a Gaussian ``nats`` worse in nll, and two trained methods at .2 and ``others``."""
    rows = rows_of("oracle-none-none", metric, "test", values(oracle, 1, seeds)) if oracle else []
    rows += rows_of("gaussian-ml-none", metric, "test", values(gaussian, 2, seeds)) if gaussian else []
    methods = {"ebm-ed-none": 0.2, "flow-ml-none": 0.21} | others
    for i, (method, level) in enumerate(methods.items()):
        rows += rows_of(method, metric, "test", values(level, 3 + i, seeds))
        rows += rows_of(method, "nll", "test", [1.0] * seeds)
    if gaussian:
        rows += rows_of("gaussian-ml-none", "nll", "test", [1.0 + nats] * seeds)
    return frame(rows).assign(stderr=0.001)


def decided(scores, metric="sliced_wasserstein"):
    found = controls(scores)
    assert tuple(found.columns) == COLUMNS
    return found[found["metric"] == metric].iloc[0]


def test_an_oracle_that_a_biased_metric_puts_behind_a_model_is_a_failure():
    """159 held-out rows against 2,000 samples: real data are farther away by the number of rows alone."""
    row = decided(table(oracle=0.4))
    assert (row.verdict, row.oracle, row.simple) == (Control.FAILS, Control.FAILS, Control.PASS)
    assert row.reason == "the oracle is behind the best by sliced_wasserstein"
    assert row.oracle_behind == pytest.approx(math.log(2), abs=0.03) and row.best == "ebm-ed-none"
    # at equal numbers it is where the best are
    assert decided(table(oracle=0.2)).verdict == Control.PASS
    # the margin is a factor of 1.25
    assert decided(table(oracle=0.2 * 1.2)).oracle == Control.PASS
    assert decided(table(oracle=0.2 * 1.35)).oracle == Control.FAILS


def test_a_gaussian_a_nat_worse_that_is_among_the_best_is_a_failure():
    row = decided(table(gaussian=0.22))
    assert (row.verdict, row.oracle, row.simple) == (Control.FAILS, Control.PASS, Control.FAILS)
    assert row.reason == "sliced_wasserstein does not tell gaussian, 2 nats worse, from the best"
    both = decided(table(oracle=0.4, gaussian=0.2))
    assert (both.oracle, both.simple) == (Control.FAILS, Control.FAILS) and "; " in both.reason
    near = decided(table(gaussian=0.22, nats=0.9))
    assert (near.verdict, near.simple) == (Control.PASS, Control.UNDECIDED) and "not 1 nat worse" in near.reason


def images(noise, family="noise"):
    """Precision of real images, of two trained methods and of pixels of noise; there are no likelihoods."""
    shares = {"oracle-none-none": 0.9, "vae-elbo-none": 0.65, "lebm-ed-none": 0.7, f"{family}-none-none": noise}
    rows = [
        row for i, (name, of) in enumerate(shares.items()) for row in rows_of(name, PRECISION, "test", values(of, i))
    ]
    return frame(rows).assign(stderr=0.001)


def test_pixels_of_noise_among_the_best_are_a_failure_without_any_likelihood():
    row = decided(images(0.95), PRECISION)
    assert (row.verdict, row.oracle, row.simple) == (Control.FAILS, Control.PASS, Control.FAILS)
    assert row.reason == "precision_cnn does not tell noise from the best" and math.isnan(row.nats_behind)
    assert decided(images(0.05), PRECISION).simple == Control.PASS
    # of a Gaussian without a likelihood nothing is known
    assert decided(images(0.95, "gaussian"), PRECISION).simple == Control.UNDECIDED


def test_without_controls_the_verdict_is_undecided():
    row = decided(table(oracle=None, gaussian=None))
    assert (row.verdict, row.reason) == (Control.UNDECIDED, "there is no oracle; there is no simple model")
    assert math.isnan(row.oracle_p)
    # one seed without Monte Carlo errors
    alone = table(oracle=0.4, seeds=1)
    unknown = decided(alone.assign(stderr=math.nan))
    assert (unknown.verdict, unknown.oracle) == (Control.UNDECIDED, Control.UNDECIDED) and "no errors" in unknown.reason
    assert decided(alone.assign(stderr=0.001)).oracle == Control.FAILS
    assert decided(alone.assign(stderr=0.2)).oracle == Control.PASS
    assert controls(table()[lambda rows: rows["loss"] == "none"]).empty


def test_seeds_that_scatter_show_nothing():
    scores = table(oracle=0.3)
    noisy = scores["family"] == "oracle"
    scattered = np.array([3.0, 0.3, 1.0, 1.5, 0.5])
    scores.loc[noisy, "value"] = scores.loc[noisy, "value"].to_numpy(float) * scattered
    row = decided(scores)
    assert row.oracle == Control.PASS and row.oracle_behind > math.log(1.25)


def test_pairs_of_a_seed_share_its_data():
    """The data of a seed move all values alike: unpaired, five seeds could not show a factor of 1.5."""
    wild = np.exp(np.array([1.5, -1.5, 0.8, -0.8, 0.0]))
    scores = table(oracle=0.3)
    own = scores["metric"] == "sliced_wasserstein"
    scores.loc[own, "value"] = scores.loc[own, "value"].to_numpy(float) * wild[scores.loc[own, "seed"].to_numpy(int)]
    assert decided(scores).oracle == Control.FAILS
    shuffled = scores.copy()
    shuffled.loc[shuffled["family"] == "oracle", "seed"] = [4, 3, 2, 1, 0]
    assert decided(shuffled).oracle == Control.PASS


def test_higher_is_better_where_the_metric_says_so():
    better = decided(table(oracle=0.9, gaussian=0.1, metric="anomaly_auroc"), "anomaly_auroc")
    assert (better.verdict, better.best) == (Control.PASS, "flow-ml-none")
    assert decided(table(oracle=0.05, gaussian=0.1, metric="anomaly_auroc"), "anomaly_auroc").oracle == Control.FAILS


def test_a_method_with_few_values_is_no_standard():
    scores = table(oracle=0.2)
    lucky = frame(
        rows_of("ebm-cd-none", "sliced_wasserstein", "test", [0.05, "diverged", "diverged", 0.05, "diverged"])
    )
    assert decided(pd.concat([scores, lucky])).verdict == Control.PASS
    whole = frame(rows_of("ebm-cd-none", "sliced_wasserstein", "test", values(0.05, 9), stderr=0.001))
    assert decided(pd.concat([scores, whole])).oracle == Control.FAILS


def test_equal_methods_fail_an_oracle_in_less_than_one_of_twenty():
    """An unbiased metric around 0 has no margin: forty equal methods, of which the best is the best by chance."""
    rng, failed = np.random.default_rng(0), 0
    for _ in range(40):
        rows = rows_of("oracle-none-none", "mmd2", "test", list(rng.normal(size=5)))
        for i in range(12):
            rows += rows_of(f"ebm-l{i}-none", "mmd2", "test", list(rng.normal(size=5)))
        failed += decided(frame(rows), "mmd2").oracle == Control.FAILS
    assert failed <= 6  # 2 expected, at most 5 %


def test_a_failing_column_is_marked_at_its_heading_and_explained():
    scores = table(oracle=0.4)
    found = failing(controls(scores))
    assert list(found) == [("moons", SW)]
    page = marked(readers_table(summarise(scores)), [column for _, column in found])
    assert f"{heading(SW)} {MARK}" in page.columns and "nll (nats)" in page.columns
    assert legend(page).startswith(f"{MARK} means that the metric fails a control")
    assert legend(marked(readers_table(summarise(scores)), [])) == ""


def test_the_page_has_verdicts_and_numbers_of_failures():
    scores = table(oracle=0.4)
    page = controls_page(controls(scores), summarise(scores))
    assert re.search(r"\| sliced_wasserstein \(data units\) +\| fails: oracle +\|", page)
    assert re.search(r"\| nll \(nats\) +\| pass: simple +\|", page)
    assert "2 columns of the tables: 1 pass, 1 fails" in page and "ebm-ed-none: 0.2" in page


@pytest.fixture(scope="module")
def smoke():
    return read_typed(ROOT / "results/reference/smoke/scores.csv")


@pytest.mark.parametrize("factor", [1, 50])
def test_every_metric_of_the_smoke_grid_passes_its_controls_or_is_marked(smoke, tmp_path, factor):
    """Over all metrics with a direction and a trained method, on every data set and of every distribution.

    A sliced Wasserstein distance that puts real data fifty times as far away fails, and is marked.
    """
    biased = (smoke["family"] == "oracle") & (smoke["metric"] == SW.metric)
    smoke = smoke.assign(value=smoke["value"].where(~biased, factor * smoke["value"]))
    found = controls(smoke)
    trained = smoke[(smoke["status"] == "ok") & (smoke["loss"] != "none")]
    keys = trained[["dataset", "metric", "split", "distribution"]].drop_duplicates().itertuples(index=False)
    asked = {tuple(key) for key in keys if described(key.metric).direction != "none"}
    assert {tuple(key) for key in found[["dataset", "metric", "split", "distribution"]].to_numpy()} == asked
    assert len({key[1] for key in asked}) > 20
    smoke.to_csv(tmp_path / "scores.csv", index=False)
    runs = read_typed(ROOT / "results/reference/smoke/runs.csv")
    runs.to_csv(tmp_path / "runs.csv", index=False)
    pd.DataFrame(columns=[*AXES, *CURVES]).to_csv(tmp_path / "curves.csv", index=False)
    write_tables(tmp_path, [])
    failed = failing(found)
    assert {dataset for dataset, column in failed if column == SW} == (set(smoke["dataset"]) if factor > 1 else set())
    for dataset, part in summarise(smoke).groupby("dataset"):
        page = (tmp_path / f"{dataset}.md").read_text()
        headers = [line for line in page.splitlines() if line.startswith("| method")]
        headings = {field.strip() for header in headers for field in header.split("|")}
        for column in columns_of(part):
            assert (f"{heading(column)} {MARK}" in headings) == ((dataset, column) in failed), column
            assert (heading(column) in headings) == ((dataset, column) not in failed), column
        assert ("means that the metric fails a control" in page) == any(f"{MARK}" in text for text in headings)
