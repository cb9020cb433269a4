"""Claims on metrics that fail a control: the entry decides nothing, and says why."""

import dataclasses

import numpy as np
import pandas as pd

from ebmbench.core.csv_schema import read_typed
from ebmbench.reporting.claims.claim import Claim, Claims
from ebmbench.reporting.claims.combine import weigh
from ebmbench.reporting.claims.power import what_would_decide
from ebmbench.reporting.claims.unfit_metrics import claimed_columns, without_unfit
from ebmbench.reporting.claims.verdicts import decide, rows
from ebmbench.reporting.comparison.columns import Column
from ebmbench.workflow.stages.claims import evaluate
from tests.helpers.claim_sides import both
from tests.helpers.score_rows import frame, rows_of

CLAIM = Claim(
    "c",
    "a sentence",
    "a source",
    "grid",
    "scores",
    {"loss": "ed"},
    {"loss": "cd"},
    "less",
    distribution="model",
    rows={"metric": "mmd2", "split": "test", "family": "ebm"},
)
MMD2 = Column("mmd2", "test", "model")


def sides(on, effect):
    noise = np.linspace(-0.1, 0.1, 5)
    return both(noise, np.full(5, effect), on)


def test_the_columns_of_a_claim_are_those_of_both_sides():
    assert claimed_columns(CLAIM) == {MMD2}
    assert claimed_columns(dataclasses.replace(CLAIM, other={"distribution": "base"})) == {
        MMD2,
        MMD2._replace(distribution="base"),
    }
    several = dataclasses.replace(
        CLAIM, rows={"split": "test"}, this={"metric": ["a_mismatch_mean", "kl"]}, other={"metric": "a_mismatch_floor"}
    )
    assert {of.metric for of in claimed_columns(several)} == {"a_mismatch_mean", "kl", "a_mismatch_floor"}
    assert claimed_columns(dataclasses.replace(CLAIM, table="curves")) == set()
    assert claimed_columns(dataclasses.replace(CLAIM, other=1.0)) == {MMD2}


def test_entries_are_marked_by_their_data_set():
    found = {("redwine", MMD2): "why"}
    by_dataset = without_unfit(CLAIM, [sides("redwine", 1.0), sides("moons", 1.0)], found)
    assert [of.unfit for of in by_dataset] == ["mmd2 fails its control on redwine", ""]
    by_both = dataclasses.replace(CLAIM, each=("loss", "dataset"))
    assert [bool(of.unfit) for of in without_unfit(by_both, [sides("ed redwine", 1.0)], found)] == [True]
    fixed = dataclasses.replace(CLAIM, each=("loss",), rows=CLAIM.rows | {"dataset": "redwine"})
    assert [bool(of.unfit) for of in without_unfit(fixed, [sides("ed", 1.0)], found)] == [True]


def test_an_unfit_entry_decides_nothing_and_the_rest_do():
    evidence = [sides("a", 1.0), sides("b", 1.2), sides("c", 1.1), sides("redwine", -5.0)]
    whole = weigh(CLAIM, evidence)
    unfit = weigh(CLAIM, without_unfit(CLAIM, evidence, {("redwine", MMD2): "why"}))
    assert unfit.sided == weigh(CLAIM, evidence[:3]).sided != whole.sided
    assert unfit.reasons == ["mmd2 fails its control on redwine, left out"]
    (of,) = decide([unfit], 0.05)
    table = pd.DataFrame(rows(of, 0.05, {})).set_index("on")
    assert of.verdict == "held"
    assert (table.loc["redwine", "verdict"], table.loc["redwine", "why"]) == (
        "undecided",
        "mmd2 fails its control on redwine",
    )


def test_a_claim_without_a_fit_entry_is_undecided():
    alone = weigh(CLAIM, without_unfit(CLAIM, [sides("redwine", 5.0)], {("redwine", MMD2): "why"}))
    assert decide([alone], 0.05)[0].verdict == "undecided"
    assert weigh(CLAIM, [sides("redwine", 5.0)]).sided.held < 0.001
    assert what_would_decide(alone, 0.05) == "a metric that passes its controls"


def test_committed_scores_decide_which_metrics_are_unfit(tmp_path):
    """On moons the oracle is behind every model by mmd2."""
    grid = tmp_path / "reference" / "grid"
    grid.mkdir(parents=True)
    scores = []
    for oracle, dataset in ((0.9, "moons"), (0.0, "rings"), (0.0, "pinwheel")):
        of = rows_of("oracle-none-none", "mmd2", "test", [oracle + 0.01 * i for i in range(5)])
        of += rows_of("ebm-ed-none", "mmd2", "test", [0.1 + 0.01 * i for i in range(5)])
        of += rows_of("ebm-cd-none", "mmd2", "test", [0.5 + 0.012 * i for i in range(5)])
        scores.append(frame(of).assign(dataset=dataset))
    pd.concat(scores).to_csv(grid / "scores.csv", index=False)
    read_typed(grid / "scores.csv")
    found = evaluate(Claims(0.05, (CLAIM,)), tmp_path / "reference").set_index("on")
    assert found.loc["moons", "why"] == "mmd2 fails its control on moons"
    assert found.loc["rings", "verdict"] == "held" and found.loc["moons", "verdict"] == "undecided"
    assert "moons" in found.loc["all", "why"]
