"""Shifts asked for, achieved and paid for: bounds that nothing goes below, and what cannot be had."""

import math

import pytest
import torch

from ebmbench.experiments import constraints, steering
from ebmbench.experiments.constraints import STATISTICS, VIOLATION, Constraints, binary_kl
from ebmbench.experiments.interface import Study
from ebmbench.inference.likelihoods.smc import SMC
from ebmbench.models.statistics.modes import Modes
from tests.helpers.targets import generator

SMALL = {"rows": 500, "shifts": (0.3, 0.6), "strengths": (1.0, 10.0), "draws": 300, "chains": 16, "steps": 10}


@pytest.fixture(scope="module")
def tables():
    patch = pytest.MonkeyPatch()
    patch.setattr(constraints, "GRID", 60)
    patch.setattr(constraints, "EDGE", (0.5, 0.05, 0.0))
    patch.setattr(constraints, "Newton", lambda draws: steering.Newton(draws, rounds=4))
    patch.setattr(steering, "DRAWN", (SMC(populations=4, particles=64, temperatures=10, refresh=2),))
    yield Constraints(**SMALL, repetitions=1).run(generator(1))
    patch.undo()


def test_every_way_has_a_row_for_all_that_is_asked(tables):
    shifts = tables["shifts"]
    assert len(shifts) == len(STATISTICS) * 2 * 5 and len(tables["edge"]) == 3 * 5
    assert not shifts.duplicated(["statistic", "asked", "way", "repetition"]).any()
    assert set(shifts["way"]) == {"exact", "penalty 1", "penalty 10", "newton", "chains"}


def test_the_exact_tilt_comes_to_the_shift_at_the_least_cost(tables):
    exact = tables["shifts"].query("way == 'exact'")
    assert exact["achieved"].to_numpy() == pytest.approx(exact["asked"].to_numpy(), abs=1e-9)
    assert exact["kl"].to_numpy() == pytest.approx(exact["least"].to_numpy(), abs=1e-9)
    # to second order half the square of the shift in sd
    assert exact["kl"].to_numpy() == pytest.approx(exact["asked"].to_numpy() ** 2 / 2, rel=0.5)


def test_nothing_is_cheaper_than_the_least(tables):
    shifts, edge = (tables[name].query("status == 'ok'") for name in ("shifts", "edge"))
    assert (shifts["kl"] > shifts["least"] - 1e-9).all()
    assert (edge["kl"] > edge["least"] + 1e-4).all()


def test_a_penalty_falls_short_and_a_stronger_one_less(tables):
    rows = tables["shifts"].set_index(["statistic", "asked", "way"])["achieved"].unstack()
    assert (rows["penalty 1"] < rows["penalty 10"]).all() and (rows["penalty 10"] < rows["exact"] - 1e-3).all()
    assert rows["penalty 1"].to_numpy() == pytest.approx(rows["exact"].to_numpy() / 2, rel=0.4)


def test_what_was_not_asked_about_moves_more_the_more_is_paid(tables):
    exact = tables["shifts"].query("way == 'exact'")
    for _, rows in exact.groupby("statistic"):
        small, large = rows.sort_values("asked")["held_out"]
        assert 0.01 < small < large < 1


def test_nothing_at_all_is_infeasible_and_never_clipped(tables):
    edge = tables["edge"].set_index(["asked", "way"])
    for way, status in (("exact", "infeasible"), ("newton", "failed")):
        row = edge.loc[(0.0, way)]
        assert row["status"] == status and row["reason"]
        assert row[["achieved", "violation", "least", "kl", "held_out"]].isna().all()
    assert edge.loc[(0.0, "chains"), "status"] == "infeasible"
    assert edge.loc[(0.05, "exact"), "status"] == "ok"
    assert edge.loc[(0.05, "exact"), "achieved"] == pytest.approx(0.05, abs=1e-9)
    # a penalty asks for no more than it can have
    assert edge.loc[(0.0, "penalty 10"), "violation"] > 1e-3


def test_a_shift_that_no_distribution_has_costs_without_end(monkeypatch):
    monkeypatch.setattr(constraints, "GRID", 30)
    ground = constraints._ground(300, generator(1))
    subject = constraints._subject(ground, STATISTICS["mode's weight"])
    assert constraints._least(ground, subject, subject.mean + 9 * subject.sd) == math.inf
    assert 0 < constraints._least(ground, subject, subject.mean + subject.sd) < 1


def test_violations_fall_as_more_is_paid(tables):
    exact = tables["edge"].query("way == 'exact' and status == 'ok'").sort_values("asked", ascending=False)
    assert exact["violation"].is_monotonic_decreasing and exact["kl"].is_monotonic_increasing


def test_the_curves_are_the_least_of_what_lies_on_them(tables):
    bounds = tables["bounds"]
    for name, rows in bounds.groupby("bound"):
        rows = rows.sort_values("kl")
        assert rows["at"].is_monotonic_increasing or name == "violation"
    edge = bounds[bounds["bound"] == "violation"].sort_values("kl")
    assert edge["at"].is_monotonic_decreasing
    before = float(tables["edge"].query("way == 'exact'")["violation"].max())
    # all that is left of what was there: -log(1 - u)
    assert float(edge["kl"].max()) < -math.log1p(-0.25) and before < 0.25
    assert binary_kl(0.1, 0.1) == pytest.approx(0, abs=1e-15)


def test_a_component_is_one_of_the_statistics():
    rows = torch.randn(500, 2, generator=generator(1), dtype=torch.float64)
    all_of_them, chosen = Modes(count=8).fit(rows), STATISTICS["mode's weight"].fit(rows)
    assert chosen.size(2) == 1 and chosen.names(2) == ["mode0"]
    torch.testing.assert_close(chosen.value(rows), all_of_them.value(rows)[:, :1])
    torch.testing.assert_close(chosen.hard(rows), all_of_them.hard(rows)[:, :1])
    assert VIOLATION.fit(rows).names(2) == ["over(x0)"]
    gradient = chosen.gradient(rows[:5])
    torch.testing.assert_close(gradient, all_of_them.gradient(rows[:5])[:, :1], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shifts": (0.5, 0.0)}, "allowed: 1 or more values, each above 0"),
        ({"strengths": ()}, "allowed: 1 or more values"),
        ({"chains": 1}, "chains = 1; allowed: 2 or more"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Constraints(**settings)


def test_it_needs_no_run():
    assert not isinstance(Constraints(), Study)
