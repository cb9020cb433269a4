"""Literature results next to a claim: which of them agree with it."""

import dataclasses

import pandas as pd
import pytest

from ebmbench.core.errors import UserError
from ebmbench.reporting.claims.claim import Published
from ebmbench.reporting.claims.published import literature
from tests.helpers.claim_sides import CLAIM


def results():
    rows = [("wine", "a", "curve", epoch, value) for epoch, value in ((0, 9.0), (10, 5.0), (20, 4.0))]
    rows += [("wine", "b", "curve", epoch, value) for epoch, value in ((0, 9.0), (10, 4.5))]
    rows += [
        ("wine", "a", "min", 20, 4.0),
        ("wine", "b", "min", 10, 4.5),
        ("beer", "a", "min", 1, 3.0),
        ("beer", "b", "min", 2, 2.0),
    ]
    return pd.DataFrame(rows, columns=["dataset", "method", "what", "epoch", "value"])


def asked(what):
    return dataclasses.replace(CLAIM, published=(Published({"what": what}, {"method": "a"}, {"method": "b"}),))


def test_data_sets_agree_or_disagree_with_the_claim():
    found = literature(asked("min"), results())
    assert (found.agree, found.disagree) == (1, 1)
    assert found.text == "a against b by min: beer 3 and 2, wine 4 and 4.5; on the claim's side on 1 of 2"


def test_curves_are_compared_at_the_last_epoch_that_both_have():
    found = literature(asked("curve"), results())
    assert (found.agree, found.disagree) == (0, 1) and "wine 5 and 4.5 (epoch 10)" in found.text


def test_what_matches_nothing_is_one_line():
    with pytest.raises(UserError, match=r"claims: c: published: .* matches no row of results/published"):
        literature(asked("last"), results())
