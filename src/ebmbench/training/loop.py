"""Training loop: steps, checkpoints, early stopping, saved states."""

from __future__ import annotations

import math
from dataclasses import replace

import torch

from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.training.cost_tracker import CostTracker
from ebmbench.training.divergence import EVERY, UnreadLosses
from ebmbench.training.factory import create_run
from ebmbench.training.job import TrainingJob, TrainingOutcome
from ebmbench.training.moment_matching.interface import MatchingMethod
from ebmbench.training.resume import NoStateFile, StateFile
from ebmbench.training.run import TrainingRun


def train(job: TrainingJob, state: StateFile | None = None) -> TrainingOutcome:
    """Train the model of ``job`` and return its moving average, or the best checkpoint.

    A loss that is not finite or beyond 1e6 ends the run as diverged: a result, not an error. Losses are read every 16
    steps, so that the costs of such a run include up to 15 steps more. ``state``: file in which
    the run is saved at intervals; if another process saved the same job there, training continues from it.
    """
    if not any(parameter.numel() for parameter in job.model.parameters()):
        costs = CostTracker()
        return TrainingOutcome(job.model, "ok", "", [costs.facts() | job.monitor(job.model)], costs)
    run, file = create_run(job), state or NoStateFile()
    if file.found:
        run.load_state_dict(file.found["run"])
    else:
        run.selection.start(run.average.model, run.validation)
    with run.costs.running():
        status, reason = _update_until_stopped(run, file)
    selected_step = run.selection.select(run.average.model, run.costs.step)
    return TrainingOutcome(run.average.model, status, reason, run.curve.rows, run.costs, selected_step)


def _update_until_stopped(run: TrainingRun, file: StateFile | NoStateFile) -> tuple[str, str]:
    """Train until all steps are done or a rule stops the run; return its status and the reason."""
    job, costs = run.job, run.costs
    time_limit = math.inf if job.settings.max_seconds is None else job.settings.max_seconds
    losses, newest = UnreadLosses(), {}
    while costs.step < run.budget.steps:
        losses.add(run.update())
        checkpoint, late = run.at_checkpoint(), costs.elapsed() > time_limit
        due = file.due(job.settings.save_minutes)
        if checkpoint or late or due or len(losses) == EVERY:
            loss, diverged = losses.reading(costs.step)
            if diverged:
                return "diverged", diverged
            newest = {"loss": loss}
        job.report(costs.step, run.budget.steps, newest)
        if late:
            return "timeout", f"{time_limit:g} s were over at step {costs.step}"
        if checkpoint:
            with costs.checkpoint():
                run.checkpoint()
            if run.selection.exhausted:
                break
        if due:
            with costs.paused():
                file.save({"run": run.state_dict()})
    return "ok", ""


def match_moments(
    outcome: TrainingOutcome, method: MatchingMethod, problem: Problem, generator: torch.Generator
) -> TrainingOutcome:
    """Let ``method`` find the natural parameters of the trained model of ``problem``, in place; add its cost."""
    problem.model.eval().requires_grad_(False)
    with outcome.costs.running():
        found = method.finished(problem, generator)
    if found is None:
        return outcome
    outcome.costs.spend(found.cost)
    return replace(outcome, status=found.status, reason=found.reason, extra_facts=found.facts())
