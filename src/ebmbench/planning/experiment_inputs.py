"""Trained runs and feature extractors that the experiments of the configuration use. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ebmbench.core import plugins
from ebmbench.core.cells import Job
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.planning.config import Grid
from ebmbench.planning.extractor_names import check_extractor


def studied(config: Mapping[str, Any], plan: Grid) -> dict[str, Job]:
    """Return the job that each experiment with a setting ``run`` studies: that cell's first block of seeds.

    ``config`` is checked, ``plan`` its grid. Raises :class:`UserError` for a run that is not in the grid.
    """
    return {
        name: _job(f"config: experiments.{name}.run", settings.get("run", known["run"].default), plan)
        for name, settings in config["experiments"].items()
        if "run" in (known := plugins.fields("experiment", name))
    }


def judging(config: Mapping[str, Any], jobs: Mapping[str, Job]) -> dict[str, str]:
    """Return the extractor with which each experiment with a setting ``extractor`` evaluates samples.

    ``jobs`` comes from :func:`studied`. Raises :class:`UserError` for an extractor that the run's data set lacks.
    """
    found = {}
    for name, job in jobs.items():
        known = plugins.fields("experiment", name)
        if "extractor" not in known:
            continue
        extractor = config["experiments"][name].get("extractor", known["extractor"].default)
        check_extractor(config, job.cell.dataset, extractor, f"config: experiments.{name}.extractor")
        found[name] = extractor
    return found


def _job(where: str, run: str, plan: Grid) -> Job:
    jobs = {f"{job.cell.dataset}/{job.cell.method}": job for job in reversed(plan.jobs)}
    if run in jobs:
        return jobs[run]
    dataset = run.partition("/")[0]
    near = [name for name in reversed(jobs) if name.startswith(f"{dataset}/")]
    allowed = near or [f"{name}/family-loss-stats" for name in dict.fromkeys(job.cell.dataset for job in plan.jobs)]
    raise UserError(f"{where} = {run!r} is not a cell of the grid; {allowed_names(run, allowed)}")
