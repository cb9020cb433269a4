"""The one training loop."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from ebmbench.core.precision import computing
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.distributions.decoder import LatentVariableModel
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.distributions.pool import Pool
from ebmbench.models.interface import Model
from ebmbench.training import alternating, model_selection
from ebmbench.training.alternating import AlternatingSchedule
from ebmbench.training.cost_tracker import CostTracker
from ebmbench.training.job import TrainingJob, TrainingOutcome
from ebmbench.training.losses.gradient_penalty import gradient_penalty
from ebmbench.training.losses.interface import LossOutput, ParametrisedLoss, StatefulLoss
from ebmbench.training.moment_matching.interface import MatchingMethod, MatchingState
from ebmbench.training.optimizer import Optimizer
from ebmbench.training.resume import StateFile

#: a loss beyond this size is called diverged
EXPLODED = 1e6

#: rows of the validation split on which the loss is followed
VALIDATION_ROWS = 2000


def train(task: TrainingJob, state: StateFile | None = None) -> TrainingOutcome:
    """Train the task's model and return its moving average.

    A loss that is not finite or beyond 1e6 ends the run as diverged: a result, no error. ``state``: where the run is
    saved as it goes, and goes on from where it was, with the task's streams, if it was saved in another process.
    """
    if not any(parameter.numel() for parameter in task.model.parameters()):
        clock = CostTracker()
        return TrainingOutcome(task.model, "ok", "", [clock.facts() | task.monitor(task.model)], clock)
    found = None if state is None else state.found
    run = found.of(task) if isinstance(found, _Run) else _Run(task)
    return run.outcome(state)


def finished(
    outcome: TrainingOutcome, arm: MatchingMethod, problem: Problem, generator: torch.Generator
) -> TrainingOutcome:
    """With the natural parameters that the arm finds for the trained model of ``problem``, and with what that costs."""
    problem.model.eval().requires_grad_(False)
    outcome.clock.start()
    settled = arm.finished(problem, generator)
    outcome.clock.stop()
    if settled is None:
        return outcome
    outcome.clock.spend(settled.cost)
    return replace(outcome, status=settled.status, reason=settled.reason, told=settled.told())


def _matching(task: TrainingJob) -> MatchingState | None:
    """The state of the task's arm, where the model has statistics."""
    if not isinstance(task.model, Generalized) or not len(task.model.eta):
        return None
    return task.arm.matching(task.loss, task.model, task.rows[0], task.streams.matching)


