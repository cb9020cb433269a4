"""Which run an experiment studies, and what happens with one that the grid does not have."""

import pytest

from ebmbench.core.cells import Cell, Job
from ebmbench.core.errors import UserError
from ebmbench.planning import config as configuration
from ebmbench.planning.experiment_inputs import judging, studied
from tests.helpers.configurations import BUILT
from tests.helpers.paths import ROOT

SCHEMA = ROOT / "src/ebmbench/core/schemas/config.schema.yaml"


def found(experiments, **changes):
    config = configuration.check(BUILT | {"experiments": experiments} | changes, SCHEMA)
    return studied(config, configuration.grid(config))


def test_an_experiment_studies_the_first_seeds_of_the_cell_that_it_names():
    run = {"run": "moons/gebm_flow-kale_f-none"}
    jobs = found({"latent_samplers": run, "stabilisation": {}}, seeds=4, seeds_per_job=2)
    assert jobs == {"latent_samplers": Job(Cell("moons", "gebm_flow", "kale_f", "none"), "0-1")}


def test_one_without_the_setting_needs_no_run():
    assert found({"stabilisation": {}, "nearsightedness": {"rows": 10}}) == {}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"run": "moons/nvp-kale_f-none"},
            "run = 'moons/nvp-kale_f-none' is not a cell of the grid; did you mean moons/nvp-ml-none "
            "or moons/gebm_flow-kale_f-none? allowed: moons/nvp-ml-none, "
            "moons/gebm_flow-ml-none, moons/gebm_flow-kale_f-none",
        ),
        ({"run": "rings/nvp-ml-none"}, "is not a cell of the grid; allowed: moons/family-loss-stats"),
        ({}, "run = '' is not a cell of the grid; allowed: moons/family-loss-stats"),
    ],
)
def test_a_run_that_is_not_there_is_refused_in_one_line(settings, message):
    with pytest.raises(UserError) as caught:
        found({"latent_samplers": settings})
    assert str(caught.value).startswith("config: experiments.latent_samplers.run = ")
    assert message in str(caught.value) and "\n" not in str(caught.value)


#: a grid of images by an energy on latents
PICTURES = {
    "datasets": {"digits": {"kind": "digit_images"}, "moons": {}},
    "families": {"lebm": {}},
    "losses": {"ed": {}},
    "stats": {"none": {}},
    "extractors": {"digits": {"cnn": {"epochs": 1}, "inception": {}}},
}


def judged(experiments):
    config = configuration.check(PICTURES | {"experiments": experiments}, SCHEMA)
    return judging(config, studied(config, configuration.grid(config)))


def test_an_experiment_judges_by_an_extractor_of_its_runs_data_set():
    run = {"run": "digits/lebm-ed-none"}
    assert judged({"fd_steps": run, "latent_samplers": run}) == {"fd_steps": "cnn"}
    assert judged({"fd_steps": run | {"extractor": "inception"}}) == {"fd_steps": "inception"}
    with pytest.raises(
        UserError, match=r"extractor: 'cn' is not an extractor of digits; did you mean cnn\? allowed: cnn, inception"
    ):
        judged({"fd_steps": run | {"extractor": "cn"}})
    with pytest.raises(
        UserError, match=r"extractor: 'cnn' is not an extractor of moons; allowed: none, extractors.moons is empty"
    ):
        judged({"fd_steps": {"run": "moons/lebm-ed-none"}})
