"""The one training loop."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ebmbench.families.model import Model
from ebmbench.losses.base import Loss, Parametrised, Remembering, Terms
from ebmbench.losses.penalty import gradient_penalty

#: a loss beyond this size is called diverged
EXPLODED = 1e6

#: rows of the validation split on which the loss is followed
VALIDATION_ROWS = 2000


@dataclass(frozen=True)
class TrainSettings:
    """Adam, an exponential moving average of the weights, checkpoints.

    ``steps`` updates on batches of ``batch_size`` rows drawn with replacement; ``anneal``: the learning rate falls
    to 0 along a cosine, else it stands still; ``ema`` decay (warmed up);
    ``clip`` bound on the gradient's norm; ``checkpoints`` evenly spaced evaluations; ``patience``
    checkpoints without a better validation loss after which training stops and the best is kept (only for a
    loss whose values are comparable); ``max_seconds`` of training, after which the status is timeout.
    ``evaluations``: a budget of energies and gradients in x, counted alike, that takes the place of ``steps``: as
    many updates as it pays for at the cost of the second, for a loss may prepare itself in the first.
    ``gradient_penalty``: what :func:`~ebmbench.losses.penalty.gradient_penalty` times it adds to any loss.
    """

    steps: int = 3000
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.0
    anneal: bool = True
    ema: float = 0.999
    clip: float | None = None
    checkpoints: int = 12
    patience: int | None = None
    max_seconds: float | None = None
    evaluations: int | None = None
    gradient_penalty: float = 0.0

    def __post_init__(self) -> None:
        if min(self.steps, self.batch_size, self.checkpoints) < 1:
            raise ValueError("steps, batch_size and checkpoints must be 1 or more")
        if self.evaluations is not None and self.evaluations < 1:
            raise ValueError("evaluations must be 1 or more")
        if self.learning_rate <= 0 or not 0 <= self.ema < 1 or self.gradient_penalty < 0:
            raise ValueError("learning_rate must be above 0, ema in [0, 1), gradient_penalty 0 or more")


@dataclass
class Clock:
    """Training time and cost so far; time spent in evaluations does not count."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    step: int = 0
    energy_evaluations: int = 0
    gradient_evaluations: int = 0
    _started: tuple[float, float] = field(default=(0.0, 0.0), repr=False)

    def start(self) -> None:
        """Go on."""
        self._started = (time.perf_counter(), time.process_time())

    def stop(self) -> None:
        """Stand still."""
        self.seconds += time.perf_counter() - self._started[0]
        self.cpu_seconds += time.process_time() - self._started[1]

    def count(self, terms: Terms) -> None:
        """One more step."""
        self.step += 1
        self.energy_evaluations += terms.energy_evaluations
        self.gradient_evaluations += terms.gradient_evaluations

    def elapsed(self) -> float:
        """Training seconds, the running stretch included."""
        return self.seconds + time.perf_counter() - self._started[0]

    def facts(self) -> dict[str, float]:
        """The columns of a curve."""
        return {
            "step": self.step,
            "seconds": round(self.seconds, 3),
            "energy_evaluations": self.energy_evaluations,
            "gradient_evaluations": self.gradient_evaluations,
        }


@dataclass(frozen=True)
class Streams:
    """Where the randomness comes from: ``batches`` (on the CPU), ``noise`` of the loss, ``validation`` (a seed)."""

    batches: torch.Generator
    noise: torch.Generator
    validation: int


@dataclass(frozen=True)
class Outcome:
    """A trained model (the moving average), why training ended, the curve and the cost."""

    model: Model
    status: str
    reason: str
    curve: list[dict[str, float]]
    clock: Clock


@dataclass(frozen=True)
class Task:
    """What to train, on what and how.

    ``rows``: (train, val), ``(N, D)`` and ``(N_v, D)``; ``monitor`` maps a model to extra columns of the curve;
    ``report`` is told of each step's number, of how many there will be, and of the newest facts.
    """

    model: Model
    loss: Loss
    rows: tuple[Tensor, Tensor]
    settings: TrainSettings
    streams: Streams
    monitor: Callable[[Model], dict[str, float]]
    report: Callable[[int, int, dict[str, float]], None]


def train(task: Task) -> Outcome:
    """Train the task's model and return its moving average.

    A loss that is not finite or beyond 1e6 ends the run as diverged: a result, no error.
    """
    if not any(parameter.numel() for parameter in task.model.parameters()):
        clock = Clock()
        return Outcome(task.model, "ok", "", [clock.facts() | task.monitor(task.model)], clock)
    return _Run(task).outcome()


