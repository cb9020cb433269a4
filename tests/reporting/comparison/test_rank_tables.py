"""Ranks across data sets: against counts by hand, closed forms, and blocks that hold nothing to find."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from ebmbench.reporting.comparison.columns import Column
from ebmbench.reporting.comparison.rank_blocks import KL, LEAST, Block, blocks, ranked_columns
from ebmbench.reporting.comparison.rank_tables import least_p, pairs, significance, summary
from ebmbench.workflow.stages import ranks as stage
from tests.helpers.rankable import SETS, always_in_order, scores


def only(table, metric="kl", split="exact"):
    (found,) = blocks(table, Column(metric, split, "model"))
    return found


def test_ranks_are_within_a_data_set_and_means_over_them():
    table = scores(
        {("x", "a"): 1.0, ("x", "b"): 2.0, ("x", "c"): 2.0, ("y", "a"): 9.0, ("y", "b"): 1.0, ("y", "c"): 5.0}
    )
    reported = summary(only(table)).set_index("loss")
    assert reported["mean_rank"].to_dict() == {"a": 2.0, "b": 1.75, "c": 2.25}
    assert reported["best"].to_dict() == {"a": 1, "b": 1, "c": 0}
    assert reported["friedman_p"].isna().all()
    assert set(reported["datasets"]) == {2}


def test_a_metric_of_which_more_is_better_is_ranked_the_other_way():
    table = scores({("x", "a"): 0.9, ("x", "b"): 0.2, ("y", "a"): None, ("y", "b"): 0.1}, metric="precision_cnn")
    reported = summary(only(table, "precision_cnn")).set_index("loss")["mean_rank"]
    assert reported.to_dict() == {"a": 1.5, "b": 1.5}


def test_seeds_count_by_their_median_and_a_failed_run_is_worse_than_any():
    table = scores({("x", "a"): [0.0, 5.0, None], ("x", "b"): 4.0, ("y", "a"): [0.0, None, None], ("y", "b"): 1e9})
    of = only(table)
    assert of.values.loc["x"].tolist() == [5.0, 4.0]
    assert of.values.loc["y"].tolist() == [math.inf, 1e9]
    assert summary(of).set_index("loss")["no_result"].to_dict() == {"a": 1, "b": 0}


def test_controls_and_other_distributions_are_no_methods():
    table = always_in_order()
    control = table[table["loss"] == "a"].assign(loss="none", family="oracle")
    drawn = table[table["loss"] == "b"].assign(distribution="sampler", loss="e")
    assert only(pd.concat([table, control, drawn])).values.shape == (9, 4)


def test_the_block_with_a_test_comes_before_the_larger_one_without():
    wide = scores({(name, loss): float(len(loss)) for name in SETS[:5] for loss in ("m" * k for k in range(1, 12))})
    long = always_in_order(losses="abc")
    tested, largest = blocks(pd.concat([wide, long]), KL)
    assert (tested.values.shape, tested.tested) == ((9, 3), True)
    assert (largest.values.shape, largest.tested) == ((5, 14), False)
    assert len(tested.left_out) == 11
    assert largest.datasets_left_out == SETS[5:]


def test_nothing_is_ranked_where_no_two_methods_share_two_data_sets():
    assert blocks(scores({("x", "a"): 1.0, ("x", "b"): 1.0, ("y", "a"): 1.0}), KL) == []
    assert blocks(always_in_order(), Column("nll", "test", "model")) == []


def test_friedman_of_a_perfect_order_is_its_greatest():
    reported = summary(only(always_in_order())).iloc[0]
    assert reported["friedman_chi2"] == pytest.approx(9 * 3)
    assert reported["friedman_p"] == pytest.approx(scipy.stats.chi2.sf(27, 3))


def test_critical_difference_is_demsars_and_nemenyis_p_is_level_there():
    # Demsar (2006), table 5: q_.05 of 4 classifiers is 2.569; CD = q sqrt(k (k + 1) / 6 N)
    of = only(always_in_order())
    difference = summary(of).iloc[0]["critical_difference"]
    assert difference == pytest.approx(2.569 * math.sqrt(4 * 5 / (6 * 9)), rel=1e-3)
    table = pairs(of)
    assert ((table["rank_difference"] > difference) == (table["nemenyi_p"] < 0.05)).all()
    assert {True, False} == set(table["nemenyi_p"] < 0.05)
    q = table["rank_difference"] / math.sqrt(4 * 5 / (12 * 9))
    assert table["nemenyi_p"].to_numpy() == pytest.approx(scipy.stats.studentized_range.sf(q, 4, math.inf), abs=1e-6)
    assert significance(of).loc["ebm-a-none", "ebm-a-none"] == 1.0


def test_pairs_count_data_sets_and_holm_adjusts_over_all_pairs():
    table = pairs(only(always_in_order()))
    assert (table["won"] == 9).all()
    assert (table["lost"] == 0).all()
    assert table["wilcoxon_p"].to_numpy() == pytest.approx(2**-8)
    assert table["wilcoxon_p_holm"].to_numpy() == pytest.approx(6 * 2**-8)
    assert least_p(only(always_in_order())) == pytest.approx(6 * 2**-8)


def test_methods_without_a_result_tie():
    table = always_in_order()
    table.loc[table["loss"].isin(["c", "d"]), ["value", "status"]] = [math.nan, "failed"]
    row = pairs(only(table)).set_index(["loss", "other"]).loc[("c", "ebm-d-none")]
    assert (row["won"], row["lost"], row["wilcoxon_p"]) == (0, 0, 1.0)


CURVES = "dataset,family,loss,stats,seed,step,energy_evaluations,gradient_evaluations,kl\n"


@pytest.fixture
def files(tmp_path):
    """Write scores, with no curves beside them; odd data sets have eight dimensions."""
    (tmp_path / "curves.csv").write_text(CURVES)

    def write(table):
        table.to_csv(tmp_path / "scores.csv", index=False)
        dims = [{"dataset": name, "dim": (2, 8)[i % 2]} for i, name in enumerate(table["dataset"].unique())]
        pd.DataFrame(dims).to_csv(tmp_path / "datasets.csv", index=False)
        return stage.RankSources.beside(tmp_path)

    return write


def test_fewer_data_sets_than_six_have_ranks_and_the_sentence_why(files, tmp_path):
    stage.write_tables(files(always_in_order(SETS[: LEAST - 1])), tmp_path / "few")
    text = (tmp_path / "few/ranks.md").read_text()
    assert "Fewer than 6 data sets: ranks only, because a test has no power with so few." in text
    assert "Bayesian" not in text and "first  " not in text
    columns = ["wilcoxon_p", "nemenyi_p", "better", "equivalent", "worse"]
    assert pd.read_csv(tmp_path / "few/rank_pairs.csv")[columns].isna().all(axis=None)
    stage.write_tables(files(always_in_order(SETS[:LEAST])), tmp_path / "enough")
    text = (tmp_path / "enough/ranks.md").read_text()
    assert "Friedman: chi^2 = 18.0 with 3 degrees of freedom" in text
    assert "in its favour by more than a factor of 1.25" in text


def test_images_are_ranked_by_their_distances_first_by_the_samplers_then_by_the_models(files, tmp_path):
    assert [of.metric for of in ranked_columns(["nll", "kl"])] == ["kl", "nll", "mmd2", "sliced_wasserstein"]
    drawn = always_in_order(losses="ab").assign(metric="fd_cnn", split="test", distribution="sampler")
    exact = always_in_order(losses="ba").assign(metric="fd_cnn", split="test")
    stage.write_tables(files(pd.concat([drawn, exact])), tmp_path)
    found = pd.read_csv(tmp_path / "ranks.csv").drop_duplicates("distribution")
    assert dict(zip(found["distribution"], found["loss"], strict=True)) == {"sampler": "a", "model": "b"}
    titles = [line for line in (tmp_path / "ranks.md").read_text().splitlines() if line.startswith("## ")]
    assert titles == ["## fd_cnn, test, sampler", "## fd_cnn, test"]


def test_a_grid_without_anything_to_rank_gives_empty_tables_and_figures(files, tmp_path):
    stage.write_ranks(files(scores({("x", "a"): 1.0})), tmp_path)
    figures = {"critical_difference.png", "rank_profiles.png", "rank_budget.png", "rank_dimension.png"}
    assert {p.name for p in tmp_path.glob("*.png")} == figures
    assert (tmp_path / "ranks.csv").read_text().startswith("metric,split,distribution,datasets,methods")


def test_data_sets_of_several_dimensions_have_ranks_by_dimension(files, tmp_path):
    stage.write_ranks(files(always_in_order()), tmp_path)
    page = (tmp_path / "ranks.md").read_text()
    assert "Data sets per dimension: 5 in 2 D, 4 in 8 D." in page and "| ebm · a  | 1.00 (3.9) " in page
    assert len(pd.read_csv(tmp_path / "rank_dimension.csv")) == 2 * 4
    assert (tmp_path / "rank_dimension.png").stat().st_size > 10_000


def test_no_table_of_the_page_is_wider_than_six_columns(files, tmp_path):
    stage.write_tables(files(always_in_order()), tmp_path)
    heads = [line for line in (tmp_path / "ranks.md").read_text().splitlines() if line.startswith("|")]
    assert heads and max(line.count("|") - 1 for line in heads) <= 6


def test_a_failure_is_no_first_place():
    table = scores({("x", "a"): None, ("x", "b"): None, ("y", "a"): None, ("y", "b"): 1.0})
    assert summary(only(table)).set_index("loss")["best"].to_dict() == {"a": 0, "b": 1}


def test_a_value_that_is_not_a_number_is_a_failure():
    table = scores({("x", "a"): 1.0, ("x", "b"): 2.0, ("y", "a"): 1.0, ("y", "b"): 2.0})
    table.loc[(table["dataset"] == "y") & (table["loss"] == "a"), "value"] = math.nan
    assert only(table).values.loc["y"].tolist() == [math.inf, 2.0]


def test_a_method_that_does_not_define_the_metric_is_left_out_and_one_that_fails_is_not():
    table = always_in_order(losses="abc")
    table.loc[table["loss"] == "c", ["value", "status"]] = [math.nan, "skipped"]
    assert [name[1] for name in only(table).values] == ["a", "b"]
    table.loc[table["loss"] == "c", "status"] = "failed"
    assert np.isinf(only(table).values["ebm", "c", "none"]).all()
    # one that is skipped on some data sets only, such as those where its base failed, stays
    table.loc[(table["loss"] == "c") & (table["dataset"] == SETS[0]), "status"] = "skipped"
    assert np.isinf(only(table).values["ebm", "c", "none"]).all()


def test_seeds_are_not_data_sets():
    """Ten times as many seeds of the same data sets leave every p as it is."""
    few, many = (
        always_in_order(SETS[:6]),
        pd.concat([always_in_order(SETS[:6]).assign(seed=seed) for seed in range(30)]),
    )
    assert summary(only(few))["friedman_p"].tolist() == summary(only(many))["friedman_p"].tolist()


def test_methods_that_are_alike_are_seldom_called_different():
    generator, found, repetitions = np.random.default_rng(0), 0, 200
    for _ in range(repetitions):
        values = {("ebm", loss, "none"): generator.normal(size=len(SETS)) for loss in "abcd"}
        found += bool((significance(Block(KL, pd.DataFrame(values), [], [])).to_numpy() < 0.05).any())
    assert found / repetitions < 0.05 + 3 * math.sqrt(0.05 * 0.95 / repetitions)
    assert found > 0


def test_a_method_that_is_always_first_is_so_in_every_resample_and_surely_better():
    of = only(always_in_order())
    reported = summary(of).set_index("loss")
    assert reported["first_fraction"].to_dict() == {"a": 1, "b": 0, "c": 0, "d": 0}
    assert reported["place_low"].tolist() == reported["place_high"].tolist() == [1, 2, 3, 4]
    table = pairs(of)
    assert (table["better"] > 0.99).all() and set(table["unit"]) == {"log ratio"}


def test_values_within_the_margin_are_practically_equivalent_whatever_wilcoxon_says():
    values = {
        (name, loss): (1 + i) * by for i, name in enumerate(SETS) for loss, by in zip("abc", (1, 1.1, 9), strict=True)
    }
    table = pairs(only(scores(values))).set_index(["loss", "other"])
    near = table.loc[("a", "ebm-b-none")]
    assert near["wilcoxon_p"] < 0.01 and near["equivalent"] == 1
    assert table.loc[("a", "ebm-c-none"), "better"] > 0.99
