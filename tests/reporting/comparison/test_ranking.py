"""Ranks across data sets: against counts by hand, closed forms, and blocks that hold nothing to find."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from ebmbench.reporting.comparison.ranking import LEAST, Block, blocks, least_p, pairs, significance, summary
from ebmbench.workflow.stages import ranks as stage


def scores(values, seeds=(0, 1, 2), metric="kl", split="exact"):
    """Rows of {(data set, loss): value or value a seed}; None is a run without a value."""
    rows = []
    for (dataset, loss), value in values.items():
        of_seeds = value if isinstance(value, list) else [value] * len(seeds)
        for seed, one in zip(seeds, of_seeds, strict=True):
            status = "failed" if one is None else "ok"
            rows.append((dataset, "ebm", loss, "none", seed, split, metric, "model", one, status))
    columns = ["dataset", "family", "loss", "stats", "seed", "split", "metric", "law", "value", "status"]
    return pd.DataFrame(rows, columns=columns).astype({"value": float})


SETS = [f"set{index}" for index in range(9)]


def always_in_order(sets=SETS, losses="abcd"):
    return scores(
        {(name, loss): 10.0**place * (1 + i) for i, name in enumerate(sets) for place, loss in enumerate(losses)}
    )


def only(table, metric="kl", split="exact"):
    (found,) = blocks(table, metric, split)
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


def test_controls_and_other_laws_are_no_methods():
    table = always_in_order()
    control = table[table["loss"] == "a"].assign(loss="none", family="oracle")
    drawn = table[table["loss"] == "b"].assign(law="sampler", loss="e")
    assert only(pd.concat([table, control, drawn])).values.shape == (9, 4)


def test_the_block_with_a_test_comes_before_the_larger_one_without():
    wide = scores({(name, loss): float(len(loss)) for name in SETS[:5] for loss in ("m" * k for k in range(1, 12))})
    long = always_in_order(losses="abc")
    tested, largest = blocks(pd.concat([wide, long]), "kl", "exact")
    assert (tested.values.shape, tested.tested) == ((9, 3), True)
    assert (largest.values.shape, largest.tested) == ((5, 14), False)
    assert len(tested.left_out) == 11
    assert largest.datasets_left_out == SETS[5:]


def test_nothing_is_ranked_where_no_two_methods_share_two_data_sets():
    assert blocks(scores({("x", "a"): 1.0, ("x", "b"): 1.0, ("y", "a"): 1.0}), "kl", "exact") == []
    assert blocks(always_in_order(), "nll", "test") == []


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


def test_fewer_data_sets_than_six_have_ranks_and_the_sentence_why(tmp_path):
    path = tmp_path / "scores.csv"
    always_in_order(SETS[: LEAST - 1]).to_csv(path, index=False)
    stage.write_ranks(path, tmp_path / "few")
    text = (tmp_path / "few/ranks.md").read_text()
    assert "Fewer than 6 data sets: ranks only, because a test has no power with so few." in text
    assert pd.read_csv(tmp_path / "few/rank_pairs.csv")[["wilcoxon_p", "nemenyi_p"]].isna().all(axis=None)
    always_in_order(SETS[:LEAST]).to_csv(path, index=False)
    stage.write_ranks(path, tmp_path / "enough")
    assert "Friedman: chi^2 = 18.0 with 3 degrees of freedom" in (tmp_path / "enough/ranks.md").read_text()


def test_a_grid_without_anything_to_rank_gives_empty_tables(tmp_path):
    path = tmp_path / "scores.csv"
    scores({("x", "a"): 1.0}).to_csv(path, index=False)
    stage.write_ranks(path, tmp_path)
    assert {p.name for p in tmp_path.glob("*.png")} == {"critical_difference.png"}
    assert (tmp_path / "ranks.csv").read_text().startswith("metric,split,datasets,methods")


def test_seeds_are_not_data_sets():
    """Ten times as many seeds of the same data sets leave every p as it is."""
    few, many = (
        always_in_order(SETS[:6]),
        pd.concat([always_in_order(SETS[:6]).assign(seed=seed) for seed in range(30)]),
    )
    assert summary(only(few))["friedman_p"].tolist() == summary(only(many))["friedman_p"].tolist()


def test_methods_that_are_alike_are_seldom_told_apart():
    generator, found, repetitions = np.random.default_rng(0), 0, 200
    for _ in range(repetitions):
        values = {("ebm", loss, "none"): generator.normal(size=len(SETS)) for loss in "abcd"}
        found += bool((significance(Block("kl", "exact", pd.DataFrame(values), [], [])).to_numpy() < 0.05).any())
    assert found / repetitions < 0.05 + 3 * math.sqrt(0.05 * 0.95 / repetitions)
    assert found > 0
