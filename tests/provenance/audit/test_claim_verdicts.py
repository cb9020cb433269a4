"""What is committed, against itself: verdicts of claims, README's cells."""

import pandas as pd
import pytest

from ebmbench.provenance.audit import documented_numbers
from ebmbench.provenance.audit.claim_verdicts import changed
from ebmbench.provenance.audit.finding import FAILED, OK
from tests.helpers.paths import ROOT

REFERENCE = ROOT / "results/reference"
TEXT = (ROOT / "README.md").read_text()
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
    assert lines(changed(VERDICTS[:2], VERDICTS)) == ["claims: far on all: no longer judged, committed undecided"]
    assert lines(changed(VERDICTS, VERDICTS[:2])) == [
        "claims: far on all: undecided, committed not in the committed table"
    ]


def test_readmes_cells_are_the_committed_pages():
    found = documented_numbers.against(TEXT, REFERENCE)
    assert lines(found) == []
    assert int(found[0].detail.split()[0]) > 500


@pytest.mark.parametrize(
    ("old", "new"), [("| kde · ml | 5 | 0.0840", "| kde · ml | 5 | 0.0841"), ("**redwine**", "**redwein**")]
)
def test_a_cell_that_is_not_the_pages_is_found(old, new):
    assert old in TEXT
    found = documented_numbers.against(TEXT.replace(old, new, 1), REFERENCE)
    assert found[0].outcome == FAILED and len(lines(found)) >= 1
    assert lines(found)[0].startswith("readme: default/")


def test_a_page_without_tables_is_no_page_that_agrees():
    assert [of.outcome for of in documented_numbers.against("# Nothing\n", REFERENCE)] == [FAILED]
