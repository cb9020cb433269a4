"""Fresh scores of one run against the committed ones: every digit is looked at, and what differs is named."""

import pandas as pd
import pytest

from ebmbench.core.csv_schema import read_fields
from ebmbench.provenance.audit.recomputed_run import compare, reproduced, summary
from ebmbench.provenance.audit.seed_spread import scale
from tests.helpers.audit_scores import place, scores

RUN = "moons/ebm-ed-none/s1"


@pytest.fixture
def committed(tmp_path):
    table = scores()
    table["run"] = [f"moons/ebm-{row.loss}-none/s{row.seed}" for row in table.itertuples()]
    table.to_csv(tmp_path / "scores.csv", index=False, float_format="%.9g")
    return tmp_path / "scores.csv"


def fresh(committed, run=RUN):
    rows = read_fields(committed)
    return rows[rows["run"] == run].reset_index(drop=True)


def test_the_same_digits_are_the_same(committed):
    compared = compare(fresh(committed), committed, RUN)
    assert [of.number for of in compared] == ["kl exact model", "mmd2 test model"]
    assert {of.verdict for of in compared} == {"same in every digit"}
    assert summary(compared) == "2 of 2 numbers are the same in every digit" and reproduced(compared)


def test_one_digit_is_seen_and_is_within_the_tolerance(committed):
    rows = fresh(committed)
    text = rows.loc[0, "value"]
    rows.loc[0, "value"] = text[:-1] + str((int(text[-1]) + 1) % 10)
    compared = compare(rows, committed, RUN)
    assert "standard errors), within the audit's tolerance" in compared[0].verdict
    assert compared[0].verdict.startswith("differs by ") and compared[0].committed == text
    assert summary(compared) == "1 of 2 numbers are the same in every digit; 1 are within the audit's tolerance"
    assert reproduced(compared)


@pytest.mark.parametrize(("loss", "moved"), [("ed", 5), ("none", 0.01)])
def test_more_than_the_tolerance_fails_and_is_named(committed, loss, moved):
    """Of a trained model four scales of the committed run; a control has no room but rounding."""
    run = f"moons/ebm-{loss}-none/s1"
    rows = fresh(committed, run)
    unit = scale(scores())[place(scores())]
    value = float(rows.loc[0, "value"])
    rows.loc[0, "value"] = f"{value + moved * unit:.9g}"
    compared = compare(rows, committed, run)
    assert not reproduced(compared)
    assert summary(compared) == "1 of 2 numbers are the same in every digit; 1 differ: kl exact model"
    assert (
        f"differs by {moved * unit:.2g} ({moved * unit / 0.01:.2g} standard errors); allowed: " in compared[0].verdict
    )
    rows.loc[0, "value"] = f"{value + 3 * unit:.9g}"
    assert reproduced(compare(rows, committed, run)) == (loss == "ed")


@pytest.mark.parametrize("factor", [10, -1])
def test_a_committed_value_that_was_changed_does_not_hide_behind_its_own_spread(committed, factor):
    rows = fresh(committed)
    table = read_fields(committed)
    row = table.index[(table["run"] == RUN) & (table["metric"] == "kl")]
    table.loc[row, "value"] = f"{factor * float(rows.loc[0, 'value']):.9g}"
    table.to_csv(committed, index=False)
    assert [of.outcome for of in compare(rows, committed, RUN)] == ["apart", "same"]


def test_another_status_fails(committed):
    rows = fresh(committed)
    rows.loc[0, ["status", "value"]] = ["failed", ""]
    compared = compare(rows, committed, RUN)
    assert compared[0].verdict == "status failed, committed ok" and not reproduced(compared)


def test_a_value_that_is_gone_though_its_status_is_ok_fails(committed):
    rows = fresh(committed)
    rows.loc[0, "value"] = ""
    assert not reproduced(compare(rows, committed, RUN))


def test_another_error_of_the_same_number_is_named(committed):
    rows = fresh(committed)
    rows.loc[0, "stderr"] = "0.02"
    compared = compare(rows, committed, RUN)
    assert compared[0].verdict == "same in every digit; its error 0.02, committed 0.01" and reproduced(compared)


def test_rows_that_only_one_side_has_are_named(committed):
    rows = fresh(committed)
    assert summary(compare(rows[1:], committed, RUN)) == (
        "1 of 2 numbers are the same in every digit; 1 are missing from the fresh run: kl exact model"
    )
    assert not reproduced(compare(rows[1:], committed, RUN))
    more = pd.concat([rows, rows[:1].assign(metric="tv")], ignore_index=True)
    compared = compare(more, committed, RUN)
    assert (compared[-1].number, compared[-1].verdict) == ("tv exact model", "not in the committed run")
    assert summary(compared) == "2 of 2 numbers are the same in every digit; 1 more are not in the committed run"
    assert reproduced(compared)
