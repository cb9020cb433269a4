"""The configuration: what it refuses, in one line, and the grid it stands for."""

import math

import pytest
import yaml

from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.planning import config as configuration
from tests.helpers.configurations import BUILT, SCHEMA, message, resolved, small
from tests.helpers.paths import ROOT


@pytest.mark.parametrize("name", ["config.yaml", "smoke.yaml"])
def test_shipped_configurations_are_sound(name):
    plan = resolved(yaml.safe_load((ROOT / "config" / name).read_text()))
    assert plan.jobs
    assert all(reason for _, reason in plan.skipped)


def test_grid_is_the_product_less_the_exclusions():
    plan = resolved(small())
    cells = {job.cell for job in plan.jobs}
    assert len(cells) == 2 * 2 * 2 * 2 - 2 * 1 * 1 * 2 - 2
    # a normal distribution has no natural parameters to match moments with: no exclusion has to say so
    assert {cell for cell, _ in plan.skipped} == {
        Cell(d, "gaussian", loss, s)
        for d in ("moons", "rings")
        for loss, s in (("ed", "none"), ("ed", "moments"), ("ml", "moments"))
    }
    assert dict(plan.skipped)[Cell("moons", "gaussian", "ed", "none")] == "closed form"


def test_a_grid_can_be_a_list_of_what_is_asked_for():
    asked = [{"match": {"family": "ebm", "loss": "ed", "stats": "none"}}, {"match": {"dataset": "moons", "loss": "ml"}}]
    plan = resolved(small(include=asked))
    cells = {job.cell for job in plan.jobs}
    assert cells == {Cell(d, "ebm", "ed", "none") for d in ("moons", "rings")} | {
        Cell("moons", f, "ml", s) for f, s in (("gaussian", "none"), ("ebm", "none"), ("ebm", "moments"))
    }
    assert len(cells) + len(plan.skipped) == 16
    assert dict(plan.skipped)[Cell("rings", "gaussian", "ed", "none")] == configuration.NOT_INCLUDED


def test_seeds_come_in_blocks():
    plan = resolved(small(seeds=7, seeds_per_job=5))
    assert {job.block for job in plan.jobs} == {"0-4", "5-6"}


