"""What is claimed of fixed statistics, from hand-made tables of matches and differences."""

import math

import numpy as np
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
S1, UNION, PART = (PLAIN._replace(stats=name) for name in ("s1", "union", "part"))
NLL, MMD, SLICED = (claim.name for claim in GAINS)

#: by metric, values of three seeds without statistics, with s1, and with all
VALUES = {
    "nll": ((3.0, 3.2, 3.1), (2.5, 2.8, 2.6), (3.1, 3.1, 3.1)),
    "mmd2": ((0.02, 0.03, 0.04), (0.06, 0.07, 0.081), (0.02, 0.03, 0.04)),
    "sliced_wasserstein": ((0.2, 0.3, 0.4), (0.1, 0.2, 0.301), (0.2, 0.3, 0.41)),
}


def matches(failed=0):
    """D^2 with its bounds of each cell and set; ``failed``: of the runs of the cell with s1."""
    reported = [
        (S1, "s1", "target", "matched", 0.0025, failed),
        (S1, "s2", "held out", "not matched", 0.5, 0),
        (UNION, "s1", "target", "matched", 0.0009, 0),
        (UNION, "s2", "target", "not matched", 0.09, 0),
        (PART, "s1", "target", "matched", 0.0009, 0),
        (PART, "s2", "target", "undecided", 0.0009, 0),
        (PLAIN, "s1", "", "not matched", 0.9, 0),
    ]
    names = ("set", "role", "matched", "d2", "failed")
    table = pd.DataFrame([{**cell._asdict(), **dict(zip(names, of, strict=True))} for cell, *of in reported])
    return table.assign(seeds=3 - table["failed"], d2_low=table["d2"] - 0.01, d2_high=table["d2"] * 2)


