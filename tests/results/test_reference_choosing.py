"""What the committed trial of `ebmbench choose` must show, and that its page says the same."""

import re

import pytest

from tests.helpers.paths import ROOT
from tests.helpers.reference_tables import read

PAGE = ROOT / "docs/guide/choosing.md"


@pytest.fixture
def trials():
    return read("reference/benchmarks/choosing.csv").set_index("table")


def test_four_tables_are_decided_within_their_minutes(trials):
    assert set(trials.index) == {"diabetes", "breast_cancer", "wine", "mixture"}
    assert (trials["seconds"] < 60 * trials["minutes"]).all() and (trials["minutes"] <= 20).all()


def test_no_recommendation_is_shown_to_be_worse_than_the_best_of_a_grid_without_a_limit(trials):
    assert (trials["within"] == (trials["gap_ci_low"] <= 0)).all()
    assert trials["within"].all()


def test_on_a_known_mixture_the_recommendation_is_as_near_as_the_best_method(trials):
    known = trials.dropna(subset=["kl"])
    assert list(known.index) == ["mixture"]
    assert (known["kl"] - known["least_kl"] < 0.05).all() and (known["least_kl"] >= 0).all()


def test_the_page_has_the_committed_numbers(trials):
    pattern = r"^\| `(\w+)` \| (\d+) min (\d+) s \| (.+?), ([\d.]+) \| (.+?), ([\d.]+) \|"
    quoted = re.findall(pattern, PAGE.read_text(), re.MULTILINE)
    assert [row[0] for row in quoted] == list(trials.index)
    for name, minutes, seconds, recommended, nll, best, best_nll in quoted:
        row = trials.loc[name]
        assert 60 * int(minutes) + int(seconds) == row["seconds"]
        assert [recommended, best] == [method(row["recommended"]), method(row["best"])]
        assert [float(nll), float(best_nll)] == pytest.approx([row["nll"], row["best_nll"]], abs=0.0051)
    of_known = f"its KL is {trials.loc['mixture', 'kl']:.3f} nats, where\nthe least of all methods is "
    assert of_known.replace(" 0.", " .") in PAGE.read_text()


def method(name):
    """The name of a method as readers see it: `ebm · ed` for `ebm-ed-none`."""
    return " · ".join(part for part in name.split("-") if part != "none")