def test_later_overrides_win_and_touch_only_what_they_match():
    overrides = [
        {"match": {"loss": "ed"}, "set": {"loss": {"t": 2.0}, "train": {"steps": 10}}},
        {"match": {"loss": "ed", "dataset": "moons"}, "set": {"loss": {"t": 3.0}, "seeds": 1}},
    ]
    plan = resolved(small(overrides=overrides))
    assert plan.settings[Cell("moons", "ebm", "ed", "none")]["loss"] == {"t": 3.0}
    assert plan.settings[Cell("rings", "ebm", "ed", "none")]["loss"] == {"t": 2.0}
    assert plan.settings[Cell("rings", "ebm", "ml", "none")]["train"] == {}
    blocks = {job.cell: job.block for job in plan.jobs}
    assert blocks[Cell("moons", "ebm", "ed", "none")] == "0-0"
    assert blocks[Cell("rings", "ebm", "ed", "none")] == "0-2"


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"sedes": 3}, ["'sedes' is an unknown key", "allowed: results, device, seeds"]),
        (
            {"losses": {"edd": {}}},
            ["losses: 'edd' is unknown", "allowed: cd, cnce, dsm, dsm_levels, ebmkit_cd, ebmkit_dsm, ebmkit_ed"],
        ),
        ({"seeds": -1}, ["seeds = -1", "allowed: 1 or more"]),
        ({"seeds": 2.5}, ["seeds = 2.5", "allowed: integer"]),
        ({"seeds": 1.0}, ["seeds = 1.0", "allowed: integer"]),
        ({"device": "gpu"}, ["device = 'gpu'", "allowed: auto, cpu, cuda"]),
        ({"losses": {"ed": {"tt": 1.0}}}, ["losses.ed: 'tt' is unknown", "allowed: t, M, w"]),
        ({"losses": {"ed": {"M": 1.5}}}, ["losses.ed: M = 1.5 is not of type int"]),
        ({"train": {"steps": "many"}}, ["train: steps = 'many' is not of type int"]),
        ({"figures": {"pie": {}}}, ["figures: 'pie' is unknown", "allowed: ablation_heat_map, ablation_panels"]),
        ({"include": [{"match": {"loss": "cd"}}]}, ["include[0].match.loss = 'cd' matches nothing"]),
        ({"exclude": [{"match": {"loss": "cd"}, "reason": "x"}]}, ["exclude[0].match.loss = 'cd' matches nothing"]),
        ({"exclude": [{"match": {"loss": "ed"}}]}, ["exclude[0]: reason is missing"]),
        (
            {"overrides": [{"match": {"loss": "ed"}, "set": {"loss": {"k": 1}}}]},
            ["overrides[0].set.loss", "'k' is unknown", "allowed: t, M, w"],
        ),
        (
            {"overrides": [{"match": {"loss": "ed"}, "set": {"dataset": {"train": 5}}}]},
            ["overrides[0].set.dataset", "allowed keys of match: dataset"],
        ),
        (
            {"experiments": {"mode_weights": {"gaps": ["wide"]}}},
            ["experiments.mode_weights: gaps = ['wide'] is not of type tuple[float, ...]"],
        ),
        ({"experiments": {"mode_weights": {"rows": [5]}}}, ["experiments.mode_weights: rows = [5] is not of type int"]),
        ({"datasets": {"Moons": {}}}, ["datasets", "Moons"]),
        ({"datasets": {}}, ["datasets"]),
    ],
)
def test_bad_input_is_one_line_that_names_the_key_and_what_is_allowed(changes, parts):
    text = message(small(**changes))
    for part in parts:
        assert part in text


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"losses": {"ed": {"t": -1}}}, "config: losses.ed: t = -1; allowed: above 0"),
        ({"losses": {"ed": {"M": 0}}}, "config: losses.ed: M = 0; allowed: 1 or more"),
        ({"losses": {"dsm": {"sigma": -1}}}, "config: losses.dsm: sigma = -1; allowed: above 0"),
        ({"train": {"steps": -5}}, "config: train: steps = -5; allowed: 1 or more"),
        ({"train": {"learning_rate": -1}}, "config: train: learning_rate = -1; allowed: above 0"),
        ({"train": {"learning_rate": math.nan}}, "config: train: learning_rate = nan; allowed: finite and above 0"),
        (
            {"train": {"max_seconds": math.inf}},
            "config: train: max_seconds = inf; allowed: finite and above 0, or None",
        ),
        ({"train": {"patience": 0}}, "config: train: patience = 0; allowed: 1 or more, or None"),
        ({"sample": {"bounds": 1}}, "config: sample: bounds = 1; allowed: 0, or 2 or more"),
        ({"datasets": {"moons": {"val": 0}}}, "config: datasets.moons: val = 0; allowed: 1 or more"),
        ({"families": {"kde": {"centres": 0}}}, "config: families.kde: centres = 0; allowed: 1 or more"),
        ({"stats": {"s": {"kind": "penalty", "chains": 3}}}, "config: stats.s: chains = 3; allowed: 4 or more"),
        ({"sets": {"mine": {"modes": {"count": 1}}}}, "config: sets.mine.modes: count = 1; allowed: 2 or more"),
        ({"sampler": {"hmc": {"jitter": 1.0}}}, "config: sampler.hmc: jitter = 1.0; allowed: 0 or more and below 1"),
        (
            {"likelihood": {"quadrature": {"grid": 100}}},
            "config: likelihood.quadrature: grid = 100; allowed: 30 or more and a multiple of 30",
        ),
        (
            {"extractors": {"moons": {"cnn": {"epochs": 0}}}},
            "config: extractors.moons.cnn: epochs = 0; allowed: 1 or more",
        ),
        (
            {"experiments": {"mode_weights": {"gaps": [4, -1]}}},
            "config: experiments.mode_weights: gaps = [4, -1]; allowed: 1 or more values, each above 0",
        ),
        (
            {"figures": {"shown": {"kind": "image_grids", "side": 0}}},
            "config: figures.shown: side = 0; allowed: 1 or more",
        ),
        (
            {"overrides": [{"match": {"dataset": "rings", "loss": "ed"}, "set": {"loss": {"w": -0.5}}}]},
            "config: overrides[0].set.loss (ebm-ed-none): w = -0.5; allowed: 0 or more",
        ),
        (
            {"overrides": [{"match": {"family": "ebm"}, "set": {"likelihood": {"smc": {"resample": 0}}}}]},
            "config: overrides[0].set.likelihood.smc: resample = 0; allowed: above 0 and at most 1",
        ),
    ],
)
def test_a_setting_out_of_range_is_refused_before_anything_runs(changes, line):
    assert message(small(exclude=[], **changes)) == line


def test_an_experiments_setting_may_be_a_list():
    experiments = {"mode_weights": {"gaps": [4, 6.5], "losses": ["ml"]}}
    assert configuration.check(small(experiments=experiments), SCHEMA)["experiments"] == experiments


