"""Settings of the models of images are the best of the committed trials."""

import json

import pytest
import yaml

from ebmbench.core import plugins
from ebmbench.planning.config import check, grid
from ebmbench.planning.tuning import merged
from tests.helpers.paths import ROOT
from tests.helpers.reference_tables import of, read

SCHEMA = ROOT / "src/ebmbench/core/schemas/config.schema.yaml"

#: configurations that use the search, and the data set whose choice each data set has
USERS = {
    "images_cpu": {"mnist": "mnist", "fashion_mnist": "mnist", "digits": "digits"},
    "images_long": {"mnist": "mnist"},
    "image_digits": {"digits": "digits"},
    "image_anomalies": dict.fromkeys([f"mnist_but{digit}" for digit in (1, 4, 5, 7, 9)], "mnist"),
}

#: configurations whose chains were searched, with the search, its number of cells and of trials of each
SEARCHED = {"images_cpu": ("image_samplers", 12, 12), "images_long": ("image_chains", 4, 16)}

#: settings that a search may change, besides steps, which grids may have more of
PARTS = ("family", "loss", "train")

#: settings by which models are sampled
SAMPLED = ("sample", "sampler")


def planned(name):
    return grid(check(yaml.safe_load((ROOT / f"config/{name}.yaml").read_text()), SCHEMA))


def with_defaults(part, cell, settings):
    """The settings of a part as a job has them."""
    kind = None if part == "train" else plugins.kind_of(getattr(cell, part), settings)
    own = plugins.own_settings(settings)
    if kind is None:
        return own
    return {name: field.default for name, field in plugins.fields(part, kind).items()} | own


def nearest(trials):
    """The trial with the lowest distance."""
    return trials.loc[trials["val_fd_cnn"].idxmin()]


def chosen(cell, search="image_search", number=5):
    """The trial with the lowest distance on the data set of a cell of the search."""
    trials = of(read(f"reference/{search}/tuning.csv"), **cell._asdict())
    assert trials["trial"].tolist() == list(range(number)) and trials["status"].isin(["ok", "failed"]).all()
    best = nearest(trials)
    assert best["chosen"]
    return json.loads(best["settings"])


@pytest.mark.parametrize("name", USERS)
def test_grids_of_images_have_the_settings_with_the_least_distance_to_validation_images(name):
    search, user, compared = planned("image_search"), planned(name), 0
    for cell, settings in user.settings.items():
        tried = cell._replace(dataset=USERS[name][cell.dataset])
        if tried not in search.spaces:
            continue
        compared += 1
        changes = chosen(tried)
        for part in PARTS:
            wanted = with_defaults(part, tried, search.settings[tried][part]) | changes.get(part, {})
            found = with_defaults(part, cell, settings[part])
            for setting in {"steps", "checkpoints"} & wanted.keys() if part == "train" else ():
                del wanted[setting]
            assert {key: found.get(key) for key in wanted} == wanted, (cell, part)
    assert compared >= 2


@pytest.mark.parametrize("name", SEARCHED)
def test_chains_have_the_lengths_and_steps_with_the_least_distance_to_validation_images(name):
    of_chains, cells, trials = SEARCHED[name]
    search, user = planned(of_chains), planned(name)
    assert len(search.spaces) == cells
    for cell in search.spaces:
        changes = chosen(cell, of_chains, trials)
        wanted = merged({part: search.settings[cell][part] for part in SAMPLED}, changes)
        assert {part: user.settings[cell][part] for part in SAMPLED} == wanted, cell
        # the models whose chains were compared are those of the grid
        for part in PARTS:
            trained, tried = (with_defaults(part, cell, plan.settings[cell][part]) for plan in (user, search))
            for setting in {"checkpoints"} & trained.keys():
                del trained[setting]
            assert trained == {key: tried[key] for key in trained}, (cell, part)


def test_the_chain_decides_how_near_a_priors_samples_are():
    trials = of(read("reference/image_samplers/tuning.csv"), family="lebm", dataset="mnist").set_index("loss")
    worst, best = (getattr(trials.groupby("loss")["val_fd_cnn"], name)() for name in ("max", "min"))
    assert (worst / best > 1.2).all()
    # what prolongs the chains of score matching spoils those of short runs
    long = trials["settings"].map(json.loads).map(lambda of: of.get("sampler", {}).get("ula") == {"step_size": 0.36})
    assert trials["val_fd_cnn"][long]["cd"].min() > 2 * best["cd"]


def test_rates_decide_whether_a_generator_with_its_energy_learns():
    trials = of(read("reference/image_search/tuning.csv"), dataset="mnist", family="gebm_images")["val_fd_cnn"]
    assert trials.max() / trials.min() > 5


def least_steps(of_cell):
    """The fewest steps whose distance is within a standard error of the least, of the trials of a cell."""
    best = nearest(of_cell)
    return of_cell.loc[of_cell["val_fd_cnn"] <= best["val_fd_cnn"] + best["stderr"], "steps"].min()


def test_every_model_was_trained_for_four_numbers_of_steps():
    search, trials = planned("image_steps"), read("reference/image_steps/tuning.csv")
    assert len(search.spaces) == 10 and len(trials) == 40
    for cell, settings in search.settings.items():
        found, configured = of(trials, **cell._asdict()), settings["train"]["steps"]
        asked = [json.loads(text).get("train", {}).get("steps", configured) for text in found["settings"]]
        assert asked[0] == configured and sorted(asked) == [times * configured for times in (1, 2, 4, 8)], cell
        ended = found["status"] == "ok"
        assert found.loc[ended, "steps"].tolist() == [
            number for number, whole in zip(asked, ended, strict=True) if whole
        ]
        assert found["chosen"].sum() == 1 and nearest(found[ended])["chosen"]


def test_models_of_the_longer_run_have_the_fewest_steps_that_validation_images_cannot_tell_from_the_best():
    trials, plan = read("reference/image_steps/tuning.csv"), planned("images_long")
    trained = {cell: settings for cell, settings in plan.settings.items() if cell.loss != "none"}
    assert len(trained) == 5
    for cell, settings in trained.items():
        assert settings["train"]["steps"] == least_steps(of(trials, **cell._asdict())), cell


def test_models_of_mnist_need_more_steps_than_those_of_small_digits():
    groups = read("reference/image_steps/tuning.csv").groupby(["dataset", "family", "loss"])
    needed = groups.apply(lambda of_cell: least_steps(of_cell) / of_cell["steps"].min(), include_groups=False)
    assert (needed["mnist"] >= 4).all() and (needed["digits"] == 1).all()
