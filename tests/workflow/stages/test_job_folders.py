"""Stages see the seeds of the configuration, also where a job has more."""

import pandas as pd

from ebmbench.core.cells import Cell, Job
from ebmbench.core.files import read_json, write_csv, write_json
from ebmbench.workflow.stages.job_folders import job_folders

CELL = Cell("moons", "ebm", "ed", "none")


def job(results, block):
    folder = Job(CELL, block).folder(results)
    seeds = range(int(block[0]), int(block[-1]) + 1)
    write_json(folder / "run.json", {"cell": CELL._asdict(), "runs": {str(seed): {} for seed in seeds}})
    write_json(folder / "sampling.json", {"runs": {str(seed): {} for seed in seeds}, "seconds": 1})
    for name in ("scores.csv", "curves.csv"):
        write_csv(folder / name, pd.DataFrame({"seed": list(seeds), "value": ["0.10"] * len(seeds)}))
    (folder / "model.safetensors").write_bytes(b"weights")
    return Job(CELL, block)


def test_a_job_with_the_seeds_that_are_asked_for_is_itself(tmp_path):
    jobs = [job(tmp_path, "0-1"), job(tmp_path, "2-2")]
    with job_folders(jobs, {CELL: 3}, tmp_path) as folders:
        assert folders == [one.folder(tmp_path) for one in jobs]


def test_seeds_beyond_are_left_out(tmp_path):
    jobs = [job(tmp_path, "0-4")]
    with job_folders(jobs, {CELL: 2}, tmp_path) as (folder,):
        assert folder.parts[-3:] == ("moons", CELL.method, "seeds0-4")
        for name in ("run.json", "sampling.json"):
            assert list(read_json(folder / name)["runs"]) == ["0", "1"]
        for name in ("scores.csv", "curves.csv"):
            assert (folder / name).read_text() == "seed,value\n0,0.10\n1,0.10\n"
        assert (folder / "model.safetensors").read_bytes() == b"weights"
    assert list(read_json(jobs[0].folder(tmp_path) / "run.json")["runs"]) == ["0", "1", "2", "3", "4"]
    assert not folder.exists()
