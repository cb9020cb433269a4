"""The check before the first job constructs what the jobs will construct, and names the key of what a class refuses."""

import json

import pytest
import yaml

from ebmbench.core.errors import UserError
from ebmbench.planning import config as configuration
from ebmbench.workflow.cli.app import run
from ebmbench.workflow.stages import check_settings
from tests.helpers.configurations import SCHEMA
from tests.helpers.paths import ROOT

GRID = {
    "datasets": {"moons": {}, "rings": {}},
    "families": {"levels": {"kind": "ebm_noise"}, "narrow": {"kind": "ebm_noise", "sigma_max": 0.5}},
    "losses": {"dsm_levels": {}, "kale": {"kind": "kale_f"}},
    "stats": {"none": {}, "s2": {"kind": "joint", "set": "s2"}},
}


def checked(**changes):
    return configuration.check(GRID | changes, SCHEMA)


def refused(**changes):
    with pytest.raises(UserError) as caught:
        check_settings.check_grid_settings(checked(**changes))
    return str(caught.value)


def override(match, **settings):
    return {"overrides": [{"match": match, "set": settings}]}


def searched(**space):
    return {"tuning": {"trials": 4, "spaces": [{"match": {"family": "narrow", "dataset": "moons"}, "space": space}]}}


CELL = "moons/narrow-dsm_levels-none"
NARROW = {"family": "narrow", "dataset": "moons", "loss": "dsm_levels", "stats": "none"}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"families": {"levels": {"kind": "ebm_noise", "sigma_min": 4.0}}},
            "config: families.levels: sigma_min = 4; allowed: below sigma_max = 3",
        ),
        (
            override(NARROW, family={"sigma_min": 0.5}),
            f"config: families.narrow with the overrides of {CELL}: sigma_min = 0.5; allowed: below sigma_max = 0.5",
        ),
        ({"losses": {"kale": {"kind": "kale_f", "update": "slow"}}}, "config: losses.kale: update = 'slow'; allowed: "),
        ({"train": {"precision": "half"}}, "config: train: precision = 'half'; allowed: float32, bfloat16"),
        (
            override(NARROW, train={"precision": "half"}),
            f"config: train with the overrides of {CELL}: precision = 'half'; allowed: float32, bfloat16",
        ),
        (
            {"sets": {"mine": {"correlations": {"largest": 0, "others": 0}}}},
            "config: sets.mine.correlations: largest = others = 0; allowed: ",
        ),
        (
            {"datasets": {"moons": {}, "power": {"rows": 69}}},
            "config: datasets.power: rows = 69; allowed: 70 or more, to whiten 6 columns",
        ),
        (
            {"experiments": {"discrepancy_time": {"shortest": 30}}},
            "config: experiments.discrepancy_time: shortest = 30; allowed: below longest = 30",
        ),
        (
            {"figures": {"grids": {"kind": "image_grids", "distribution": "none"}}},
            "config: figures.grids: ",
        ),
        (
            searched(family={"sigma_min": [0.1, 0.7]}),
            f"config: tuning.spaces: family of {CELL} with {{'sigma_min': 0.7}}: sigma_min = 0.7; allowed: below ",
        ),
        (
            searched(family={"sigma_min": {"low": 0.1, "high": 0.7}}),
            f"config: tuning.spaces: family of {CELL} with {{'sigma_min': 0.7}}: sigma_min = 0.7; allowed: below ",
        ),
    ],
)
def test_a_condition_on_several_settings_is_one_line_that_names_the_key(changes, line):
    text = refused(**changes)
    assert text.startswith(line) and "\n" not in text


def test_values_that_only_a_trial_combines_are_refused():
    """Each value alone fits the other's configured value."""
    text = refused(**searched(family={"sigma_min": [0.05, 0.4], "sigma_max": [0.3, 2.0]}))
    assert text.endswith("with {'sigma_min': 0.4, 'sigma_max': 0.3}: sigma_min = 0.4; allowed: below sigma_max = 0.3")


def test_what_no_job_constructs_may_be_anything():
    """An entry that overrides repair in all its cells is sound."""
    families = {"levels": {"kind": "ebm_noise", "sigma_min": 4.0}}
    repaired = override({"family": "levels"}, family={"sigma_max": 5.0})
    check_settings.check_grid_settings(checked(families=families, **repaired))
    with pytest.raises(UserError):
        check_settings.check_grid_settings(checked(families=families))


def test_equal_settings_are_constructed_once(monkeypatch):
    seen = []
    construct = check_settings.Entry.construct
    monkeypatch.setattr(check_settings.Entry, "construct", lambda self: (seen.append(self.content), construct(self)))
    check_settings.check_grid_settings(checked())
    assert len(seen) == len(set(seen))
    assert {json.loads(content)[1] for content in seen} >= {
        "moons",
        "ebm_noise",
        "dsm_levels",
        "kale_f",
        "joint",
        "mala",
    }


@pytest.mark.parametrize("name", ["config.yaml", "smoke.yaml", "papers/gebm.yaml"])
def test_shipped_configurations_are_sound(name):
    config = configuration.check(yaml.safe_load((ROOT / "config" / name).read_text()), SCHEMA)
    check_settings.check_grid_settings(json.loads(json.dumps(config)))


def test_the_command_prints_the_line_and_fails(capsys):
    words = ["stage", "check_settings", "--config"]
    assert run([*words, json.dumps(checked())]) == 0
    assert run([*words, json.dumps(checked(train={"precision": "half"}))]) == 1
    line = "ebmbench check_settings: config: train: precision = 'half'; allowed: float32, bfloat16\n"
    assert capsys.readouterr().err == line
