"""Whole tables of claims about nothing, and the power to see a factor."""

import math

import numpy as np
import pytest

from ebmbench.planning.reference_runs import rungs_of
from ebmbench.reporting.claims import rungs, verdicts
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
    claims = rungs.views(claims, {claim.grid: rungs_of(REFERENCE, claim.grid) for claim in claims})[0]
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
    assert decided_by_chance(asked, 0.05, 15, np.random.default_rng(0), each_alone) > bound(15)


@pytest.mark.slow
def test_tables_about_nothing_decide_a_claim_in_five_of_a_hundred_at_most(asked):
    assert decided_by_chance(asked, 0.05, 1500, np.random.default_rng(1)) <= bound(1500)


LOG = CLAIM.__class__(**(CLAIM.__dict__ | {"scale": "log"}))

#: sd of the log ratio between trainings, that of the committed claims about KL, and the level of Holm's first step
SPREAD, LEVEL = 0.6, 0.05 / 31

#: sd of the log ratio between data sets: of alike ones, and that of the committed claim about contrastive divergence
ALIKE, VARIED = 0.5, 1.5


def powers(repetitions, datasets, between, trainings=(3, 5, 10), factors=(1.5, 3, 10)):
    """The power for every number of trainings and factor, by (factor, trainings)."""
    generator = np.random.default_rng(2)
    asked = [Power(factor, n, datasets, math.nan) for n in trainings for factor in factors]
    found = [power_of_factor(LOG, of, SPREAD, between, LEVEL, repetitions, generator) for of in asked]
    return {(of.factor, of.trainings): of.power for of in found}


def test_a_factor_of_ten_is_seen_on_nine_data_sets_and_one_of_one_is_not():
    found = powers(60, 9, ALIKE, (5,), (10, 1))
    assert found[10, 5] > 0.9 and found[1, 5] <= 0.05


@pytest.mark.slow
def test_power_grows_with_factor_and_trainings(capsys):
    found = {(k, tau): powers(400, k, tau) for k, tau in ((1, 0.0), (9, ALIKE), (9, VARIED))}
    with capsys.disabled():
        print("\ndata sets  sd between  factor  trainings  power")
        for (k, tau), by in found.items():
            for (factor, n), power in by.items():
                print(f"{k:9d}  {tau:10g}  {factor:6g}  {n:9d}  {power:5.2f}")
    for by in found.values():
        for n in (3, 5, 10):
            assert by[1.5, n] <= by[3, n] + 0.05 <= by[10, n] + 0.1
    assert found[1, 0.0][10, 10] > 0.95 and found[9, ALIKE][10, 3] > 0.95 and found[9, VARIED][10, 10] < 0.7
