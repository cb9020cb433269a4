"""The workflow plans its grid, makes it, and makes again only what a change touches."""

import json
import shutil

import pandas as pd
import pytest
import yaml

from tests.helpers import warm_jobs
from tests.helpers.project import SEARCHED, SMALL, Project, counted

#: cells of the grid: gaussian and ebm-ed on both sets, oracle on one
CELLS = 2 * 2 + 1
FIGURES = {f"figure_{name}": 1 for name in SEARCHED["figures"]}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("grid"), SEARCHED)
    before = project.planned()
    code, text = project.run(**warm_jobs.shared())
    assert code == 0, text
    return project, before, text


def test_dry_run_counts_equal_the_grid(done):
    _, planned, _ = done
    assert planned == FIGURES | {
        "dataset": 2 + 1,
        "tune": 1,
        "tuning": 1,
        "time_to_kl": 1,
        "train_none": 1,
        "train_ml": 2,
        "train_ed": 2,
        "sample": CELLS,
        "score": CELLS,
        "collect": 1,
        "tables": 1,
        "controls": 1,
        "paired_differences": 1,
        "ranks": 1,
        "all": 1,
        "total": 3 + 3 + 3 * CELLS + 5 + len(FIGURES) + 1,
    }


def test_every_run_has_a_status_and_every_exclusion_a_reason(done):
    project, _, _ = done
    runs = pd.read_csv(project.folder / "results/tables/runs.csv")
    assert len(runs) == 2 * CELLS
    assert set(runs["status"]) == {"ok"}
    skipped = pd.read_csv(project.folder / "results/tables/skipped.csv")
    assert len(skipped) == 2 * 3 * 3 - CELLS
    assert skipped["reason"].notna().all()


def test_controls_come_out_as_they_must(done):
    project, _, _ = done
    scores = pd.read_csv(project.folder / "results/tables/scores.csv")
    kl = scores[(scores["metric"] == "kl")].set_index(["dataset", "family", "loss"])
    oracle = kl.xs("oracle", level="family")
    assert len(oracle) == 2
    assert (oracle["value"].abs() <= oracle["stderr"] + 1e-12).all()
    assert (kl.xs("gaussian", level="family")["value"] > 0.1).all()


def test_a_searched_cell_is_trained_with_what_the_search_chose(done):
    project, _, _ = done
    runs = project.folder / "results/runs"
    trials = pd.read_csv(project.folder / "results/tables/tuning.csv")
    assert list(trials["trial"]) == [0, 1] and set(trials["status"]) == {"ok"}
    # 30 steps at the default rate get nowhere
    assert trials["val_nll"][1] < trials["val_nll"][0] - 0.05
    rates = {
        name: json.loads((runs / name / "ebm-ed-none/seeds0-1/run.json").read_text())["settings"]["train"][
            "learning_rate"
        ]
        for name in ("moons", "ring8_unequal")
    }
    assert rates == {"moons": 0.01, "ring8_unequal": 0.002}
    assert "learning_rate = 0.01" in (project.folder / "results/tables/tuning.md").read_text()
    assert "2 of 2" in (project.folder / "results/tables/time_to_kl.md").read_text()


def test_another_space_searches_and_trains_its_own_cell_only(done):
    project, _, _ = done
    spaces = [{"match": {"dataset": "moons", "loss": "ed"}, "space": {"train": {"learning_rate": [0.02]}}}]
    project.configure(SEARCHED | {"tuning": {"trials": 2, "spaces": spaces}})
    planned = project.planned()
    project.configure(SEARCHED)
    wanted = {"tune": 1, "tuning": 1, "train_ed": 1, "sample": 1, "score": 1}
    assert {rule: planned.get(rule) for rule in (*wanted, "train_ml", "dataset")} == wanted | {
        "train_ml": None,
        "dataset": None,
    }


def test_progress_is_in_the_log_and_steps_are_counted(done):
    project, _, text = done
    log = (project.folder / "results/logs/train/moons/ebm-ed-none/seeds0-1.log").read_text()
    assert log.count("seed 1:") >= 20
    assert "100 % step 30/30" in log
    assert "steps (100%) done" in text


