"""Search of settings: what is tried, what is chosen, and what a configuration may ask for."""

import json
import math
from pathlib import Path

import pytest

from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.planning.config import check, grid
from ebmbench.planning.tuning import best, choose, folder_of, merged, promoted, trials
from tests.helpers.paths import ROOT

SCHEMA = ROOT / "src/ebmbench/core/schemas/config.schema.yaml"
SPACE = {"loss": {"M": [1, 4, 16]}, "train": {"learning_rate": {"low": 1e-3, "high": 1e-1}}}


def config(**changes):
    base = {
        "datasets": {"moons": {}},
        "families": {"ebm": {}, "gaussian": {}},
        "losses": {"ed": {}, "ml": {}},
        "stats": {"none": {}},
    }
    return grid(check(base | changes, SCHEMA))


def searched(*spaces, **more):
    return config(tuning={"trials": 4, "spaces": list(spaces), **more})


def test_the_first_trial_is_the_entry_as_configured():
    assert trials(SPACE, 1, 0) == [{}]
    assert trials(SPACE, 5, 0)[0] == {}
    assert trials({}, 5, 0) == [{}]


def test_the_others_fill_the_space_evenly():
    drawn = trials(SPACE, 82, 3)[1:]
    rates = sorted(trial["train"]["learning_rate"] for trial in drawn)
    assert 1e-3 <= rates[0] < 1.1e-3 and 0.09 < rates[-1] <= 1e-1
    # even in the logarithm: the median of 81 points of [1e-3, 1e-1] is close to 1e-2; of an even draw it is .05
    assert rates[40] == pytest.approx(1e-2, rel=0.1)
    counts = [sum(trial["loss"]["M"] == M for trial in drawn) for M in (1, 4, 16)]
    assert sum(counts) == 81 and max(counts) - min(counts) <= 3


def test_no_point_is_tried_twice_and_lists_are_tried_whole():
    lists = {
        "loss": {"M": [1, 4, 16]},
        "train": {"learning_rate": [1e-3, 1e-2]},
        "sampler": {"ula": [{}, {"beta": 2.0}]},
    }
    for seed in range(20):
        found = [trials(lists, count, seed) for count in (9, 13, 14, 60)]
        assert [len(of) for of in found] == [9, 13, 13, 13] and found[1] == found[3]
        assert all(len({json.dumps(trial) for trial in of}) == len(of) for of in found)


def test_values_that_are_listed_twice_and_narrow_ranges_end():
    twice = {"loss": {"M": [1, 4, 1, 1.0]}, "sampler": {"ula": [{}, {}]}}
    assert sorted(trial["loss"]["M"] for trial in trials(twice, 20, 0)[1:]) == [1, 4]
    narrow = {"train": {"learning_rate": {"low": 1.0, "high": 1.001}}}
    assert len(trials(narrow, 20, 0)) == 20


def test_the_same_seed_tries_the_same_and_another_does_not():
    assert trials(SPACE, 6, 1) == trials(SPACE, 6, 1)
    assert trials(SPACE, 6, 1)[1:] != trials(SPACE, 6, 2)[1:]


def test_a_longer_search_begins_as_the_shorter_one():
    assert trials(SPACE, 8, 1)[:5] == trials(SPACE, 5, 1)


def test_the_least_score_is_chosen_and_a_missing_one_never():
    tried = {0: {}, 1: {"loss": {"M": 1}}, 2: {"loss": {"M": 4}}}
    assert choose(tried, {0: 3.0, 1: math.nan, 2: 2.0}) == (2, {"loss": {"M": 4}}, True)
    assert choose(tried, {0: 3.0, 1: -math.inf, 2: 4.0}) == (0, {}, True)
    assert choose(tried, {0: math.nan, 1: math.nan, 2: math.inf}) == (0, {}, False)
    # a later stage need not have the entry as configured among its trials
    assert choose({2: tried[2]}, {2: math.nan}) == (0, {}, False)


def test_the_next_stage_runs_the_best_that_have_a_score():
    scores = {0: 5.0, 1: 2.0, 2: math.nan, 3: 1.0, 4: 2.0, 5: -math.inf}
    assert best(scores, 3) == [3, 1, 4] and best(scores, 9) == [3, 1, 4, 0]
    assert promoted(scores, 3) == [1, 3, 4] and promoted(scores, 9) == [0, 1, 3, 4]
    assert promoted({3: math.nan, 5: math.inf}, 2) == [0]


def test_changes_are_merged_part_by_part():
    settings = {"loss": {"M": 2, "w": 1.0}, "train": {}, "family": {"width": 8}}
    changed = merged(settings, {"loss": {"M": 4}, "train": {"learning_rate": 0.1}})
    assert changed == {"loss": {"M": 4, "w": 1.0}, "train": {"learning_rate": 0.1}, "family": {"width": 8}}
    assert settings["loss"]["M"] == 2