def test_an_exclusion_shadowed_to_nothing_is_refused():
    exclude = [{"match": {"dataset": ["moons", "rings"]}, "reason": "all"}]
    assert "removes every cell" in message(small(exclude=exclude))


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("datasets: {off: {kind: moons}}", "config: datasets: the name False is not text; allowed: names in quotes "),
        ("families: {gaussian: {}, yes: {kind: ebm}}", "config: families: the name True is not text; "),
        ("losses: {ed: {}, 1: {kind: ed}}", "config: losses: the name 1 is not text; "),
        ("stats: {null: {}}", "config: stats: the name None is not text; "),
        ("losses: {ed: {on: 1}}", "config: losses.ed: the name True is not text; "),
        ("include: [{match: {2: ed}}]", "config: include[0].match: the name 2 is not text; "),
        ("12: {}", "config: the name 12 is not text; "),
    ],
)
def test_a_name_that_yaml_reads_as_another_value_is_refused(text, start):
    line = message(small() | yaml.safe_load(text))
    assert line.startswith(start) and line.endswith("such as 'off', 'yes' or '1'")


@pytest.mark.parametrize("axis", ["datasets", "families", "losses", "stats"])
def test_a_missing_axis_is_named(axis):
    content = small()
    del content[axis]
    assert message(content) == f"config: {axis} is missing"


def test_a_cells_sampler_and_ways_to_log_z():
    cell = Cell("moons", "ebm", "ed", "none")
    assert resolved(small()).settings[cell]["sampler"] == {"mala": {}}
    changed = small(
        sampler={"hmc": {"leapfrog": 3}},
        overrides=[
            {"match": {"family": "ebm"}, "set": {"sampler": {"ula": {"step_size": 0.1}}}},
            {"match": {"family": "ebm"}, "set": {"likelihood": {"smc": {"particles": 7}}}},
            {"match": {"dataset": "rings"}, "set": {"likelihood": {"importance": {}}}},
        ],
    )
    settings = resolved(changed).settings
    assert settings[cell]["sampler"] == {"ula": {"step_size": 0.1}}
    # settings of a name that stands are changed, in its place; other names take the place of all
    assert settings[cell]["likelihood"] == {"quadrature": {}, "smc": {"particles": 7}}
    assert settings[cell._replace(dataset="rings")]["likelihood"] == {"importance": {}}
    assert settings[Cell("moons", "gaussian", "ml", "none")]["sampler"] == {"hmc": {"leapfrog": 3}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sampler": {"nuts": {}}}, "config: sampler: 'nuts' is unknown; allowed: descent, hmc"),
        ({"sampler": {"ula": {}, "mala": {}}}, "config: sampler"),
        ({"likelihood": {"smc": {"seeds": 3}}}, "config: likelihood.smc: 'seeds' is unknown; allowed: populations"),
        (
            {"overrides": [{"match": {"family": "ebm"}, "set": {"sampler": {"ula": {"step_size": "big"}}}}]},
            "config: overrides[0].set.sampler.ula: step_size = 'big' is not of type float",
        ),
    ],
)
def test_a_wrong_sampler_or_way_is_one_line(changes, expected):
    assert message(small(**changes)).startswith(expected)


def test_one_plug_in_stands_on_an_axis_as_often_as_it_is_named():
    losses = {"ml": {}, "ed": {}, "ed_wide": {"kind": "ed", "t": 4.0}}
    override = {"match": {"loss": "ed_wide"}, "set": {"loss": {"M": 16}}}
    settings = resolved(small(losses=losses, overrides=[override])).settings
    assert settings[Cell("moons", "ebm", "ed_wide", "none")]["loss"] == {"kind": "ed", "t": 4.0, "M": 16}
    assert settings[Cell("moons", "ebm", "ed", "none")]["loss"] == {}


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ({"ed": {}, "mine": {"kind": "edd"}}, "config: losses: 'edd' is unknown; did you mean ed? allowed: cd"),
        ({"ed": {}, "mine": {"kind": "ed", "k": 3}}, "config: losses.mine: 'k' is unknown; allowed: t, M, w"),
        ({"ed": {}, "mine": {}}, "config: losses: 'mine' is unknown; allowed: cd"),
    ],
)
def test_a_wrong_kind_is_one_line(losses, expected):
    assert message(small(losses={"ml": {}, **losses})).startswith(expected)


def test_a_family_builds_on_the_cell_that_its_base_names():
    plan = configuration.grid(configuration.check(BUILT, SCHEMA))
    assert plan.bases == {
        Cell("moons", "gebm_flow", loss, "none"): Cell("moons", "nvp", "ml", "none") for loss in ("ml", "kale_f")
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"families": {"nvp": {}, "gebm_flow": {}}}, "families.gebm_flow.base = 'flow': no cell moons/flow-ml-none; "),
        ({"families": {"nvp": {}, "gebm_flow": {}}}, "allowed on this data set: nvp"),
        ({"overrides": [{"match": {"family": "nvp"}, "set": {"seeds": 2}}]}, "2 seeds; allowed: 3, as many as gebm"),
    ],
)
def test_a_base_that_is_not_there_is_refused_in_one_line(changes, message):
    with pytest.raises(UserError) as caught:
        configuration.grid(configuration.check(BUILT | changes, SCHEMA))
    assert message in str(caught.value) and "\n" not in str(caught.value)