def test_a_second_run_has_nothing_to_do(done):
    code, text = done[0].run(**warm_jobs.shared())
    assert code == 0
    assert "Nothing to be done" in text


def test_a_second_entry_of_a_kind_plans_its_own_cells(done):
    project = done[0]
    project.configure(SEARCHED | {"losses": SEARCHED["losses"] | {"ed_wide": {"kind": "ed", "t": 4.0}}})
    planned = project.planned()
    project.configure(SEARCHED)
    # the families leave the new entry's oracle and gaussian out; existing cells stay as they are
    assert planned["train_ed"] == planned["sample"] == 2
    assert "train_ml" not in planned


#: a figure more than the grid has
MORE = {"ed_alone": {"kind": "density_panels", "match": {"loss": "ed", "dataset": ["moons", "ring8_unequal"]}}}


def test_a_figure_more_plans_itself_alone(done):
    project = done[0]
    project.configure(SEARCHED | {"figures": SEARCHED["figures"] | MORE})
    planned = project.planned()
    project.configure(SEARCHED)
    assert planned == {"figure_ed_alone": 1, "all": 1, "total": 2}


def test_an_experiment_on_a_run_needs_that_run_alone(done):
    project = done[0]
    study = {"experiments": {"latent_samplers": {"run": "ring8_unequal/ebm-ed-none"}}}
    project.configure(SEARCHED | study)
    assert project.planned() == {"experiment_latent_samplers": 1, "all": 1, "total": 2}
    project.configure(SEARCHED | study | {"losses": {"none": {}, "ml": {}, "ed": {"t": 0.5}}})
    planned = project.planned("experiment_latent_samplers")
    project.configure(SEARCHED)
    # of two cells that the changed loss trains; nothing is sampled for it
    assert planned == {"train_ed": 1, "experiment_latent_samplers": 1, "total": 2}


def test_an_experiment_that_judges_images_needs_its_extractor_too(tmp_path):
    names = {"datasets": {"digits": {"kind": "digit_images"}}, "families": {"lebm": {}}, "losses": {"ed": {}}}
    study = {"experiments": {"fd_steps": {"run": "digits/lebm-ed-none", "steps": 3}}}
    extractors = {"extractors": {"digits": {"cnn": {"epochs": 1}, "inception": {}}}}
    project = Project(tmp_path / "pictures", {"stats": {"none": {}}, "figures": {}} | names | study | extractors)
    code, text = project.run("experiment_fd_steps", "-n", "-p")
    assert code == 0, text
    # one extractor of two
    jobs = {"dataset": 1, "train_ed": 1, "extractor": 1, "experiment_fd_steps": 1}
    assert counted(text) == jobs | {"total": 4}
    assert (
        "--rows results/data/digits/seeds0-2.safetensors --features results/extractors/digits-cnn.safetensors" in text
    )


def test_one_hyperparameter_reruns_only_its_own_cells(done):
    project = done[0]
    project.configure(SEARCHED | {"losses": {"none": {}, "ml": {}, "ed": {"t": 0.5}}})
    planned = project.planned()
    project.configure(SEARCHED)
    assert {rule: planned.get(rule) for rule in ("dataset", "train_ed", "train_ml", "train_none", "sample")} == {
        "dataset": None,
        "train_ed": 2,
        "train_ml": None,
        "train_none": None,
        "sample": 2,
    }


def test_editing_a_loss_plans_its_cells_and_what_hangs_on_them(done):
    project = done[0]
    source = project.folder / "src/ebmbench/training/losses/ed.py"
    text = source.read_text()
    source.write_text(text + "\n# a change\n")
    planned = project.planned()
    source.write_text(text)
    expected = {"tune": 1, "train_ed": 2, "sample": 2, "score": 2, "collect": 1, "tables": 1, "all": 1}
    expected |= {"tuning": 1, "time_to_kl": 1, "controls": 1, "paired_differences": 1, "ranks": 1, "total": 17}
    assert planned == FIGURES | expected
    assert project.planned() == {}


