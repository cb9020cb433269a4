"""Sets of images through the real workflow: extractors, scores by features, what an edit makes again."""

import pandas as pd
import pytest

from ebmbench.core.files import read_json
from tests.helpers import warm_jobs
from tests.helpers.project import Project

LATENT = {"latent": 4, "width": 4}

#: a sampler that a search finds, and how it samples
WIDE, LONG = {"step_size": 0.16}, {"samples": 400, "chains": 100, "warmup": 30, "thin": 30}

GRID = {
    "seeds": 1,
    "train": {"steps": 10, "batch_size": 16, "checkpoints": 2},
    "sample": {"samples": 200, "chains": 20, "warmup": 5, "thin": 1, "bounds": 0},
    "sampler": {"ula": {"step_size": 0.04}},
    "likelihood": {"smc": {"particles": 32, "temperatures": 5, "refresh": 2}},
    "evaluate": ["i1"],
    "datasets": {"digits": {"kind": "digit_images"}, "digits_but4": {"kind": "digit_images", "without": 4}},
    "families": {
        "oracle": {},
        "noise": {},
        "vae": LATENT,
        "lebm": LATENT | {"steps": 3, "prior_width": 8},
        "gebm_images": LATENT | {"energy_width": 4},
    },
    "losses": {"none": {}, "elbo": {}, "ed": {}, "kale_f": {}},
    "stats": {"none": {}},
    "extractors": {"digits": {"cnn": {"epochs": 1}, "inception": {"path": "absent.pth"}}},
    "figures": {},
    "tuning": {
        "criterion": "fd_cnn",
        "trials": 2,
        "spaces": [
            {"match": {"dataset": "digits", "family": "vae"}, "space": {"family": {"sigma": [1.0]}}},
            # as configured, samples are worth too few for a score
            {
                "match": {"dataset": "digits", "family": "lebm"},
                "space": {"sample": {name: [value] for name, value in LONG.items()}, "sampler": {"ula": [WIDE]}},
            },
        ],
    },
    "include": [
        {"match": {"dataset": "digits", "family": ["oracle", "noise"], "loss": "none"}},
        {"match": {"family": "vae", "loss": "elbo"}},
        {"match": {"dataset": "digits", "family": "lebm", "loss": "ed"}},
        {"match": {"dataset": "digits", "family": "gebm_images", "loss": "kale_f"}},
    ],
}

#: cells whose draws are judged by features, and all
JUDGED, CELLS = 5, 6


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("images"), GRID)
    before = project.planned()
    code, text = project.run(**warm_jobs.shared())
    assert code == 0, text
    return project, before


def scores(project):
    return pd.read_csv(project.folder / "results/tables/scores.csv", low_memory=False)


def test_each_set_has_its_extractors_and_each_job_of_it_its_scores_by_them(done):
    project, planned = done
    wanted = {"extractor": 2, "image_scores": JUDGED, "score": CELLS, "sample": CELLS, "tune": 2}
    assert {rule: planned.get(rule) for rule in wanted} == wanted
    found = scores(project)
    of_cnn = found[found["metric"] == "fd_cnn"]
    assert set(of_cnn["dataset"]) == {"digits"}
    # twenty chains of a few steps are worth fewer samples than the distance compares
    few = of_cnn[of_cnn["status"] != "ok"]
    assert set(few["distribution"]) == {"sampler"} and set(few["family"]) == {"gebm_images"}
    assert few["reason"].str.contains("143 are compared on this data set").all()
    assert set(of_cnn[of_cnn["distribution"] == "base"]["family"]) == {"lebm", "gebm_images"}
    # noise is the ceiling and the data's own images are the floor
    fd = of_cnn[(of_cnn["split"] == "test") & (of_cnn["distribution"] == "model")].groupby("family")["value"].mean()
    assert fd.idxmin() == "oracle" and fd["noise"] > 5 * fd["oracle"]


def test_settings_are_searched_by_the_distance_to_validation_images(done):
    project, _ = done
    trials = pd.read_csv(project.folder / "results/tables/tuning.csv")
    trials = trials[trials["family"] == "vae"]
    assert (trials["status"] == "ok").all() and len(trials) == 2
    run = read_json(project.folder / "results/runs/digits/vae-elbo-none/seeds0-0/run.json")
    best = trials.loc[trials["val_fd_cnn"].idxmin()]
    assert best["chosen"] and run["settings"]["family"]["sigma"] == (1.0 if best["trial"] else 0.3)
    page = " ".join((project.folder / "results/tables/tuning.md").read_text().split())
    assert "Frechet distance of the sampler's samples to the validation images, features of cnn, ±" in page


def test_a_model_is_sampled_as_its_search_has_chosen(done):
    project, _ = done
    trials = pd.read_csv(project.folder / "results/tables/tuning.csv")
    configured, other = trials[trials["family"] == "lebm"].to_dict("records")
    assert configured["status"] == "failed" and "independent ones" in configured["reason"] and other["chosen"]
    # they differ in how they sample one model
    assert configured["seconds"] == other["seconds"]
    sampled = read_json(project.folder / "results/runs/digits/lebm-ed-none/seeds0-0/sampling.json")["settings"]
    assert sampled["sampler"] == {"ula": WIDE} and LONG.items() <= sampled["sample"].items()
    unsearched = read_json(project.folder / "results/runs/digits/gebm_images-kale_f-none/seeds0-0/sampling.json")
    assert unsearched["settings"]["sampler"] == {"ula": {"step_size": 0.04}}
    assert "ula.step_size = 0.16" in (project.folder / "results/tables/tuning.md").read_text()


def test_weights_that_are_not_there_are_a_reason_in_each_row(done):
    found = scores(done[0])
    skipped = found[found["metric"].str.endswith("_inception")]
    assert len(skipped) and set(skipped["status"]) == {"skipped"}
    assert skipped["reason"].str.contains("absent.pth").all()


def test_a_class_left_out_is_reported_apart_in_the_tables(done):
    project, _ = done
    found = scores(project)
    odd = found[found["metric"].str.startswith("anomaly")]
    assert set(odd["dataset"]) == {"digits_but4"} and set(odd["status"]) == {"ok"}
    assert "anomaly_auprc" in (project.folder / "results/tables/digits_but4.md").read_text()
    runs = pd.read_csv(project.folder / "results/tables/runs.csv")
    reported = runs.dropna(subset=["reconstruction.status"])
    assert set(reported["family"]) == {"lebm", "vae"} and (reported["reconstruction.energy_evaluations"] > 0).all()
    assert "floor_cnn" in (project.folder / "results/tables/digits.md").read_text()


def test_other_settings_of_an_extractor_judge_its_set_again_and_train_only_what_it_chose_settings_for(done):
    project, _ = done
    assert project.run(**warm_jobs.shared())[1].count("Nothing to be done") == 1
    project.configure(GRID | {"extractors": {"digits": {"cnn": {"epochs": 2}, "inception": {"path": "absent.pth"}}}})
    planned = project.planned()
    project.configure(GRID)
    assert planned.get("extractor") == 1 and planned.get("image_scores") == JUDGED and "collect" in planned
    trained = {rule: n for rule, n in planned.items() if rule.startswith("train")}
    assert (sum(trained.values()), planned["sample"], planned["tune"]) == (2, 2, 2)
