"""Criteria of a search: names, columns of tables, and what a configuration may ask for."""

import json

import pytest

from ebmbench.core.errors import UserError
from ebmbench.planning import search_criteria
from ebmbench.planning.code_modules import of_search
from ebmbench.planning.config import check, grid
from ebmbench.planning.tuning import merged, trial_columns, trials
from tests.helpers.paths import ROOT

SCHEMA = ROOT / "src/ebmbench/core/schemas/config.schema.yaml"
IMAGES = {
    "datasets": {"digits": {"kind": "digit_images"}, "mnist": {}},
    "families": {"vae": {}},
    "losses": {"elbo": {}},
    "stats": {"none": {}},
    "extractors": {"digits": {"cnn": {}}},
}


def checked(criterion, match, **more):
    spaces = [{"match": match, "space": {"train": {"learning_rate": [0.001, 0.01]}}}]
    config = check(IMAGES | {"tuning": {"criterion": criterion, "trials": 2, "spaces": spaces}} | more, SCHEMA)
    return config, grid(config)


@pytest.mark.parametrize("name", ["nll", "fd_cnn", "fd_efficientnet_lite0"])
def test_a_table_of_trials_names_its_criterion(name):
    criterion = search_criteria.criterion(name)
    columns = trial_columns(criterion)
    assert columns.count(f"val_{name}") == 1 and len(set(columns)) == len(columns)
    assert search_criteria.of_table(columns) == criterion


def test_the_default_leaves_no_trace_in_the_settings_of_a_search():
    """Digests of searches that were finished before there were criteria stay as they are."""
    assert search_criteria.of_search({"trials": 3}).recorded == {}
    assert search_criteria.of_search({"criterion": "fd_cnn"}).recorded == {"criterion": "fd_cnn"}


def of_samples(space):
    spaces = [{"match": {"dataset": "digits"}, "space": space}]
    search = {"criterion": "fd_cnn", "trials": 12, "spaces": spaces}
    return grid(check(IMAGES | {"sampler": {"ula": {"step_size": 0.2}}, "tuning": search}, SCHEMA))


def test_how_a_model_is_sampled_is_searched_by_its_samples():
    plan = of_samples({"sample": {"warmup": [10, 100]}, "sampler": {"ula": [{"step_size": 0.1}, {}]}})
    ((cell, space),) = plan.spaces.items()
    tried = [merged(plan.settings[cell], changes) for changes in trials(space, 12, 0)]
    sampled = [(one["sample"].get("warmup"), one["sampler"]) for one in tried]
    assert sampled[0] == (None, {"ula": {"step_size": 0.2}})
    # an option changes what it names
    for warmup in (10, 100):
        for step in (0.1, 0.2):
            assert (warmup, {"ula": {"step_size": step}}) in sampled[1:]
    assert len({json.dumps(one["train"]) for one in tried}) == 1


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"sampler": {"mala": [{}]}}, r"space.sampler \(vae-elbo-none\): 'mala'; allowed: ula, which it declares"),
        (
            {"sampler": {"ula": [{"step": 0.1}]}},
            r"space.sampler.ula \(vae-elbo-none\): 'step' is unknown; did you mean",
        ),
        ({"sampler": {"ula": [{"step_size": 0}]}}, "step_size = 0; allowed: above 0"),
        (
            {"sampler": {"ula": {"step_size": [0.1]}}},
            r"sampler.ula = .*; allowed: a list of settings, such as \[{step_size: 0.04}",
        ),
        ({"sample": {"warm_up": [10]}}, r"space.sample \(vae-elbo-none\): 'warm_up' is unknown; did you mean warmup"),
        ({"sample": {"thin": [0]}}, "thin = 0; allowed: 1 or more"),
    ],
)
def test_samplers_and_settings_of_samples_that_do_not_fit_are_refused(space, message):
    with pytest.raises(UserError, match=message) as caught:
        of_samples(space)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["fd", "nll_cnn", "kid_cnn", "fd_"])
def test_other_names_are_refused(name):
    with pytest.raises(UserError, match=f"criterion = '{name}'; allowed: nll, or fd_ and an extractor"):
        search_criteria.criterion(name)


def test_a_search_needs_the_extractor_of_each_data_set_that_it_is_on():
    config, plan = checked("fd_cnn", {"dataset": "digits"})
    (cell,) = plan.spaces
    assert cell.dataset == "digits"
    modules = of_search(config, plan, cell)
    assert "ebmbench.evaluation.search_criteria.frechet" in modules
    assert any(name.endswith("extractors.cnn") for name in modules)
    with pytest.raises(
        UserError, match=r"= 'fd_cnn': 'cnn' is not an extractor of mnist; allowed: none, extractors.mnist is empty"
    ):
        checked("fd_cnn", {"family": "vae"})
    with pytest.raises(UserError, match="'inception' is not an extractor of digits"):
        checked("fd_inception", {"dataset": "digits"})
    with pytest.raises(UserError, match="'fd_cnn' with rungs; allowed with rungs: nll"):
        checked("fd_cnn", {"dataset": "digits"}, rungs=[1, 4])
