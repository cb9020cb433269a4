"""From the configuration to what is drawn: cells, order and settings."""

from __future__ import annotations

import pytest

from ebmbench.core.csv_schema import read_typed
from ebmbench.planning import config as configuration
from ebmbench.workflow.cli.table_stages import figure
from tests.helpers.paths import ROOT

SCHEMA = ROOT / "src/ebmbench/core/schemas/config.schema.yaml"

#: the grid of the suite of runs: its data sets are files already, of whatever kind
GRID = {
    "datasets": {"ball": {"kind": "moons"}, "ring": {"kind": "moons"}},
    "families": {"ebm": {}, "flow": {}, "kde": {}},
    "losses": {"none": {}, "ml": {}, "cd": {}, "ed": {}},
    "stats": {"none": {}, "moments": {"kind": "joint"}},
    "exclude": [
        {"match": {"family": "ebm", "loss": ["none", "ml"]}, "reason": "not among the runs"},
        {"match": {"family": "ebm", "loss": "cd", "stats": "moments"}, "reason": "not among the runs"},
        {"match": {"family": ["flow", "kde"], "stats": "moments"}, "reason": "not among the runs"},
        {"match": {"family": ["flow", "kde"], "loss": ["cd", "ed"]}, "reason": "not among the runs"},
        {"match": {"family": "flow", "loss": "none"}, "reason": "not among the runs"},
        {"match": {"family": "kde", "loss": "ml"}, "reason": "not among the runs"},
    ],
}


@pytest.fixture
def drawn(suite, tmp_path):
    """The csv of a figure, drawn as the workflow draws it."""

    def of(**entry):
        config = GRID | {"results": str(suite.tables.parent), "figures": {"mine": entry}}
        config = configuration.check(config, SCHEMA)
        out = tmp_path / "mine"
        figure("mine", entry, config, suite.tables, out)
        return read_typed(tmp_path / "mine.csv")

    return of


def methods(table) -> list[str]:
    return list(dict.fromkeys((table["family"] + "-" + table["loss"].fillna("")).tolist()))


def test_panels_follow_match(drawn):
    match = {"dataset": ["ring", "ball"], "loss": ["ml", "ed", "cd"], "stats": "none", "family": ["flow", "ebm"]}
    panels = drawn(kind="density_panels", match=match)
    assert methods(panels) == ["data-", "flow-ml", "ebm-ed", "ebm-cd"]
    assert list(panels["dataset"].unique()) == ["ring", "ball"]
    turned = drawn(kind="density_panels", match=match | {"loss": ["cd", "ed", "ml"]})
    assert methods(turned) == ["data-", "flow-ml", "ebm-cd", "ebm-ed"]


def test_without_match_controls_and_tilts_are_not_seen_in_densities_and_by_name_they_are(drawn):
    assert methods(drawn(kind="density_panels")) == ["data-", "ebm-cd", "ebm-ed", "flow-ml"]
    assert methods(drawn(kind="density_panels", match={"family": "kde"})) == ["data-", "kde-none"]
    tilted = drawn(kind="density_panels", match={"stats": ["moments", "none"], "loss": "ed"})
    assert tilted["stats"].dropna().tolist()[:2] == ["moments", "none"]


def test_curves_and_bars_hold_the_matched_cells_alone(drawn):
    match = {"dataset": "ring", "loss": ["ed", "ml"]}
    for kind in ("kl_steps", "mismatch_bars"):
        table = drawn(kind=kind, match=match, exclude=[{"stats": "moments"}])
        assert set(table["dataset"]) == {"ring"} and set(table["stats"]) == {"none"}
        assert set(methods(table)) == {"ebm-ed", "flow-ml"}