def test_entries_add_up_and_the_later_one_wins():
    rate = {"low": 0.001, "high": 0.01}
    plan = searched(
        {"match": {"family": "ebm"}, "space": {"train": {"learning_rate": rate, "ema": [0.99, 0.999]}}},
        {"match": {"loss": "ed"}, "space": {"loss": {"M": [1, 4]}, "train": {"ema": [0.9]}}},
    )
    ed, ml = (Cell("moons", "ebm", loss, "none") for loss in ("ed", "ml"))
    assert plan.spaces[ed] == {"train": {"learning_rate": rate, "ema": [0.9]}, "loss": {"M": [1, 4]}}
    assert plan.spaces[ml] == {"train": {"learning_rate": rate, "ema": [0.99, 0.999]}}
    assert Cell("moons", "gaussian", "ml", "none") not in plan.spaces
    assert folder_of({"results": "results", "rungs": []}, ed, 1) == Path("results/runs/moons/ebm-ed-none/tuning")


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"loss": {"m": [1]}}, "'m' is unknown; did you mean M? allowed: t, M, w"),
        ({"loss": {"M": [1, 2.5]}}, "M = 2.5 is not of type int"),
        ({"loss": {"M": {"low": 1, "high": 8}}}, "M = 1.0 is not of type int"),
        ({"loss": {"t": {"low": 2.0, "high": 1.0}}}, "low and high with 0 < low < high"),
        ({"loss": {"t": [1.0, 0]}}, "config: tuning.spaces[0].space.loss (ebm-ed-none): t = 0; allowed: above 0"),
        ({"train": {"ema": {"low": 0.5, "high": 1.0}}}, "ema = 1.0; allowed: 0 or more and below 1"),
        (
            {"train": {"learning_rate": {"low": 0.1, "high": math.inf}}},
            "learning_rate = inf; allowed: finite and above",
        ),
        ({"family": {"width": [8, 0]}}, "width = 0; allowed: 1 or more"),
        ({"train": {"rate": [1]}}, "'rate' is unknown; allowed: steps"),
        (
            {"dataset": {"train": [1]}},
            "'dataset' is an unknown key; allowed: family, loss, stats, train, sample, sampler",
        ),
        ({"sample": {"warmup": [1]}}, "space.sample: the criterion nll rests on no samples; allowed with it: fd_cnn"),
        ({"sampler": {"mala": [{}]}}, "space.sampler: the criterion nll rests on no samples"),
    ],
)
def test_a_space_that_does_not_fit_is_refused_in_one_line(space, message):
    with pytest.raises(UserError) as caught:
        searched({"match": {"loss": "ed"}, "space": space})
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trials": 4, "halving": [{"trials": 4}]}, "config: tuning: trials and halving are both given"),
        ({"halving": [{"trials": 4}, {"trials": 5}]}, "halving: trials [4, 5]; allowed: no more than in the stage bef"),
        ({"halving": [{"trials": 0}]}, "config: tuning.halving[0].trials = 0; allowed: 1 or more"),
        ({"halving": [{"seeds": 2}]}, "config: tuning.halving[0]: trials is missing"),
        ({"halving": []}, "config: tuning.halving = []; allowed: a list of trials and seeds"),
        ({"halving": [20]}, "config: tuning.halving[0] = 20; allowed: trials and seeds"),
        (
            {"halving": [{"trials": 4, "seed": 2}]},
            "config: tuning.halving[0]: 'seed' is an unknown key; did you mean seeds? allowed: trial",
        ),
    ],
)
def test_a_halving_that_does_not_fit_is_refused_in_one_line(changes, message):
    with pytest.raises(UserError) as caught:
        config(tuning={"spaces": [], **changes})
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_a_base_is_searched_as_its_energy_is():
    families = {"nvp": {}, "gebm_flow": {"base": "nvp"}}
    built = {"families": families, "losses": {"ml": {}, "kale_f": {}}}
    built["exclude"] = [{"match": {"family": "nvp", "loss": "kale_f"}, "reason": "fitted exactly"}]
    space = {"train": {"learning_rate": [0.001, 0.01]}}
    energy = {"match": {"family": "gebm_flow", "loss": "kale_f"}, "space": space}
    assert config(**built, tuning={"spaces": [energy, {"match": {"family": "nvp"}, "space": space}]}).spaces
    # the base alone is no harm: its energy then has no search to gain from
    assert config(**built, tuning={"spaces": [{"match": {"family": "nvp"}, "space": space}]}).spaces
    # nothing of a base in closed form can be searched
    normal = built | {"families": {"gaussian": {}, "gebm_flow": {"base": "gaussian"}}, "exclude": []}
    assert len(config(**normal, tuning={"spaces": [energy]}).spaces) == 1
    with pytest.raises(UserError, match=r"moons/gebm_flow-kale_f-none is searched and its base nvp-ml-none is not"):
        config(**built, tuning={"spaces": [energy]})


def test_the_seed_of_the_search_is_none_of_the_grids():
    entry = {"match": {"loss": "ed"}, "space": {"loss": {"M": [1]}}}
    assert searched(entry, seed=3).spaces
    with pytest.raises(UserError, match=r"tuning.seed = 2 is a seed of the grid; allowed: 3 or more"):
        searched(entry, seed=2)


def test_the_reference_of_a_target_is_a_cell():
    target = {"kl": 0.1, "reference": "ebm-ed-none"}
    assert config(time_to_kl={"moons": target})
    with pytest.raises(UserError, match=r"time_to_kl.moons.reference = 'ebm-cd-none' is not a cell .* allowed: ebm-ed"):
        config(time_to_kl={"moons": target | {"reference": "ebm-cd-none"}})
