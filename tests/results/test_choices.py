"""Settings of the paper grids that config/choices.yaml chooses are the best of the committed trials."""

import json

import pytest
import yaml

from ebmbench.planning.config import check, grid
from tests.helpers.paths import ROOT
from tests.helpers.reference_tables import of, read

TABLES = ["redwine", "whitewine", "parkinsons", "magic", "power"]


@pytest.fixture(scope="module")
def plan():
    schema = ROOT / "src/ebmbench/core/schemas/config.schema.yaml"
    return grid(check(yaml.safe_load((ROOT / "config/papers/gebm.yaml").read_text()), schema))


def trials(dataset, family):
    """(settings, score) of the trials of a search that change something, the best first."""
    found = of(read("reference/choices/tuning.csv"), dataset=dataset, family=family)
    pairs = zip(found["settings"].map(json.loads), found["val_nll"], strict=True)
    return sorted((pair for pair in pairs if pair[0]), key=lambda pair: pair[1])


@pytest.mark.parametrize("dataset", TABLES)
def test_the_penalty_is_that_with_the_best_validation_likelihood(plan, dataset):
    cells = [cell for cell in plan.settings if (cell.dataset, cell.family) == (dataset, "gebm_combined")]
    configured = {plan.settings[cell]["train"]["gradient_penalty"] for cell in cells}
    tried = trials(dataset, "gebm_combined")
    assert len({settings["train"]["gradient_penalty"] for settings, _ in tried}) == 4
    assert configured == {tried[0][0]["train"]["gradient_penalty"]}


@pytest.mark.parametrize("family", ["gebm_gaussian", "gebm_nvp1"])
def test_energies_on_weak_bases_see_new_samples(plan, family):
    configured = {plan.settings[cell]["train"]["base_pool"] for cell in plan.settings if cell.family == family}
    with_pool = [score for settings, score in trials("whitewine", family) if settings["train"]["base_pool"]]
    without = [score for settings, score in trials("whitewine", family) if not settings["train"]["base_pool"]]
    assert configured == {None} and max(without) < min(with_pool) - 2


def test_a_coupling_stretches_by_at_most_five(plan):
    found = {dataset: trials(dataset, "nvp5") for dataset in TABLES}
    best = {dataset: of_set[0][0]["family"]["max_scale"] for dataset, of_set in found.items()}
    assert sorted(best.values()) == [5.0] * 4 + [1000.0]
    assert found["power"][-1][1] - found["power"][0][1] < 0.02
    assert all("max_scale" not in plan.settings[cell]["family"] for cell in plan.settings if cell.family == "nvp5")
