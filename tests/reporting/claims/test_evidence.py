"""Which rows of a table a claim compares, and what it says of rows that it cannot use."""

import dataclasses
import math

import pandas as pd
import pytest
import yaml

from ebmbench.core.errors import UserError
from ebmbench.reporting.claims.claim import Claim, Learnt, Pool, Published, Resolution, Untrained, read_claims
from ebmbench.reporting.claims.evidence import gather, has_distribution, reader
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


def read(claim=CLAIM, **tables):
    found = {"scores": table()} | tables
    return {both.on: both for both in gather(claim, found.__getitem__)}


def test_sides_meet_on_what_both_have_training_by_training():
    found = read()
    assert set(found) == {"rings", "moons"}
    assert found["rings"].this.values.tolist() == pytest.approx([1.0, math.nan], nan_ok=True)
    assert found["rings"].other.values.tolist() == [-4.0, 6.0]
    assert found["moons"].other.stderrs.tolist() == [0.4]


def test_an_entry_whose_data_cannot_show_the_claim_decides_nothing():
    rows = table().replace({"metric": {"tv": "floor"}})
    rows = pd.concat([rows, rows.query("dataset == 'moons' and loss == 'a'").assign(metric="floor", value=0.5)])
    claim = dataclasses.replace(CLAIM, rows={}, this={"loss": "a", "metric": "kl"}, other={"loss": "b", "metric": "kl"})
    for below, coarse in ((0.4, {"rings", "moons"}), (0.5, {"rings", "moons"}), (0.6, {"rings"}), (10.0, set())):
        resolution = Resolution({"loss": "a", "metric": "floor"}, below)
        found = read(dataclasses.replace(claim, resolution=resolution), scores=rows)
        assert {on for on, both in found.items() if both.unfit} == coarse
        assert all(both.unfit in ("", f"too few rows on {on} to show it") for on, both in found.items())
    pooled = dataclasses.replace(
        claim,
        this={"loss": "a", "metric": ["kl"]},
        other=0.0,
        pool=Pool(("metric",), "max"),
        resolution=Resolution({"loss": "a", "metric": ["floor", "kl"]}, 2.5),
    )
    # the coarsest of what is pooled counts
    assert {on for on, both in read(pooled, scores=rows).items() if both.unfit} == {"rings", "spirals"}


def test_a_training_that_only_one_side_has_is_no_failure():
    found = read(scores=table().query("not (loss == 'b' and seed == 1)"))
    assert found["rings"].this.values.tolist() == [1.0]


def test_a_run_that_failed_has_no_value_and_one_that_was_skipped_is_none():
    rows = table().assign(status="ok").query("dataset == 'rings'")
    rows.loc[rows["loss"] == "b", "status"] = "failed"
    assert all(math.isnan(value) for value in read(scores=rows)["rings"].other.values)
    with pytest.raises(UserError, match="loss = 'b' matches no row"):
        read(scores=rows.replace("failed", "skipped"))


def test_a_number_is_a_side_without_an_error():
    found = read(dataclasses.replace(CLAIM, other=0.5))
    assert set(found) == {"rings", "moons", "spirals"}
    assert found["rings"].other.values.tolist() == [0.5, 0.5]
    assert found["rings"].other.stderrs.tolist() == [0.0, 0.0]


def test_columns_scale_and_sign_are_as_asked():
    claim = dataclasses.replace(CLAIM, per="step", size=True, other={"loss": "b", "value": "value", "stderr": "stderr"})
    rings = read(claim)["rings"]
    assert rings.other.values.tolist() == [0.4, 0.6]
    assert rings.other.stderrs.tolist() == pytest.approx([0.02, 0.02])
    assert rings.this.values[0] == pytest.approx(0.1)


def test_the_last_step_is_that_of_each_run():
    early = table().assign(step=5, value=100.0)
    shorter = early[early["dataset"] == "moons"].assign(step=9, value=50.0)
    late = table()[table()["dataset"] == "rings"]
    found = read(dataclasses.replace(CLAIM, last="step"), scores=pd.concat([early, shorter, late]))
    assert found["rings"].other.values.tolist() == [-4.0, 6.0]
    assert found["moons"].this.values.tolist() == [50.0]


def test_several_columns_name_an_entry():
    assert set(read(dataclasses.replace(CLAIM, each=("dataset", "step")))) == {"rings 10", "moons 10"}


def test_the_distribution_of_a_claim_is_that_of_sides_without_their_own():
    rows = pd.concat([table().assign(distribution="model"), table().assign(distribution="sampler", value=7.0)])
    claim = dataclasses.replace(CLAIM, distribution="model", other={"loss": "b", "distribution": "sampler"})
    found = read(claim, scores=rows)["rings"]
    assert found.this.values[0] == 1.0 and found.other.values.tolist() == [7.0, 7.0]
    assert has_distribution(claim, lambda _: rows, "sampler") and not has_distribution(claim, lambda _: rows, "base")