class _Run:
    """The state of one training run, which can be pickled: all but its task, rows and callables with it."""

    def __init__(self, task: TrainingJob) -> None:
        self.task, self.settings, self.steps = task, task.settings, task.settings.steps
        self.model, self.streams = task.model, task.streams
        self.clock = CostTracker()
        self.loss = task.loss
        if isinstance(task.loss, StatefulLoss):
            self.loss = task.loss.with_state(self._seen(task.rows[0]), task.streams.noise)
        self._fill_pool()
        self.average = copy.deepcopy(task.model).requires_grad_(False)
        pairs = zip(task.model.parameters(), self.average.parameters(), strict=True)
        trained = [(own, averaged) for own, averaged in pairs if own.requires_grad and own.numel()]
        self.parameters, self.averaged = map(list, zip(*trained, strict=True))
        self.turns, base = (
            AlternatingSchedule(self.settings.base_first, self.settings.base_every),
            alternating.trainable_base_parameters(task.model),
        )
        own = self.loss.parameters() if isinstance(self.loss, ParametrisedLoss) else []
        self.matching = _matching(task)
        owned = [] if self.matching is None else self.matching.owned
        decoding = task.model.decoding() if isinstance(task.model, LatentVariableModel) else []
        others = {id(parameter) for parameter in [*base, *owned, *decoding]}
        energy = [parameter for parameter in self.parameters if id(parameter) not in others] + own
        rates = (self.settings.learning_rate, self.settings.base_learning_rate or self.settings.learning_rate)
        adam = (self.settings.momentum, self.settings.weight_decay, self.settings.clip)
        self.energy = Optimizer(energy, rates[0], *adam)
        self.base = Optimizer(base, rates[1], *adam) if base else None
        self.decoder = Optimizer(decoding, rates[1], *adam)
        self.curve: list[dict[str, float]] = []
        #: of the energy's steps: values since the last checkpoint, and what the last one tells
        self.recent: list[float] = []
        self.logs: Mapping[str, float | Tensor] = {}
        self.best = model_selection.Best()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "task"}

    def of(self, task: TrainingJob) -> _Run:
        """This run, read from a file, in the place of ``task``'s own."""
        task.streams.go_on_from(self.streams)
        self.task, self.streams = task, task.streams
        return self

    def outcome(self, state: StateFile | None) -> TrainingOutcome:
        settings = self.settings
        status, reason = "ok", ""
        if settings.patience is not None and self.clock.step == 0:
            self._offer(self._validation_loss())
        self.clock.start()
        while self.clock.step < self.steps:
            value = self._step()
            if not abs(value) < EXPLODED:
                status, reason = "diverged", f"the loss was {value:.3g} at step {self.clock.step}"
                break
            if settings.max_seconds is not None and self.clock.elapsed() > settings.max_seconds:
                status, reason = "timeout", f"{settings.max_seconds:g} s were over at step {self.clock.step}"
                break
            self.task.report(self.clock.step, self.steps, {"loss": value})
            every = max(1, self.steps // settings.checkpoints)
            if self.clock.step % every == 0 or self.clock.step == self.steps:
                with self.clock.checkpoint():
                    self._checkpoint()
                if settings.patience is not None and self.best.waited >= settings.patience:
                    break
            if state is not None and state.due(settings.save_minutes):
                self.clock.stop()
                state.save(self)
                self.clock.start()
        self.clock.stop()
        found = (self.average, self.clock.step) if self.best.model is None else (self.best.model, self.best.step)
        return TrainingOutcome(found[0], status, reason, self.curve, self.clock, found[1])

    def _seen(self, rows: Tensor) -> Tensor:
        """Rows such as the loss is given: where these are inferred latents, those of the first rows."""
        if not isinstance(self.model, LatentVariableModel):
            return rows
        found = self.model.subject(rows[:VALIDATION_ROWS], self.streams.noise)
        self.clock.spend(found.cost)
        return found.rows

    def _fill_pool(self) -> None:
        """Where the base stands still and is asked for: its cost is training's."""
        model, size = self.model, self.settings.base_pool
        if size is None or not isinstance(model, Generalized) or alternating.trainable_base_parameters(model):
            return
        self.clock.start()
        model.pool = Pool(model.base, size, self.streams.noise)
        self.clock.stop()

    def _step(self) -> float:
        """Move the energy or the base; the value of the loss."""
        size = (self.settings.batch_size,)
        chosen = torch.randint(len(self.task.rows[0]), size, generator=self.streams.batches)
        rows = self.task.rows[0][chosen.to(self.task.rows[0].device)]
        share = self._share(self.clock.step)
        if self.base is not None and self.turns.of_base():
            with self._computing():
                terms = alternating.base_loss(self.task.loss, self.model, rows, self.streams.noise)
            self.base.move(terms.loss, share)
        else:
            terms = self._matched(self._of_energy(rows, share), rows, share)
            self.recent.append(float(terms.loss.detach()))
            self.logs = terms.logs
        self.clock.count(terms)
        if self.clock.step <= 2 and self.settings.evaluations is not None:
            self.steps = self._paid_for(terms)
        self.model.project()
        decay = min(self.settings.ema, self.clock.step / (10 + self.clock.step))
        with torch.no_grad():
            torch._foreach_lerp_(self.averaged, self.parameters, 1 - decay)
        return float(terms.loss.detach())

    def _computing(self) -> AbstractContextManager:
        return computing(self.settings.precision, self.task.rows[0].device)

    def _of_energy(self, rows: Tensor, share: float) -> LossOutput:
        """The energy's loss; where its rows are inferred latents, what decodes them follows its own."""
        if not isinstance(self.model, LatentVariableModel):
            return self._penalised(self.model, rows)
        with self._computing():
            subject = self.model.subject(rows, self.streams.noise)
        self.decoder.move(subject.own, share)
        terms = self._penalised(subject.model, subject.rows).costing(subject.cost)
        return terms._replace(logs={**terms.logs, "decoder_loss": subject.own.detach()})

    def _matched(self, terms: LossOutput, rows: Tensor, share: float) -> LossOutput:
        """Move the energy, and the natural parameters where they do not move with it; with what both cost."""
        if self.matching is None:
            self.energy.move(terms.loss, share)
            return terms
        model, generator = self.model, self.streams.matching
        with self._computing():
            added = self.matching.added(model, rows, generator)
        terms = terms if added is None else terms.plus(added)
        self.energy.move(terms.loss, share)
        return terms.costing(self.matching.moved(model, rows, generator))

    def _penalised(self, model: Model, rows: Tensor) -> LossOutput:
        """The loss with its regulariser, and with what both cost."""
        strength = self.settings.gradient_penalty * self.settings.penalty_every
        with self._computing():
            terms = self.loss(model, rows, self.streams.noise)
            if strength == 0 or self.clock.step % self.settings.penalty_every:
                return terms
            penalty = gradient_penalty(model, rows, self.streams.noise)
            return terms.plus(LossOutput(strength * penalty, {}, len(rows), len(rows)))

    def _paid_for(self, terms: LossOutput) -> int:
        """How many steps the budget pays for in all, if those to come cost as much as the last, ``terms``."""
        spent = self.clock.energy_evaluations + self.clock.gradient_evaluations
        left = max(0, self.settings.evaluations - spent)
        return self.clock.step + left // (terms.energy_evaluations + terms.gradient_evaluations)

    def _checkpoint(self) -> None:
        val_loss = self._validation_loss()
        losses = {"train_loss": sum(self.recent) / max(1, len(self.recent)), "val_loss": val_loss}
        logs = {name: float(value) for name, value in self.logs.items()}
        self.curve.append(self.clock.facts() | losses | self.task.monitor(self.average) | logs)
        self.recent = []
        if self.settings.patience is not None:
            self._offer(val_loss)

    def _validation_loss(self) -> float:
        model, rows, stream = self.average, self.val_rows, self._validation()
        if isinstance(model, LatentVariableModel):
            model, rows = model.subject(rows, stream)[:2]
        return float(self.task.loss(model, rows, stream).loss.detach())

    @property
    def val_rows(self) -> Tensor:
        """Rows on which the loss is followed, ``(N_v, D)``."""
        return self.task.rows[1][:VALIDATION_ROWS]

    def _validation(self) -> torch.Generator:
        """The same stream at every checkpoint."""
        return torch.Generator(device=self.val_rows.device).manual_seed(self.streams.validation)

    def _offer(self, val_loss: float) -> None:
        """The average as the best one, where something tells which of two is better."""
        alone = self.base is None and not self.decoder.parameters
        value = val_loss if self.task.loss.comparable and alone else None
        if model_selection.by_likelihood(self.task.loss, self.average):
            value = model_selection.importance_sampling_nll(self.average, self.val_rows, self._validation())
        if value is not None:
            self.best.offer(self.average, self.clock.step, value)

    def _share(self, step: int) -> float:
        """Of the learning rate, after ``step`` steps."""
        if not self.settings.anneal:
            return 1.0
        return 0.5 * (1 + math.cos(math.pi * min(1.0, step / self.steps)))
