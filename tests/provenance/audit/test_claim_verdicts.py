"""Verdicts of claims that change, come or go are found."""

import pandas as pd

from ebmbench.provenance.audit.claim_verdicts import changed
from ebmbench.provenance.audit.finding import OK

VERDICTS = pd.DataFrame(
    {"id": ["near", "near", "far"], "on": ["moons", "all", "all"], "verdict": ["held", "held", "undecided"]}
)


def lines(found):
    return [of.line for of in found if of.where != "all"]


def test_a_verdict_that_changes_is_found_and_one_that_is_not_held_is_none():
    assert changed(VERDICTS, VERDICTS)[0].outcome == OK
    again = VERDICTS.assign(verdict=["held", "not held", "undecided"])
    assert lines(changed(again, VERDICTS)) == ["claims: near on all: not held, committed held"]
    assert changed(again, again)[0].outcome == OK


def test_a_claim_that_came_or_went_is_found():
    assert lines(changed(VERDICTS[:2], VERDICTS)) == ["claims: far on all: no longer tested, committed undecided"]
    assert lines(changed(VERDICTS, VERDICTS[:2])) == [
        "claims: far on all: undecided, committed not in the committed table"
    ]


def test_a_committed_table_without_verdicts_is_a_line():
    (found,) = changed(VERDICTS, VERDICTS.drop(columns="verdict"))
    assert found.line == "claims: all: claims.csv: columns missing: verdict"