def test_a_time_that_was_not_reached_is_infinite():
    rows = table().assign(reached=[True, True, True, False, True, True, True, True])
    found = read(dataclasses.replace(CLAIM, test="times", reached="reached"), scores=rows)["rings"]
    assert found.other.values.tolist() == [math.inf, 6.0]


@pytest.mark.parametrize(("by", "values"), [("mean", [5.0, math.nan]), ("max", [9.0, math.nan])])
def test_parts_of_one_training_are_pooled_and_a_failed_part_fails_it(by, values):
    claim = dataclasses.replace(CLAIM, rows={}, pool=Pool(("metric",), by))
    assert read(claim)["rings"].this.values.tolist() == pytest.approx(values, nan_ok=True)


def test_the_untrained_value_is_read_from_the_earliest_checkpoints():
    curves = pd.DataFrame(
        {"dataset": ["rings"] * 4, "seed": [0, 0, 1, 1], "step": [1, 9, 2, 9], "kl": [3.0, 0.1, 5.0, 0.2]}
    )
    claim = dataclasses.replace(CLAIM, untrained=Untrained("curves", {}, "kl", "step"), learnt=Learnt(0.9, 0.0))
    assert claim.tables == ("scores", "curves")
    found = read(claim, curves=curves)
    assert found["rings"].untrained == 4.0 and math.isnan(found["moons"].untrained)
    assert read(dataclasses.replace(CLAIM, untrained=0.5))["moons"].untrained == 0.5


def test_a_table_is_read_once(tmp_path):
    (tmp_path / "scores.csv").write_text("a\n1\n")
    tables = reader(tmp_path)
    assert tables("scores") is tables("scores")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"rows": {"metrik": "kl"}},
            r"claims: c \(grid/scores.csv\): no column metrik; did you mean metric\? allowed: dataset, loss",
        ),
        ({"rows": {"metric": "nll"}}, "metric = 'nll' matches no row"),
        ({"this": {"loss": "a", "value": "valve"}}, "no column valve"),
        ({"pair": "split"}, "no column split"),
        ({"per": "steps"}, "no column steps"),
        ({"rows": {}}, "seed 0 of rings occurs twice on one side"),
        ({"this": {"dataset": "spirals"}, "other": {"dataset": "moons", "loss": "a"}}, "the two sides have no dataset"),
    ],
)
def test_what_cannot_be_compared_is_reported_in_a_line(change, message):
    with pytest.raises(UserError, match=message) as error:
        read(dataclasses.replace(CLAIM, **change))
    assert "\n" not in str(error.value)


def committed():
    return yaml.safe_load((ROOT / "config/claims.yaml").read_text())


def test_the_committed_claims_are_read_whole():
    asked = read_claims(ROOT / "config/claims.yaml", SCHEMA)
    assert asked.level == committed()["level"]
    assert [claim.id for claim in asked.claims] == list(committed()["claims"])
    assert len(asked.claims) >= 20
    kinds = [
        type(value) for claim in asked.claims for value in (claim.pool, claim.untrained, claim.learnt, *claim.published)
    ]
    assert {Pool, Untrained, float, Learnt, Published} <= set(kinds)


def test_a_claim_to_be_comparable_says_how_learning_is_judged():
    for claim in read_claims(ROOT / "config/claims.yaml", SCHEMA).claims:
        floor = claim.resolution is not None
        assert claim.relation != "at_most" or floor or claim.learnt or claim.cannot_hold, claim.id


FITS = "ed_fits_better_than_sm"


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda content: content.pop("level"), "level is missing"),
        (
            lambda content: content["claims"][FITS].pop("source"),
            f"{FITS}: source is missing",
        ),
        (
            lambda content: content["claims"][FITS].update(relation="below"),
            "relation = 'below'; allowed: less, ",
        ),
        (
            lambda content: content["claims"][FITS].update(rowz={}),
            rf"{FITS}: 'rowz' is an unknown key; did you mean rows\? allowed: claim, source",
        ),
        (
            lambda content: content["claims"][FITS].update(test="normal"),
            "test = 'normal'; allowed: ",
        ),
        (
            lambda content: content["claims"][FITS].pop("distribution"),
            "distribution is missing",
        ),
        (lambda content: content["claims"]["large_t_sees_weights"].update(scale="log"), "'linear' was expected"),
        (lambda content: content["claims"]["ed_faster_than_cd"].pop("reached"), "reached is missing"),
        (lambda content: content["claims"]["ed_comes_near_likelihood"].pop("margin"), "margin is missing"),
        (lambda content: content["claims"]["ed_comes_near_likelihood"].pop("untrained"), "untrained is missing"),
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
