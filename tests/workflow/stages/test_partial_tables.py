"""Tables of an unfinished grid: what is there, and what is not with its reason."""

import pandas as pd
import pytest

from ebmbench.core.cells import data_file
from ebmbench.core.columns import SCORES, STATISTICS
from ebmbench.core.errors import UserError
from ebmbench.core.files import write_csv, write_json
from ebmbench.planning.config import check, grid
from ebmbench.workflow.stages.partial_tables import write_partial_tables
from tests.helpers.configurations import SCHEMA, small

REASON = "ebmbench train: dataset rings: no source"
HEADER = "seed,step,seconds,energy_evaluations,gradient_evaluations,train_loss,val_loss,kl,mse_log_density,"
HEADER += "mse_log_density_data_z,log_partition,log_partition_error,positive,decoder_loss\n"


@pytest.fixture
def config(tmp_path):
    """A grid of two data sets and three methods, two seeds each."""
    return check(small(results=str(tmp_path), seeds=2, exclude=[], stats={"none": {}}), SCHEMA)


def finish(job, results):
    """Write the files of a job that went well."""
    folder = job.folder(results)
    seeds = (0, 1)
    write_json(folder / "run.json", {"cell": job.cell._asdict(), "runs": {str(s): {"status": "ok"} for s in seeds}})
    write_json(folder / "sampling.json", {"runs": {str(s): {"likelihood": {"status": "ok"}} for s in seeds}})
    rows = [
        job.cell._asdict()
        | {
            "seed": s,
            "split": "test",
            "metric": metric,
            "distribution": distribution,
            "beta": 1,
            "value": 2.0 + s,
            "stderr": 0.1,
        }
        | {"n": 10, "status": "ok", "run": job.cell.run(s)}
        for s in seeds
        for metric, distribution in (("nll", "model"), ("mmd2", "sampler"))
    ]
    write_csv(folder / "scores.csv", pd.DataFrame(rows, columns=list(SCORES)))
    write_csv(folder / "statistics.csv", pd.DataFrame(columns=list(STATISTICS)))
    (folder / "curves.csv").write_text(HEADER)
    write_data(job, results)


def write_data(job, results):
    path = data_file(results, job.cell.dataset, job.block)
    facts = {"dataset": job.cell.dataset, "dim": 2, "sizes": {"0": [1, 1, 1]}, "log_det": {"0": 0.0}, "facts": {}}
    write_json(path.with_suffix(".json"), facts)
    path.touch()


def test_without_a_finished_job_there_are_no_tables(config, tmp_path):
    with pytest.raises(UserError, match="no run is finished"):
        write_partial_tables(config, SCHEMA.parent)
    assert not (tmp_path / "partial").exists()


def test_the_first_missing_step_gives_the_reason(config, tmp_path):
    plan = grid(config)
    moons, rings = ([job for job in plan.jobs if job.cell.dataset == name] for name in ("moons", "rings"))
    for job in moons[:-1]:
        finish(job, tmp_path)
    # the last of the first data set failed in sampling, the second data set has no file
    write_data(moons[-1], tmp_path)
    folder = moons[-1].folder(tmp_path)
    write_json(folder / "run.json", {"cell": moons[-1].cell._asdict(), "runs": {}})
    log = tmp_path / f"logs/sample/moons/{moons[-1].cell.method}/seeds0-1.log"
    log.parent.mkdir(parents=True)
    log.write_text("step 3\nebmbench sample: not enough memory\n\n")
    log = tmp_path / "logs/data/rings/seeds0-1.log"
    log.parent.mkdir(parents=True)
    log.write_text(f"{REASON}\n")
    missing = write_partial_tables(config, SCHEMA.parent)
    assert missing == [f"{2 * len(rings)} runs: {REASON}", "2 runs: ebmbench sample: not enough memory"]
    runs = pd.read_csv(tmp_path / "partial/runs.csv")
    assert len(runs) == 2 * len(plan.jobs)
    assert set(runs[runs["dataset"] == "rings"]["status"]) == {"failed"}
    assert set(runs[runs["dataset"] == "rings"]["reason"]) == {REASON}
    # a row for each value that other methods have on the data set
    scores = pd.read_csv(tmp_path / "partial/scores.csv")
    own = scores[(scores["dataset"] == "moons") & (scores["status"] == "failed")]
    assert sorted(zip(own["seed"], own["metric"], own["distribution"], strict=True)) == [
        *((0, "mmd2", "sampler"), (0, "nll", "model")),
        *((1, "mmd2", "sampler"), (1, "nll", "model")),
    ]
    page = (tmp_path / "partial/moons.md").read_text()
    assert "— (2 failed)" in page and "nan" not in (tmp_path / "partial/failures.md").read_text()
    assert "— (2 failed)" in (tmp_path / "partial/rings.md").read_text()
