"""What is claimed of fixed statistics, from hand-made tables of matches and differences."""

import math

import pandas as pd
import pytest

from ebmbench.core.cells import Cell
from ebmbench.core.columns import SCORES
from ebmbench.planning.comparisons import Pair, Side
from ebmbench.reporting.claims import statistics_claims
from ebmbench.reporting.claims.statistics_claims import (
    GAINS,
    HELD,
    MATCHED,
    REFUTED,
    UNDECIDED,
    claims,
    counts,
    statistics_claims_page,
)
from ebmbench.reporting.comparison.differences import differences
from ebmbench.workflow.stages.statistics_claims import write_statistics_claims

PLAIN = Cell("ring", "ebm", "ed", "none")
S1, UNION = PLAIN._replace(stats="s1"), PLAIN._replace(stats="union")
NLL, MMD, SLICED = (claim.name for claim in GAINS)

#: by metric, values of three seeds without statistics, with s1, and with all
VALUES = {
    "nll": ((3.0, 3.2, 3.1), (2.5, 2.8, 2.6), (3.1, 3.1, 3.1)),
    "mmd2": ((0.02, 0.03, 0.04), (0.06, 0.07, 0.081), (0.02, 0.03, 0.04)),
    "sliced_wasserstein": ((0.2, 0.3, 0.4), (0.1, 0.2, 0.301), (0.2, 0.3, 0.41)),
}


def matches():
    reported = [
        (S1, "s1", "target", "yes", 0.05, 0.1),
        (S1, "s2", "held out", "no", 0.5, 0.1),
        (UNION, "s1", "target", "yes", 0.09, 0.1),
        (UNION, "s2", "target", "no", 0.3, 0.1),
        (PLAIN, "s1", "", "no", 0.9, 0.1),
    ]
    names = ("set", "role", "matched", "mismatch", "floor95")
    return pd.DataFrame([{**cell._asdict(), **dict(zip(names, of, strict=True)), "seeds": 3} for cell, *of in reported])


def effects():
    rows = [
        {
            **cell._asdict(),
            "seed": seed,
            "metric": metric,
            "split": "test",
            "law": "model",
            "status": "ok",
            "value": value,
        }
        for metric, by_cell in VALUES.items()
        for cell, values in zip((PLAIN, S1, UNION), by_cell, strict=True)
        for seed, value in enumerate(values)
    ]
    return differences(pd.DataFrame(rows), [Pair(cell, Side(PLAIN)) for cell in (S1, UNION)])


@pytest.fixture
def table():
    return claims(matches(), effects())


def by_claim(table, cell):
    found = table[table["stats"] == cell.stats]
    return {row.claim: row for row in found.itertuples()}


def test_all_sets_that_a_cell_was_given_must_be_matched_and_no_others(table):
    assert set(table["stats"]) == {"s1", "union"}
    one, all_of_them = by_claim(table, S1)[MATCHED], by_claim(table, UNION)[MATCHED]
    assert (one.verdict, one.effect) == (HELD, pytest.approx(0.5))
    assert (all_of_them.verdict, all_of_them.effect) == (REFUTED, pytest.approx(3.0))


def test_gains_are_told_with_their_intervals_and_those_of_generation_in_sd(table):
    found = by_claim(table, S1)
    assert found[NLL].verdict == HELD and found[NLL].effect == pytest.approx(1.4 / 3) and found[NLL].unit == "nats"
    # the seeds without statistics have a standard deviation of .01 and of .1
    assert found[MMD].verdict == REFUTED and found[MMD].effect == pytest.approx(-12.1 / 3)
    assert found[SLICED].verdict == HELD and found[SLICED].effect == pytest.approx(0.299 / 0.3)
    assert found[SLICED].unit == "sd" and 0 < found[SLICED].ci_low < found[SLICED].effect < found[SLICED].ci_high
    assert by_claim(table, UNION)[NLL].verdict == UNDECIDED


def test_no_difference_at_all_is_undecided_not_an_error(table):
    row = by_claim(table, UNION)[MMD]
    assert (row.verdict, row.effect) == (UNDECIDED, 0.0) and not math.isnan(row.ci_low)


def test_seeds_that_do_not_differ_are_no_scale():
    same = effects().assign(sd_other=0.0)
    assert same["gain"].ne(0).any()
    found = by_claim(claims(matches(), same), S1)
    assert math.isnan(found[MMD].effect) and found[NLL].effect == pytest.approx(1.4 / 3)


def test_differences_without_a_row_leave_the_claim_that_needs_none(tmp_path):
    matches().to_csv(tmp_path / "matches.csv", index=False)
    differences(pd.DataFrame(columns=list(SCORES)), [Pair(S1, Side(PLAIN))]).to_csv(
        tmp_path / "effects.csv", index=False
    )
    write_statistics_claims(tmp_path)
    assert set(pd.read_csv(tmp_path / "statistics_claims.csv")["claim"]) == {MATCHED}


def test_pages_count_by_arm_and_tell_each(table):
    counted = counts(table).set_index("statistics")
    assert counted.loc["s1", MATCHED] == "1 of 1" and counted.loc["union", MATCHED] == "0 of 1, 1 not"
    assert counted.loc["union", NLL] == "0 of 1"
    rows = statistics_claims_page(table)
    assert rows["method"].tolist() == ["ebm · ed · s1", "ebm · ed · union"]
    assert rows[MATCHED].tolist() == ["held (0.5)", "not held (3)"]
    assert rows[NLL][0].startswith("held (0.47 ± ")


def test_cells_that_have_nothing_to_be_compared_with_are_asked_whether_they_match(table):
    alone = claims(matches(), pd.DataFrame(columns=["metric", "gain"]))
    assert alone["claim"].unique().tolist() == [MATCHED] and len(statistics_claims_page(alone)) == 2


def test_both_files_are_written(tmp_path):
    matches().to_csv(tmp_path / "matches.csv", index=False)
    effects().to_csv(tmp_path / "effects.csv", index=False)
    write_statistics_claims(tmp_path)
    assert len(pd.read_csv(tmp_path / "statistics_claims.csv")) == 2 * 4
    text = (tmp_path / "statistics_claims.md").read_text()
    assert text.startswith("# Claims about fixed statistics") and "\n## Number of combinations" in text
    assert statistics_claims.MATCHED in text
