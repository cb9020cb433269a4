"""Claims over rungs, judged on committed runs whose answers are known at each budget."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ebmbench.planning.reference_runs import grid_of, rungs_of
from ebmbench.reporting.claims import rungs
from ebmbench.reporting.claims.claim import Claims
from ebmbench.reporting.claims.page import claims_page
from ebmbench.workflow.stages.claims import judge
from tests.helpers.claim_sides import CLAIM
from tests.helpers.paths import ROOT

#: family -> log ratio of this side to the other at x1, x4 and x16; below 0 is on the claim's side
EFFECTS = {
    "always": (-1, -1, -1),
    "late": (1, -1, -1),
    "against": (-1, 1, 1),
    "fades": (-1, -1, 0),
    "grows": (0, 0, -1),
    "turns": (-1, -1, 1),
    "never": (0, 0, 0),
}

VERDICTS = {
    "always": "held",
    "late": "held",
    "against": "not held",
    "fades": "undecided",
    "grows": "undecided",
    "turns": "undecided",
    "never": "undecided",
}


def scores(place):
    generator = np.random.default_rng(place)
    rows = []
    for family, effects in EFFECTS.items():
        for dataset in range(6):
            noise = generator.normal(0, 0.05, size=(2, 5))
            # the noise of an effect of zero has the mean zero, so that no chance decides it
            noise -= noise.mean(axis=1, keepdims=True) + 0.02 * (-1) ** dataset * np.array([[1], [-1]])
            for loss, shift, own in (("a", effects[place], noise[0]), ("b", 0, noise[1])):
                for seed, value in enumerate(np.exp(shift + own)):
                    rows.append((f"set{dataset}", family, loss, "none", seed, "exact", "kl", "model", value, 0.0, "ok"))
    names = [
        "dataset",
        "family",
        "loss",
        "stats",
        "seed",
        "split",
        "metric",
        "distribution",
        "value",
        "stderr",
        "status",
    ]
    return pd.DataFrame(rows, columns=names)


def asked(grid="toy"):
    of = [
        replace(
            CLAIM,
            id=family,
            grid=grid,
            distribution="model",
            rows={"family": family, "metric": "kl", "split": "exact"},
            scale="log",
        )
        for family in EFFECTS
    ]
    return Claims(0.05, tuple(of))


@pytest.fixture
def reference(tmp_path):
    folder = tmp_path / "results/reference"
    for place, rung in enumerate((1, 4, 16)):
        path = folder / f"toy_x{rung}"
        path.mkdir(parents=True)
        scores(place).to_csv(path / "scores.csv", index=False)
    return folder


def verdicts(found):
    return found.table[found.table["on"] == "all"].set_index("id")["verdict"].to_dict()


def test_a_verdict_needs_the_two_highest_rungs(reference):
    found = judge(asked(), reference)
    assert verdicts(found) == VERDICTS
    rows = found.table[found.table["on"] == "all"].set_index("id")
    assert rows.loc["fades", "why"] == "held at x4, undecided at x16"
    assert rows.loc["turns", "why"] == "held at x4, not held at x16"
    assert (rows["would_decide"] != "").equals(rows["verdict"] == "undecided")
    assert set(rows["grid"]) == {"toy_x16"}


def test_the_highest_rung_alone_would_say_something_else(reference, monkeypatch):
    monkeypatch.setattr(rungs, "agreed", lambda found, ladders: found[0])
    assert verdicts(judge(asked(), reference)) == VERDICTS | {"grows": "held", "turns": "not held"}


def test_the_page_shows_the_verdict_at_each_rung(reference):
    found = judge(asked(), reference)
    by_rung = found.by_rung.set_index("claim")
    assert list(by_rung) == ["x1", "x4", "x16"]
    words = {-1: "held", 0: "undecided", 1: "not held"}
    assert {name: tuple(row) for name, row in by_rung.iterrows()} == {
        family: tuple(words[effect] for effect in effects) for family, effects in EFFECTS.items()
    }
    page = claims_page(found.table, 0.05, found.by_rung)
    assert "## Verdicts by budget" in page
    assert page.count("held at x4, not held at x16") >= 1


def test_one_rung_confirms_nothing(reference):
    for rung in (1, 4):
        (reference / f"toy_x{rung}/scores.csv").unlink()
    found = judge(asked(), reference)
    assert set(verdicts(found).values()) == {"undecided"}
    rows = found.table[found.table["on"] == "all"].set_index("id")
    assert rows.loc["always", "why"] == "held at x16, which no other rung confirms"
    assert rows.loc["never", "why"] == ""


def test_grids_without_rungs_are_judged_as_they_are(reference):
    (reference / "toy_x16").rename(reference / "plain")
    found = judge(asked("plain"), reference)
    assert verdicts(found)["grows"] == "held" and verdicts(found)["turns"] == "not held"
    assert found.by_rung.empty and "Verdicts by budget" not in claims_page(found.table, 0.05, found.by_rung)
    # beside claims on a grid with rungs, too
    both = Claims(0.05, (asked("plain").claims[0], *asked().claims[1:]))
    mixed = judge(both, reference)
    assert verdicts(mixed)["always"] == "held" and list(mixed.by_rung["claim"]) == list(EFFECTS)[1:]


def test_committed_rungs_are_named_after_grid_and_rung(reference):
    assert rungs_of(reference, "toy") == {1: "toy_x1", 4: "toy_x4", 16: "toy_x16"}
    assert list(rungs_of(reference, "toy")) == [1, 4, 16] and rungs_of(reference, "to") == {}
    assert grid_of(ROOT / "results/toy/x16") == "toy_x16" and grid_of(ROOT / "results/x4") == "default_x4"
    assert grid_of(ROOT / "results/toy") == "toy" and grid_of(ROOT / "results") == "default"
