"""The page of claims: a sentence that counts, six columns, a section per claim."""

import dataclasses

import pandas as pd
import pytest

from ebmbench.provenance.audit.documented_numbers import rows as rows_of
from ebmbench.reporting.claims.claim import Pool
from ebmbench.reporting.claims.combine import weigh
from ebmbench.reporting.claims.page import claims_page, effect_text, sentence
from ebmbench.reporting.claims.verdicts import decide, rows, table
from tests.helpers.claim_sides import CLAIM, FAILED, both

RATIO = dataclasses.replace(CLAIM, id="ratio", claim="another sentence", scale="log", distribution="model")


def found():
    three = [both([1.0, 1.1, 1.2], [n, n + 0.1, n + 0.3], f"set{n}") for n in (3, 3.2, 3.4)]
    one = [both([1.0, 1.3, FAILED], [1.1, 1.2, 1.3], "rings")]
    of = decide([weigh(CLAIM, three), weigh(RATIO, one)], 0.05)
    further = {
        "other_distribution": "sampler",
        "other_distribution_effect": 0.0,
        "other_distribution_p": 1.0,
        "other_distribution_verdict": "undecided",
    }
    return table([*rows(of[0], 0.05, {"published": "a against b"}), *rows(of[1], 0.05, further)])


def test_the_sentence_counts_claims_not_entries():
    assert sentence(found()) == (
        "2 sentences of the papers are judged by the committed runs alone: 1 is held, 0 are not, 1 is undecided"
    )


def test_the_page_has_a_table_of_six_columns_and_a_section_per_claim():
    page = claims_page(found(), 0.05)
    first = rows_of(page.split("## Claim by claim")[0])
    assert list(first[0]) == ["claim", "verdict", "effect", "p", "p (Holm)", "entries"]
    assert (first[0]["verdict"], first[0]["entries"], first[1]["entries"]) == ("held", "3 held", "one entry")
    assert first[1]["effect"].startswith("factor ")
    assert "### c\n" in page and "### ratio\n" in page and "nan" not in page and "<NA>" not in page


@pytest.mark.parametrize(
    "text",
    [
        *("on a new data set", "Literature, not part of the verdict: a against b.", "What would decide it: "),
        *("To note: this side failed alone 1 times, the other 0.", "2 (1 lost)", "model distribution"),
        "For the sampler distribution: undecided (effect factor 1, p 1, tested alone).",
    ],
)
def test_a_section_says(text):
    assert text in claims_page(found(), 0.05)


def test_an_effect_without_a_size_is_a_dash():
    assert effect_text({"effect": float("nan"), "ci_low": 0.0, "ci_high": 0.0, "scale": "log", "unit": ""}) == "—"
    every = dataclasses.replace(CLAIM, estimand="every", pool=Pool(("metric",), "max"))
    two = [both([1.0, 1.1], [3.0, 3.2], "a"), both([1.0, 1.1], [3.0, 3.2], "b")]
    page = claims_page(table(rows(decide([weigh(every, two)], 0.05)[0], 0.05, {})), 0.05)
    assert rows_of(page)[0]["effect"] == "—"


def test_a_claim_without_a_test_has_no_p():
    alone = table(rows(decide([weigh(CLAIM, [both([1.0], [2.0])])], 0.05)[0], 0.05, {}))
    assert pd.isna(alone.iloc[-1]["p_holm"])
    assert rows_of(claims_page(alone, 0.05))[0]["p (Holm)"] == "—"
