"""The experiments of the configuration that study a trained run, and which one. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ebmbench import plugins
from ebmbench.cells import Job
from ebmbench.config import Grid
from ebmbench.errors import UserError


def studied(config: Mapping[str, Any], plan: Grid) -> dict[str, Job]:
    """The job that each experiment with a setting ``run`` studies: that cell's first block of seeds.

    ``config`` is checked, ``plan`` its grid. Raises :class:`UserError` for a run that the grid does not have.
    """
    return {
        name: _job(f"config: experiments.{name}.run", settings.get("run", known["run"].default), plan)
        for name, settings in config["experiments"].items()
        if "run" in (known := plugins.fields("experiment", name))
    }


def _job(where: str, run: str, plan: Grid) -> Job:
    jobs = {f"{job.cell.dataset}/{job.cell.method}": job for job in reversed(plan.jobs)}
    if run in jobs:
        return jobs[run]
    dataset = run.partition("/")[0]
    near = [name for name in reversed(jobs) if name.startswith(f"{dataset}/")]
    allowed = near or [f"{name}/family-loss-stats" for name in dict.fromkeys(job.cell.dataset for job in plan.jobs)]
    raise UserError(f"{where} = {run!r} is no cell of the grid; allowed: {', '.join(allowed)}")
