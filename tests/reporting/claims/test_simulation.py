"""Whole tables of claims about nothing, and the power to see a factor."""

import math

import numpy as np
import pytest

from ebmbench.reporting.claims import verdicts
from ebmbench.reporting.claims.claim import read_claims
from ebmbench.reporting.claims.evidence import gather, reader
from ebmbench.reporting.claims.simulation import Power, decided_by_chance, power_of_factor
from tests.helpers.claim_sides import CLAIM
from tests.helpers.paths import ROOT

REFERENCE = ROOT / "results/reference"


@pytest.fixture(scope="module")
def asked():
    """All claims with the evidence of the committed runs, whose sizes the simulated tables have."""
    claims = read_claims(ROOT / "config/claims.yaml", ROOT / "src/ebmbench/core/schemas/claims.schema.yaml").claims
    tables = {claim.grid: reader(REFERENCE / claim.grid) for claim in claims}
    return [(claim, gather(claim, tables[claim.grid])) for claim in claims]


def each_alone(weighed, level):
    """The wrong rule: every claim at the whole level."""
    return [verdicts.verdict(of.sided, of.p, level) for of in weighed]


def bound(repetitions):
    return 0.05 + 3 * math.sqrt(0.05 * 0.95 / repetitions)


def test_tables_about_nothing_seldom_decide_a_claim_and_often_would_without_holm(asked):
    assert len(asked) == 39
    assert decided_by_chance(asked, 0.05, 40, np.random.default_rng(0)) <= bound(40)
    assert decided_by_chance(asked, 0.05, 15, np.random.default_rng(0), each_alone) > 0.4


@pytest.mark.slow
def test_tables_about_nothing_decide_a_claim_in_five_of_a_hundred_at_most(asked):
    assert decided_by_chance(asked, 0.05, 1500, np.random.default_rng(1)) <= bound(1500)


LOG = CLAIM.__class__(**(CLAIM.__dict__ | {"scale": "log"}))

#: sd of the log ratio between trainings, and between data sets; the level of the first of 31 steps of Holm's
SPREAD, BETWEEN, LEVEL = 0.7, 0.5, 0.05 / 31


def powers(repetitions, datasets, trainings=(3, 5, 10), factors=(1.5, 3, 10)):
    generator = np.random.default_rng(2)
    asked = [Power(factor, n, k, math.nan) for k in datasets for n in trainings for factor in factors]
    between = {1: 0.0}
    return [
        power_of_factor(LOG, of, SPREAD, between.get(of.datasets, BETWEEN), LEVEL, repetitions, generator)
        for of in asked
    ]


def test_a_factor_of_ten_is_seen_on_nine_data_sets_and_one_of_one_is_not():
    ten, one = powers(60, (9,), (5,), (10, 1))
    assert ten.power > 0.9 and one.power <= 0.05


@pytest.mark.slow
def test_power_grows_with_factor_and_trainings(capsys):
    found = powers(400, (1, 9))
    with capsys.disabled():
        print("\nfactor  trainings  data sets  power")
        for of in found:
            print(f"{of.factor:6g}  {of.trainings:9d}  {of.datasets:9d}  {of.power:5.2f}")
    by = {of[:3]: of.power for of in found}
    for k in (1, 9):
        for n in (3, 5, 10):
            assert by[1.5, n, k] <= by[3, n, k] + 0.05 <= by[10, n, k] + 0.1
    assert by[10, 10, 1] > 0.95 and by[10, 3, 9] > 0.95