def test_a_new_data_set_plans_only_its_own_jobs(done):
    project = done[0]
    sizes = {"train": 500, "val": 200, "test": 200}
    exclude = [
        *SEARCHED["exclude"],
        {"match": {"dataset": "rings", "family": ["ebm", "oracle"]}, "reason": "not asked for"},
    ]
    project.configure(SEARCHED | {"datasets": SEARCHED["datasets"] | {"rings": sizes}, "exclude": exclude})
    planned = project.planned()
    project.configure(SEARCHED)
    assert {rule: planned.get(rule) for rule in ("dataset", "train_none", "train_ml", "train_ed", "score")} == {
        "dataset": 1,
        "train_none": None,
        "train_ml": 1,
        "train_ed": None,
        "score": 1,
    }


def test_the_report_holds_tables_and_figures(done):
    project = done[0]
    code, text = project.run("--report", "report.html")
    assert code == 0, text
    page = (project.folder / "report.html").read_text()
    for name in ("density_panels", "mismatch_bars", "summary.csv", "moons.md"):
        assert name in page


def test_a_second_snakemake_on_the_same_folder_is_refused(done):
    project = done[0]
    lock = project.folder / "results/.lock"
    import fcntl

    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        code, text = project.run("--force", "tables", **warm_jobs.shared())
    assert code != 0
    assert "another snakemake is at work" in text


def test_statistics_plan_a_tilt_of_every_finished_run_and_tables_of_their_own(done, tmp_path):
    stats = {"none": {}, "s1_after": {"kind": "posthoc", "set": "s1"}}
    planned = Project(tmp_path / "with", SMALL | {"stats": stats}).planned()
    assert (planned["tilt"], planned["score"]) == (CELLS, 2 * CELLS)
    assert "train_s1_after" not in planned and planned["train_ed"] == 2
    own = {"matches": 1, "statistics_claims": 1, "comparison_effects": 1}
    assert own.items() <= planned.items() and not own.keys() & done[1].keys()


CLAIM = {
    "claim": "Energy discrepancy is nearer than a normal distribution.",
    "source": "a test",
    "grid": "mine",
    "table": "scores",
    "distribution": "model",
    "rows": {"metric": "kl"},
    "this": {"loss": "ed"},
    "other": {"loss": "ml"},
    "relation": "less",
}


@pytest.fixture(scope="module")
def later(done):
    """The folder, after claims and a figure more were made in one further invocation."""
    project = done[0]
    tables = project.folder / "results/reference/mine"
    tables.mkdir(parents=True)
    shutil.copy(project.folder / "results/tables/scores.csv", tables)
    claims = project.folder / "config/claims.yaml"
    claims.write_text(yaml.safe_dump({"level": 0.05, "claims": {"near": CLAIM}}))
    project.configure(SEARCHED | {"figures": SEARCHED["figures"] | MORE})
    code, text = project.run("claims", "figure_ed_alone", **warm_jobs.shared())
    assert code == 0, text
    assert project.planned("all", "claims") == {}
    project.configure(SEARCHED)
    return project


def test_a_figure_more_shows_what_it_is_of(later):
    panels = pd.read_csv(later.folder / "results/figures/ed_alone.csv")
    assert panels["family"].tolist() == ["data", "ebm"] * 2
    assert panels["dataset"].unique().tolist() == ["moons", "ring8_unequal"]


def test_claims_are_judged_by_committed_tables(later):
    found = pd.read_csv(later.folder / "results/claims/claims.csv")
    assert list(found["on"]) == ["moons", "ring8_unequal", "all"]


def test_a_claim_that_cannot_be_judged_is_refused_by_the_plan(later):
    path = later.folder / "config/claims.yaml"
    path.write_text(yaml.safe_dump({"level": 0.05, "claims": {"near": CLAIM | {"relation": "under"}}}))
    code, text = later.run("claims")
    assert code != 0
    assert "claims.near.relation = 'under'; allowed: less, greater, at_most, within" in text
    assert "Traceback" not in text
