"""Which rows of a table a claim compares, and what it says of rows that it cannot use."""

import dataclasses
import math

import pandas as pd
import pytest
import yaml

from ebmbench.core.errors import UserError
from ebmbench.reporting.claims.claim import Claim, read_claims
from ebmbench.reporting.claims.evidence import gather
from tests.helpers.paths import ROOT

SCHEMA = ROOT / "src/ebmbench/core/schemas/claims.schema.yaml"

CLAIM = Claim(
    "c", "a sentence", "a source", "grid", "scores", {"loss": "a"}, {"loss": "b"}, "less", rows={"metric": "kl"}
)


def table():
    rows = [
        ("rings", "a", 0, 10, "kl", 1.0, 0.1),
        ("rings", "a", 1, 10, "kl", math.nan, 0.1),
        ("rings", "a", 0, 10, "tv", 9.0, 0.1),
        ("rings", "b", 0, 10, "kl", -4.0, 0.2),
        ("rings", "b", 1, 10, "kl", 6.0, 0.2),
        ("moons", "a", 0, 10, "kl", 2.0, 0.3),
        ("moons", "b", 0, 10, "kl", 3.0, 0.4),
        ("spirals", "a", 0, 10, "kl", 3.0, 0.5),
    ]
    return pd.DataFrame(rows, columns=["dataset", "loss", "seed", "step", "metric", "value", "stderr"])


def test_sides_meet_on_what_both_have():
    found = {both.on: both for both in gather(CLAIM, table())}
    assert set(found) == {"rings", "moons"}
    assert found["rings"].this.values.tolist() == pytest.approx([1.0, math.nan], nan_ok=True)
    assert found["rings"].other.values.tolist() == [-4.0, 6.0]
    assert found["moons"].other.stderrs.tolist() == [0.4]


def test_a_number_is_a_side():
    found = {both.on: both for both in gather(dataclasses.replace(CLAIM, other=0.5), table())}
    assert set(found) == {"rings", "moons", "spirals"}
    assert found["rings"].other.values.tolist() == [0.5, 0.5]
    assert found["rings"].other.stderrs.tolist() == [0.0, 0.0]


def test_columns_scale_and_sign_are_as_asked():
    claim = dataclasses.replace(CLAIM, per="step", size=True, other={"loss": "b", "value": "value", "stderr": "stderr"})
    rings = next(both for both in gather(claim, table()) if both.on == "rings")
    assert rings.other.values.tolist() == [0.4, 0.6]
    assert rings.other.stderrs.tolist() == pytest.approx([0.02, 0.02])
    assert rings.this.values[0] == pytest.approx(0.1)


def test_the_last_step_is_that_of_each_run():
    early = table().assign(step=5, value=100.0)
    shorter = early[early["dataset"] == "moons"].assign(step=9, value=50.0)
    late = table()[table()["dataset"] == "rings"]
    found = {
        both.on: both for both in gather(dataclasses.replace(CLAIM, last="step"), pd.concat([early, shorter, late]))
    }
    assert found["rings"].other.values.tolist() == [-4.0, 6.0]
    assert found["moons"].this.values.tolist() == [50.0]


def test_several_columns_name_an_entry():
    claim = dataclasses.replace(CLAIM, each=("dataset", "step"))
    assert {both.on for both in gather(claim, table())} == {"rings 10", "moons 10"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": {"metrik": "kl"}}, r"claims: c \(grid/scores.csv\): no column metrik; allowed: dataset, loss"),
        ({"rows": {"metric": "nll"}}, "metric = 'nll' matches no row"),
        ({"this": {"loss": "a", "value": "valve"}}, "no column valve"),
        ({"pair": "split"}, "no column split"),
        ({"per": "steps"}, "no column steps"),
        ({"rows": {}}, "seed 0 of rings occurs twice on one side"),
        ({"this": {"dataset": "spirals"}, "other": {"dataset": "moons", "loss": "a"}}, "the two sides have no dataset"),
    ],
)
def test_what_cannot_be_compared_is_told_in_a_line(change, message):
    with pytest.raises(UserError, match=message) as error:
        gather(dataclasses.replace(CLAIM, **change), table())
    assert "\n" not in str(error.value)


def committed():
    return yaml.safe_load((ROOT / "config/claims.yaml").read_text())


def test_the_committed_claims_are_read_whole():
    asked = read_claims(ROOT / "config/claims.yaml", SCHEMA)
    assert asked.level == committed()["level"]
    assert [claim.id for claim in asked.claims] == list(committed()["claims"])
    assert len(asked.claims) >= 20


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda content: content.pop("level"), "'level' is a required property"),
        (lambda content: content["claims"]["ed_fits_better_than_sm"].pop("source"), "'source' is a required"),
        (lambda content: content["claims"]["ed_fits_better_than_sm"].update(relation="below"), "'below' is not one of"),
        (lambda content: content["claims"]["ed_fits_better_than_sm"].update(colour=1), "'colour' was unexpected"),
        (lambda content: content["claims"]["ed_fits_better_than_sm"].update(test="normal"), "log: False was expected"),
    ],
)
def test_a_broken_file_is_one_line(tmp_path, break_it, message):
    content = committed()
    break_it(content)
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(UserError, match=message) as error:
        read_claims(path, SCHEMA)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)