class _Run:
    """The state of one training run."""

    def __init__(self, task: Task) -> None:
        self.task, self.settings, self.steps = task, task.settings, task.settings.steps
        self.train_rows, self.val_rows = task.rows[0], task.rows[1][:VALIDATION_ROWS]
        self.loss = task.loss
        if isinstance(task.loss, Remembering):
            self.loss = task.loss.remembering(self.train_rows, task.streams.noise)
        self.average = copy.deepcopy(task.model).requires_grad_(False)
        self.parameters = [p for p in task.model.parameters() if p.numel()]
        self.averaged = [p for p in self.average.parameters() if p.numel()]
        moved = self.parameters + (self.loss.parameters() if isinstance(self.loss, Parametrised) else [])
        self.optimiser = torch.optim.Adam(
            moved, lr=self.settings.learning_rate, weight_decay=self.settings.weight_decay, fused=True
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, self._rate)
        self.clock = Clock()
        self.curve: list[dict[str, float]] = []
        self.best, self.kept, self.waited = math.inf, task.model, 0

    def outcome(self) -> Outcome:
        settings = self.settings
        status, reason, recent = "ok", "", []
        self.clock.start()
        while self.clock.step < self.steps:
            value, logs = self._step()
            recent.append(value)
            if not abs(value) < EXPLODED:
                status, reason = "diverged", f"the loss was {value:.3g} at step {self.clock.step}"
                break
            if settings.max_seconds is not None and self.clock.elapsed() > settings.max_seconds:
                status, reason = "timeout", f"{settings.max_seconds:g} s were over at step {self.clock.step}"
                break
            self.task.report(self.clock.step, self.steps, {"loss": value})
            every = max(1, self.steps // settings.checkpoints)
            if self.clock.step % every == 0 or self.clock.step == self.steps:
                self._checkpoint(sum(recent) / len(recent), logs)
                recent = []
                if settings.patience is not None and self.waited >= settings.patience:
                    break
        self.clock.stop()
        model = self.kept if math.isfinite(self.best) else self.average
        return Outcome(model, status, reason, self.curve, self.clock)

    def _step(self) -> tuple[float, dict[str, float]]:
        size = (self.settings.batch_size,)
        chosen = torch.randint(len(self.train_rows), size, generator=self.task.streams.batches)
        rows = self.train_rows[chosen.to(self.train_rows.device)]
        terms = self._penalised(self.loss(self.task.model, rows, self.task.streams.noise), rows)
        self.optimiser.zero_grad()
        terms.loss.backward()
        if self.settings.clip is not None:
            torch.nn.utils.clip_grad_norm_(self.parameters, self.settings.clip)
        self.clock.count(terms)
        if self.clock.step <= 2 and self.settings.evaluations is not None:
            self.steps = self._paid_for(terms)
        self.optimiser.step()
        self.schedule.step()
        self.task.model.project()
        decay = min(self.settings.ema, self.clock.step / (10 + self.clock.step))
        with torch.no_grad():
            torch._foreach_lerp_(self.averaged, self.parameters, 1 - decay)
        return float(terms.loss.detach()), terms.logs

    def _penalised(self, terms: Terms, rows: Tensor) -> Terms:
        """The loss with its regulariser, and with what that costs."""
        if self.settings.gradient_penalty == 0:
            return terms
        penalty = gradient_penalty(self.task.model, rows, self.task.streams.noise)
        return terms._replace(
            loss=terms.loss + self.settings.gradient_penalty * penalty,
            energy_evaluations=terms.energy_evaluations + len(rows),
            gradient_evaluations=terms.gradient_evaluations + len(rows),
        )

    def _paid_for(self, terms: Terms) -> int:
        """How many steps the budget pays for in all, if those to come cost as much as the last, ``terms``."""
        spent = self.clock.energy_evaluations + self.clock.gradient_evaluations
        left = max(0, self.settings.evaluations - spent)
        return self.clock.step + left // (terms.energy_evaluations + terms.gradient_evaluations)

    def _checkpoint(self, train_loss: float, logs: dict[str, float]) -> None:
        self.clock.stop()
        generator = torch.Generator(device=self.val_rows.device).manual_seed(self.task.streams.validation)
        val_loss = float(self.task.loss(self.average, self.val_rows, generator).loss.detach())
        losses = {"train_loss": train_loss, "val_loss": val_loss}
        self.curve.append(self.clock.facts() | losses | self.task.monitor(self.average) | logs)
        if self.settings.patience is not None and self.task.loss.comparable:
            self.waited += 1
            if val_loss < self.best:
                self.best, self.kept, self.waited = val_loss, copy.deepcopy(self.average), 0
        self.clock.start()

    def _rate(self, step: int) -> float:
        if not self.settings.anneal:
            return 1.0
        return 0.5 * (1 + math.cos(math.pi * min(1.0, step / self.steps)))
