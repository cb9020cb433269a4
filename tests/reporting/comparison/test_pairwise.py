"""All pairs of methods of a data set, by hand: metric, order, differences, failures, verdicts and their sentences."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from scipy.stats import ttest_rel

from ebmbench.reporting.comparison.pairwise import COLUMNS, Outcome, all_pairs, table
from ebmbench.reporting.comparison.pairwise_page import MOST, headline, section_caption, with_best_page
from tests.helpers.score_rows import rows_of

#: apart by far more than seeds vary, with differences that are not constant
NEAR, FAR = [1.0, 1.1, 0.9, 1.05], [5.0, 5.1, 5.0, 4.9]


def scores(methods, metric="kl", split="exact", **other):
    rows = [rows_of(f"{name}-none", metric, split, list(values), **other) for name, values in methods.items()]
    return pd.DataFrame([row for part in rows for row in part])


def only(methods, **other):
    (found,) = all_pairs(scores(methods, **other))
    return found


def names(found):
    return [("-".join(pair.method[:2]), "-".join(pair.other[:2])) for pair in found.pairs]


def test_a_pair_by_hand():
    first, second = [1.0, 2.0, 3.5], [1.5, 2.9, 4.0]
    (row,) = table([only({"ebm-a": first, "ebm-b": second})]).to_dict("records")
    assert [row[name] for name in ("dataset", "metric", "split", "family", "loss", "stats", "other")] == [
        *("moons", "kl", "exact", "ebm", "a", "none", "ebm-b-none")
    ]
    half = 0.95 * math.sqrt(2 / (4 * 0.975 * 0.025)) * math.sqrt(0.16 / 3 / 3)
    assert row["gain"] == pytest.approx(1.9 / 3)
    assert row["gain_ci_high"] - row["gain"] == pytest.approx(half, rel=1e-6)
    assert row["p"] == row["p_holm"] == pytest.approx(ttest_rel(first, second).pvalue)
    assert (row["shared_seeds"], row["failed"], row["failed_other"], row["failed_both"]) == (3, 0, 0, 0)
    assert row["verdict"] == "ebm · a is better"


def test_every_pair_has_one_row_the_best_first_and_the_better_ahead():
    found = only({"ebm-c": [3, 3.3], "ebm-a": [1, 1.2], "flow-d": ["failed"] * 2, "ebm-b": [2, 2.1]})
    best, second, third = "ebm-a", "ebm-b", "ebm-c"
    assert names(found) == [
        *((best, second), (best, third), (best, "flow-d")),
        *((second, third), (second, "flow-d"), (third, "flow-d")),
    ]
    assert found.with_best == found.pairs[:3]
    assert len(table([found])) == 6


def test_the_best_has_values_on_the_most_seeds():
    found = only({"ebm-a": [0.1, 0.2, "diverged"], "ebm-b": [2.0, 2.2, 2.1], "ebm-c": [3.0, 3.3, 3.1]})
    assert names(found)[0] == ("ebm-b", "ebm-a")


def test_holm_counts_the_pairs_of_the_data_set_that_can_be_tested():
    methods = {"ebm-a": NEAR, "ebm-b": [1.3, 1.5, 1.2, 1.2], "ebm-c": ["failed"] * 4}
    two = only(methods).pairs[0]
    assert two.p_holm == two.gain.p < 0.05
    more = {f"ebm-d{i}": [1.31, 1.49, 1.22 + i / 100, 1.2] for i in range(4)}
    crowded = only(methods | more)
    pair = next(each for each in crowded.pairs if each.method[1] == "a" and each.other[1] == "b")
    assert pair.gain == two.gain and pair.p_holm > 0.05 and pair.outcome is Outcome.TIED
    assert sum(not math.isnan(each.p_holm) for each in crowded.pairs) == 15


def test_other_data_sets_do_not_count_in_holms_adjustment():
    own = scores({"ebm-a": NEAR, "ebm-b": [1.3, 1.5, 1.2, 1.2]})
    other = scores({f"ebm-{name}": NEAR[::-1] for name in "abcdef"}).assign(dataset="rings")
    alone, beside = all_pairs(own)[0], all_pairs(pd.concat([own, other]))[0]
    assert alone == beside


@pytest.mark.parametrize(
    ("failing", "counts", "outcome", "verdict"),
    [
        ([1.0, 1.1, 0.9, "failed"], (1, 0, 0), Outcome.WORSE_BUT_FAILED, "undecided: ebm · a failed where ebm · b did"),
        (["diverged", 1.1, "timeout", "failed"], (3, 0, 0), Outcome.UNTESTED, "too few shared seeds"),
        ([9.0, 9.2, "failed", 9.1], (1, 0, 0), Outcome.BETTER, "ebm · b is better"),
    ],
)
def test_failures_are_counted_and_never_win(failing, counts, outcome, verdict):
    assert only({"ebm-a": NEAR, "ebm-b": FAR}).pairs[0].verdict == "ebm · a is better"
    (pair,) = only({"ebm-a": failing, "ebm-b": FAR}).pairs
    assert pair.method[1] == "b"
    assert (pair.failed_other, pair.failed, pair.failed_both) == counts
    assert pair.outcome is outcome
    assert pair.verdict.startswith(verdict)


def test_a_seed_on_which_both_fail_speaks_against_neither():
    (pair,) = only({"ebm-a": [1.0, 1.1, 0.9, "failed"], "ebm-b": [5.0, 5.1, 5.0, "failed"]}).pairs
    assert (pair.failed, pair.failed_other, pair.failed_both) == (0, 0, 1)
    assert pair.verdict == "ebm · a is better"


def test_the_best_that_failed_where_another_did_not_is_not_better():
    (pair,) = only({"ebm-a": ["failed", *NEAR], "ebm-b": [*FAR, "failed"]}).pairs
    assert (pair.method[1], pair.failed, pair.failed_other) == ("a", 1, 1)
    assert pair.gain.p < 0.05 and pair.outcome is Outcome.BETTER_BUT_FAILED


def test_two_seeds_and_one():
    assert only({"ebm-a": [1.0, 1.1], "ebm-b": [1.2, 1.25]}).pairs[0].verdict == "2 seeds cannot separate these"
    (pair,) = only({"ebm-a": [1.0], "ebm-b": [9.0]}).pairs
    assert pair.verdict == "too few shared seeds" and pair.gain.mean == 8.0
    (pair,) = only({"ebm-a": ["failed", "failed", 1.0], "ebm-b": [9.0, 8.0, "failed"]}).pairs
    assert pair.gain.pairs == 0 and pair.verdict == "too few shared seeds"


def test_the_metric_is_the_one_that_the_table_is_sorted_by():
    kl, nll = {"ebm-a": NEAR, "ebm-b": FAR}, {"ebm-a": FAR, "ebm-b": NEAR}
    fd = {"ebm-a": [2.0, 3.0, 2.5, 2.2], "ebm-b": FAR}
    plane = pd.concat([scores(kl), scores(nll, "nll", "test"), scores(nll, "nll", "val")])
    images = pd.concat([scores(nll, "nll", "test"), scores(fd, "fd_cnn", "test"), scores(kl, "fd_inception", "test")])
    found = {of: all_pairs(of_scores)[0].column for of, of_scores in (("plane", plane), ("images", images))}
    assert (found["plane"].metric, found["plane"].split) == ("kl", "exact")
    assert found["images"].metric == "fd_cnn"
    assert all_pairs(scores(nll, "nll", "test"))[0].column[:2] == ("nll", "test")


def test_controls_samplers_and_undefined_metrics_are_left_out():
    methods = {"ebm-a": NEAR, "ebm-b": FAR, "oracle-none": [0.0] * 4, "gan-c": ["skipped"] * 4}
    table_of = pd.concat([scores(methods), scores({"ebm-c": NEAR}, distribution="sampler")])
    (found,) = all_pairs(table_of)
    assert names(found) == [("ebm-a", "ebm-b")]
    assert all_pairs(scores({"ebm-a": NEAR, "oracle-none": [0.0] * 4})) == []


def test_a_seed_skipped_because_the_base_failed_is_a_failure():
    (pair,) = only({"ebm-a": [*NEAR[:3], "skipped"], "ebm-b": FAR}).pairs
    assert pair.failed_other == 1 and pair.outcome is Outcome.WORSE_BUT_FAILED


def test_more_is_better_where_the_metric_says_so():
    (pair,) = only({"vae-a": FAR, "vae-b": NEAR}, metric="anomaly_auroc", split="test").pairs
    assert (pair.method[1], pair.verdict) == ("a", "vae · a is better") and pair.gain.mean == pytest.approx(3.9875)


def test_an_empty_table_has_its_columns():
    assert list(table([]).columns) == list(COLUMNS) and table([]).empty


def test_the_sentence_names_what_cannot_be_separated_from_the_best():
    found = only({"ebm-ed": [1.0, 1.1], "ebm-nce": [1.2, 1.25], "ebm-dsm": [1.3, 1.6]})
    assert headline(found) == ("ebm · nce and ebm · dsm: 2 seeds cannot separate these from the best, ebm · ed.")
    assert section_caption(found).endswith("lower is better. Of all 3 pairs: 3 not separated.")


def test_the_sentence_has_every_outcome():
    found = only(
        {
            "ebm-a": NEAR,
            "ebm-far": FAR,
            "ebm-tied": [1.2, 0.8, 1.3, 1.0],
            "ebm-short": [1.1, 1.3, 1.0, "failed"],
            "ebm-lost": ["failed"] * 4,
            "ebm-lucky": [0.1, 0.2, "failed", 0.15],
        }
    )
    assert headline(found) == (
        "ebm · tied and ebm · short: 3 to 4 seeds cannot separate these from the best, ebm · a. "
        "ebm · a is better than 1 of 5 others. "
        "Better than ebm · a on shared seeds, but failed on others: ebm · lucky. "
        "Too few shared seeds to compare with ebm · a: ebm · lost."
    )
    assert headline(only({"ebm-a": NEAR, "ebm-b": FAR})) == "ebm · a is better than the other method."
    blocked = only({"ebm-a": ["failed", *NEAR], "ebm-b": [*FAR, "failed"]})
    assert headline(blocked) == "ebm · a failed on seeds where these did not, and is therefore not better than ebm · b."


def test_forty_methods_remain_readable():
    found = only({f"ebm-m{i:02}": [1 + i / 100, 1.5 - i / 100] for i in range(40)})
    text = headline(found)
    assert text.count("ebm · ") == MOST and f" and {39 - MOST + 1} more: 2 seeds cannot separate these" in text
    assert len(with_best_page(found)) == 39 and len(table([found])) == 40 * 39 / 2


def test_the_page_has_one_row_per_other_method_by_their_means():
    found = only({"ebm-c": FAR, "ebm-a": NEAR, "ebm-b": [1.2, 0.8, 1.3, "failed"], "ebm-d": ["failed"] * 4})
    shown = with_best_page(found)
    assert shown["method"].tolist() == ["ebm · b", "ebm · c", "ebm · d"]
    assert shown["shared seeds"].tolist() == [3, 4, 0]
    assert shown["failed"].tolist() == [1, 0, 4]
    assert shown["worse than the best by"].tolist()[2] == "—" and shown["p (Holm)"].tolist()[2] == ""
    assert shown["verdict"].tolist() == ["3 seeds cannot separate these", "ebm · a is better", "too few shared seeds"]
