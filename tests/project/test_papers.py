"""The configurations of the papers: they plan, and hold what their words promise."""

import pytest
import yaml

from ebmbench.core import plugins
from ebmbench.data.toy import Toy
from ebmbench.planning.comparisons import asked_for
from ebmbench.planning.config import check, grid
from ebmbench.planning.figure_selection import figures
from ebmbench.training.losses.peer_loss import PeerLoss
from tests.helpers.dataset_names import WITH_DEFAULTS
from tests.helpers.paths import ROOT

# claims are sentences about grids, not a grid
FILES = sorted(set((ROOT / "config").rglob("*.yaml")) - {ROOT / "config/claims.yaml"})


def checked(path):
    return check(yaml.safe_load(path.read_text()), ROOT / "src/ebmbench/core/schemas/config.schema.yaml")


@pytest.fixture(scope="module")
def discrepancy():
    config = checked(ROOT / "config/papers/energy_discrepancy.yaml")
    return config, grid(config)


@pytest.fixture(scope="module")
def notebook():
    return grid(checked(ROOT / "config/papers/energy_discrepancy_notebook.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_configuration_plans_and_every_figure_shows_something(path):
    config = checked(path)
    plan = grid(config)
    assert plan.jobs
    for name, shown in figures(config, plan).items():
        captions = [ROOT / "workflow/report" / f"{stem}.rst" for stem in (name, shown.kind)]
        assert shown.jobs and any(caption.is_file() for caption in captions)


def test_every_loss_is_searched_on_every_2d_set_with_the_same_trials_and_budget(discrepancy):
    config, plan = discrepancy
    planar = {name for name in WITH_DEFAULTS if isinstance(plugins.load("dataset", name), Toy)}
    assert planar == set(config["datasets"])
    # those that need draws of a base measure, or an encoder, belong to another paper
    ours = {name for name in plugins.available("loss") if not isinstance(plugins.load("loss", name), PeerLoss)}
    losses = ours - {"none", "kale_f", "kale_dv", "elbo"}
    assert {(cell.dataset, cell.loss) for cell in plan.spaces} == {(d, loss) for d in planar for loss in losses}
    assert {plan.settings[cell]["train"]["evaluations"] for cell in plan.spaces} == {16 * 500_000}
    assert all(job.block == "0-4" for job in plan.jobs if job.cell in plan.spaces)


def test_the_official_recipes_are_as_published(notebook):
    found = {cell.loss: settings for cell, settings in notebook.settings.items() if cell.loss.endswith("_official")}
    assert set(found) == {"ed_official", "sm_official", "cd_official"}
    for settings in found.values():
        assert settings["family"]["softplus"] and settings["family"]["width"] == 128
        train = settings["train"]
        assert (train["learning_rate"], train["anneal"], train["ema"]) == (0.001, False, 0.999)
        assert "evaluations" not in train
    assert found["ed_official"]["train"]["steps"] == 20_000
    assert found["ed_official"]["loss"] == {"kind": "ed", "t": 1.0, "M": 4, "w": 1.0}
    assert found["cd_official"]["loss"] == {"kind": "cd", "k": 10, "step": 0.01, "penalty": 0.3}


def test_the_ablation_has_the_papers_fields(notebook):
    found = {
        (settings["loss"]["t"], settings["loss"]["w"], settings["loss"]["M"])
        for cell, settings in notebook.settings.items()
        if cell.loss.startswith("ed_") and not cell.loss.endswith(("_official", "_fast"))
    }
    # noise of standard deviation .05 and 50 in the notebook
    rows = {(1.0, 1.0), (0.0025, 1.0), (2500.0, 1.0), (1.0, 0.0), (1.0, 0.05), (1.0, 50.0)}
    assert found == {(t, w, M) for t, w in rows for M in (1, 32, 512)}


def test_energies_on_bases_are_compared_with_their_base_with_likelihood_and_with_the_splines():
    config = checked(ROOT / "config/papers/gebm.yaml")
    plan = grid(config)
    assert asked_for(plan, config) == ["over_ml", "over_base", "gap_closed"]
    refined = {cell.dataset for cell in plan.bases}
    assert refined == {"redwine", "whitewine", "parkinsons", "magic", "power", "gaussians25"}
    # on the wines the strong model, and energies on bases weaker than it
    wines = {"redwine", "whitewine"}
    assert {cell.dataset for cell in plan.settings if cell.method == config["gap_to"]} == wines
    weaker = {(cell.dataset, cell.family) for cell in plan.bases if cell.family in ("gebm_gaussian", "gebm_nvp1")}
    assert len(weaker) == 4 and {dataset for dataset, _ in weaker} == wines
