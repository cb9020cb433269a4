"""Convergence of runs by curves whose fall over the last doubling is known."""

import math

import pandas as pd
import pytest

from ebmbench.reporting.captions import Caption
from ebmbench.reporting.comparison import convergence
from ebmbench.reporting.comparison.readers_table import readers_table
from ebmbench.reporting.latex import latex
from tests.helpers.score_rows import rows_of, summary_of

AXES = ["dataset", "family", "loss", "stats"]

#: a curve c^-p falls by 1 - 2^-p over any doubling: 4.9 % and 5.1 %
SLOW, FAST = -math.log2(0.951), -math.log2(0.949)

EVEN = [step / 12 for step in range(1, 13)]
DOUBLING = [1 / 8, 1 / 4, 1 / 2, 1]


def curve(kl, loss="ed", seed=0, spent=EVEN, cost=1000):
    rows = [
        ("moons", "ebm", loss, "none", seed, round(60 * part), cost * part / 2, cost * part / 2, kl(part))
        for part in spent
    ]
    names = [*AXES, "seed", "step", "energy_evaluations", "gradient_evaluations", "kl"]
    return pd.DataFrame(rows, columns=names)


def runs(curves, status="ok"):
    return curves[[*AXES, "seed"]].drop_duplicates().assign(status=status)


def verdict(curves):
    return list(convergence.last_doublings(curves, runs(curves))["converged"])


@pytest.mark.parametrize("spent", [EVEN, DOUBLING])
def test_the_threshold_is_a_fall_of_a_twentieth_over_a_doubling(spent):
    assert verdict(curve(lambda c: 0.3 * c**-SLOW, spent=spent)) == [True]
    assert verdict(curve(lambda c: 0.3 * c**-FAST, spent=spent)) == [False]


def test_what_happens_before_half_or_between_half_and_the_end_does_not_count():
    assert verdict(curve(lambda c: 9.0 if c < 0.5 else 0.3)) == [True]
    assert verdict(curve(lambda c: 0.9 if c == 1 else 0.3 if c > 0.5 else 1.0)) == [False]
    # the last two checkpoints alone would say that it stands still
    assert verdict(curve(lambda c: 1.0 if c <= 0.5 else 0.3)) == [False]
    assert verdict(curve(lambda c: 0.1 + c)) == [True]


def test_the_cost_is_in_evaluations_and_in_steps_where_none_were_counted():
    # half of the steps is an eighth of the evaluations
    squares = [(step / 12) ** 3 for step in range(1, 13)]
    steep = curve(lambda c: 1.0 if c < 0.4 else 0.5, spent=squares)
    assert verdict(steep.assign(step=range(5, 65, 5))) == [True]
    free = curve(lambda c: c**-FAST).assign(energy_evaluations=0, gradient_evaluations=0)
    assert verdict(free) == [False]


def test_runs_that_cannot_be_judged_are_left_out():
    assert verdict(curve(lambda c: 1 / c, spent=[0.3, 0.7, 1.0])) == []
    assert verdict(curve(lambda c: math.nan)) == []
    assert verdict(curve(lambda c: 1.0, spent=[1.0])) == []
    fine = curve(lambda c: 1 / c)
    assert len(convergence.last_doublings(fine, runs(fine, status="diverged"))) == 0
    assert verdict(curve(lambda c: -1e-9)) == [True]


@pytest.fixture
def summary():
    """Three runs a loss: all of a, two of b, one of c had converged; nothing is known of d."""
    courses = [
        curve(lambda c, p=p: c**-p, loss, seed)
        for loss, powers in {"a": (0, 0, 0), "b": (0, 0, 1), "c": (0, 1, 1)}.items()
        for seed, p in enumerate(powers)
    ]
    curves = pd.concat(courses)
    values = {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.4}
    rows = [rows_of(f"ebm-{loss}-none", "kl", "exact", [value] * 3) for loss, value in values.items()]
    rows += [rows_of(f"ebm-{loss}-none", "nll", "test", [value] * 3) for loss, value in values.items()]
    return convergence.with_convergence(summary_of(*rows), convergence.last_doublings(curves, runs(curves)))


def test_a_cell_has_the_fraction_of_its_runs(summary):
    fractions = summary.drop_duplicates("loss").set_index("loss")["converged"]
    assert fractions.round(6).to_dict() == pytest.approx(
        {"a": 1, "b": 2 / 3, "c": 1 / 3, "d": math.nan}, nan_ok=True, abs=1e-5
    )
    assert convergence.sentence(summary).startswith("2 of 3 cells with a known density had converged")
    assert convergence.sentence(summary[summary["loss"] == "d"]) == ""


def test_a_cell_has_the_median_fall_of_its_runs_in_nats(summary):
    falls = summary.drop_duplicates("loss").set_index("loss")["kl_fall"]
    # 1 / c falls from 2 to 1 over the last half, c^0 by nothing
    assert falls.to_dict() == pytest.approx({"a": 0, "b": 0, "c": 1, "d": math.nan}, nan_ok=True)
    assert convergence.sentence(summary).endswith(" In 2 it fell by less than 0.05 nats (median).")
    slow, fast = (curve(lambda c, by=by: 0.2 - by * 2 * (c - 0.5)) for by in (0.049, 0.051))
    for course, count in ((slow, 1), (fast, 0)):
        table = convergence.with_convergence(
            summary_of(rows_of("ebm-ed-none", "kl", "exact", [0.1])), convergence.last_doublings(course, runs(course))
        )
        # a fifth of .2 nats is no convergence by fraction, and below the margin of likelihoods in nats
        assert table["converged"].tolist() == [0] and f" In {count} it fell by less" in convergence.sentence(table)


def test_the_kl_of_cells_that_had_not_is_marked_and_explained(summary):
    plain = readers_table(summary)
    table = convergence.marked(plain, summary)
    assert list(table["kl (nats)"]) == [
        *plain["kl (nats)"][:2],
        plain["kl (nats)"].iloc[2] + " §",
        plain["kl (nats)"].iloc[3],
    ]
    assert table.drop(columns="kl (nats)").equals(plain.drop(columns="kl (nats)"))
    assert convergence.legend(table).startswith("§ means") and convergence.legend(plain) == ""
    without = plain.drop(columns="kl (nats)")
    assert convergence.marked(without, summary).equals(without) and convergence.legend(without) == ""


def test_the_sign_is_within_bold_and_in_latex(summary):
    bold = readers_table(summary).assign(**{"kl (nats)": ["**1**", "2", "**3**", "4"]})
    table = convergence.marked(bold, summary)
    assert list(table["kl (nats)"]) == ["**1**", "2", "**3 §**", "4"]
    assert r"\textbf{3 \S{}}" in latex("x", Caption(""), table)
    failed = bold.assign(**{"kl (nats)": ["", "", "— (3 failed)", ""]})
    assert convergence.legend(convergence.marked(failed, summary)) == ""


def test_between_rungs_each_doubling_counts():
    low = {"a": 1.0, "b": 1.0, "c": 1.0}
    high = {"a": 0.95**2 + 1e-6, "b": 0.95**2 - 1e-6, "d": 1.0}
    assert convergence.between_rungs(low, high, 2) == {"a": True, "b": False}