def effects():
    rows = [
        {
            **cell._asdict(),
            "seed": seed,
            "metric": metric,
            "split": "test",
            "distribution": "model",
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
    assert set(table["stats"]) == {"s1", "union", "part"}
    found = {of.stats: by_claim(table, of)[MATCHED] for of in (S1, UNION, PART)}
    assert [found[name].verdict for name in ("s1", "union", "part")] == [HELD, REFUTED, UNDECIDED]
    one, both = found["s1"], found["union"]
    assert (one.effect, one.ci_low, one.ci_high) == (pytest.approx(0.05), 0, pytest.approx(0.05 * math.sqrt(2)))
    assert (both.effect, both.ci_low) == (pytest.approx(0.3), pytest.approx(math.sqrt(0.08)))


def test_gains_have_intervals_and_those_of_generation_are_in_sd(table):
    found = by_claim(table, S1)
    assert found[NLL].verdict == HELD and found[NLL].effect == pytest.approx(1.4 / 3) and found[NLL].unit == "nats"
    # the seeds without statistics have a standard deviation of .01 and of .1
    assert found[MMD].verdict == REFUTED and found[MMD].effect == pytest.approx(-12.1 / 3)
    assert found[SLICED].verdict == HELD and found[SLICED].effect == pytest.approx(0.299 / 0.3)
    assert found[SLICED].unit == "sd" and 0 < found[SLICED].ci_low < found[SLICED].effect < found[SLICED].ci_high
    assert by_claim(table, UNION)[NLL].verdict == UNDECIDED


def test_improvements_are_decided_together(table):
    """Without Holm's correction the interval of each decides; with 30 further comparisons no effect is large enough."""
    gains = effects()
    alone = claims(matches(), gains[(gains["stats"] == "s1") & (gains["metric"] == "nll")])
    assert by_claim(alone, S1)[NLL].p == by_claim(alone, S1)[NLL].p_holm
    nothing = gains[(gains["stats"] == "union") & (gains["metric"] == "nll")]
    more = pd.concat([gains, *(nothing.assign(dataset=f"ring{i}") for i in range(30))])
    found = by_claim(claims(matches(), more).query("dataset == 'ring'"), S1)[NLL]
    assert found.p < 0.05 < found.p_holm and found.ci_low > 0 and found.verdict == UNDECIDED


def test_of_claims_about_nothing_one_table_in_twenty_holds_one():
    rng, gains = np.random.default_rng(0), effects()
    row = gains[gains["metric"] == "nll"].iloc[[0]]
    held = []
    for _ in range(200):
        of = rng.normal(size=(40, 3))
        columns = {"gain": of.mean(1), "gain_stderr": of.std(1, ddof=1) / math.sqrt(3)}
        table = pd.concat([row] * 40, ignore_index=True).assign(**columns, dataset=[f"d{i}" for i in range(40)])
        found = claims(matches(), table)
        held.append((found["verdict"][found["claim"] == NLL] != UNDECIDED).any())
    assert np.mean(held) < 0.1


def test_a_training_that_failed_holds_no_improvement():
    found = by_claim(claims(matches(failed=1), effects()), S1)
    assert found[NLL].verdict == UNDECIDED and found[NLL].p_holm < 0.05
    assert found[MMD].verdict == REFUTED


def test_no_difference_at_all_is_undecided_not_an_error(table):
    row = by_claim(table, UNION)[MMD]
    assert (row.verdict, row.effect) == (UNDECIDED, 0.0) and not math.isnan(row.ci_low)


def test_seeds_that_do_not_differ_are_no_scale():
    same = effects().assign(sd_other=0.0)
    assert same["gain"].ne(0).any()
    found = by_claim(claims(matches(), same), S1)
    assert math.isnan(found[MMD].effect) and found[NLL].effect == pytest.approx(1.4 / 3)


def test_differences_without_a_row_leave_the_claim_that_needs_none(tmp_path):
    matches().to_csv(tmp_path / "moment_match.csv", index=False)
    differences(pd.DataFrame(columns=list(SCORES)), [Pair(S1, Side(PLAIN))]).to_csv(
        tmp_path / "effects.csv", index=False
    )
    write_statistics_claims(tmp_path)
    assert set(pd.read_csv(tmp_path / "statistics_claims.csv")["claim"]) == {MATCHED}


def test_pages_count_by_entry_and_describe_each(table):
    counted = counts(table).set_index("statistics")
    assert counted.loc["s1", MATCHED] == "1 of 1" and counted.loc["union", MATCHED] == "0 of 1, 1 not"
    assert counted.loc["part", MATCHED] == "0 of 1" and counted.loc["union", NLL] == "0 of 1"
    rows = statistics_claims_page(table)
    assert rows["method"].tolist() == ["ebm · ed · part", "ebm · ed · s1", "ebm · ed · union"]
    assert rows[MATCHED].tolist()[1:] == ["held (0.05, 0 to 0.071)", "not held (0.3, 0.28 to 0.42)"]
    assert rows[NLL][1].startswith("held (0.47 ± ")


def test_a_page_says_how_many_trainings_failed():
    lost = matches(failed=3)
    lost.loc[lost["failed"] == 3, ["d2", "d2_low", "d2_high"]] = math.nan
    lost.loc[lost["failed"] == 3, "matched"] = "not matched"
    found = claims(lost, pd.DataFrame(columns=["metric", "gain"]))
    assert by_claim(found, S1)[MATCHED].verdict == REFUTED
    assert statistics_claims_page(found)[MATCHED][1] == "not held (3 failed)"


def test_cells_that_have_nothing_to_be_compared_with_are_asked_whether_they_match(table):
    alone = claims(matches(), pd.DataFrame(columns=["metric", "gain"]))
    assert alone["claim"].unique().tolist() == [MATCHED] and len(statistics_claims_page(alone)) == 3


def test_both_files_are_written(tmp_path):
    matches().to_csv(tmp_path / "moment_match.csv", index=False)
    effects().to_csv(tmp_path / "effects.csv", index=False)
    write_statistics_claims(tmp_path)
    assert len(pd.read_csv(tmp_path / "statistics_claims.csv")) == 2 * 4 + 1
    text = (tmp_path / "statistics_claims.md").read_text()
    assert text.startswith("# Claims about fixed statistics") and "\n## Number of combinations" in text
    assert statistics_claims.MATCHED in text
