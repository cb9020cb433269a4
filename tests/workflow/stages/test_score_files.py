"""Files of a job that do not fit are refused before anything is scored, in one line that names file and key."""

import pytest
import torch

from ebmbench.core.errors import UserError
from ebmbench.workflow.stages.score import score
from tests.helpers.job_folder import Folder


def resized(name, shape):
    def change(folder):
        tensors = folder.data if name in ("grid/log_prob", "0/test_log_prob") else folder.log_prob
        (folder.samples if name in folder.samples else tensors)[name] = torch.zeros(shape)

    return change


def reported(part, **values):
    return lambda folder: folder.sampled["0"][part].update(values)


WRONG = {
    "samples of another dimension": (
        resized("0/samples", (120, 3)),
        r"samples.safetensors: 0/samples has shape \(120, 3\); allowed: \(any, 2\)",
    ),
    "flat samples": (resized("0/samples", (120,)), r"0/samples has shape \(120\); allowed: \(any, 2\)"),
    "one sample": (resized("0/samples", (1, 2)), "0/samples has 1 rows; allowed: 2 or more"),
    "log-density of other rows": (
        resized("0/test", (79,)),
        r"log_prob.safetensors: 0/test has shape \(79\); allowed: \(80\)",
    ),
    "true log-density of other rows": (
        resized("0/test_log_prob", (79,)),
        r"data.safetensors: 0/test_log_prob has shape \(79\); allowed: \(80\)",
    ),
    "log-density as a column": (resized("0/val", (50, 1)), r"0/val has shape \(50, 1\); allowed: \(50\)"),
    "another grid": (resized("0/grid", (10,)), r"0/grid has shape \(10\); allowed: \(1600\)"),
    "log Z as a vector": (resized("0/log_z", (1,)), r"0/log_z has shape \(1\); allowed: \(\)"),
    "no samples": (lambda f: f.drop(f.samples, "0/samples"), "samples.safetensors: 0/samples is missing"),
    "no log Z": (lambda f: f.drop(f.log_prob, "0/log_z"), "log_prob.safetensors: 0/log_z is missing"),
    "draws of the model of another dimension": (
        resized("0/model", (150, 3)),
        r"samples.safetensors: 0/model has shape \(150, 3\); allowed: \(any, 2\)",
    ),
    "no samples from the model": (lambda f: f.drop(f.samples, "0/model"), "samples.safetensors: 0/model is missing"),
    "no n_eff": (
        lambda f: f.sampled["0"]["samples"].pop("n_eff"),
        "samples.n_eff = None; allowed: a number, 0 or more",
    ),
    "a wrong n_eff": (reported("model", n_eff=-1), "runs.0.model.n_eff = -1; allowed: a number, 0 or more"),
    "a wrong kind": (
        reported("samples", kind="mcmc"),
        "runs.0.samples.kind = 'mcmc'; allowed: exact, invariant, biased, optimiser, or empty",
    ),
    "a wrong mark": (
        reported("samples", mark="bad"),
        "samples.mark = 'bad'; allowed: unconverged, optimiser, or empty",
    ),
    "a wrong beta": (reported("samples", beta=0), "runs.0.samples.beta = 0; allowed: a number above 0"),
    "a wrong number of steps": (
        reported("samples", steps=-1),
        "samples.steps = -1; allowed: a whole number, 0 or more",
    ),
    "a tempered exact distribution": (
        reported("samples", kind="exact"),
        "samples.beta = 2; allowed: 1, because samples are exact",
    ),
    "a sampler that is no name": (reported("samples", sampler=3), "runs.0.samples.sampler = 3; allowed: text"),
    "no outcome": (lambda f: f.sampled["0"].pop("samples"), "sampling.json: runs.0.samples is missing"),
    "no status": (lambda f: f.runs.update({"0": {}}), "run.json: runs.0.status is missing; allowed: ok, "),
    "no rows": (lambda f: f.drop(f.data, "0/test"), "data.safetensors: 0/test is missing"),
    "a grid without a size": (lambda f: f.facts.update(grid=None), "data.json: grid = None; allowed: n"),
    "a grid of another size": (resized("grid/log_prob", (9,)), r"grid/log_prob has shape \(9\); allowed: \(1600\)"),
    "another data set": (lambda f: f.facts.update(dataset="moons"), "data set moons; allowed: toy"),
}


@pytest.mark.parametrize("case", WRONG)
def test_files_that_do_not_fit_are_refused_in_one_line(tmp_path, case):
    change, message = WRONG[case]
    folder = Folder(tmp_path)
    change(folder)
    with pytest.raises(UserError, match=message) as raised:
        folder.scored()
    assert "\n" not in str(raised.value)


def test_a_missing_file_is_named(tmp_path):
    run_dir, data_file = Folder(tmp_path).written()
    (run_dir / "run.json").unlink()
    with pytest.raises(UserError, match=r"run\.json: the file is missing"):
        score(run_dir, data_file, {})
