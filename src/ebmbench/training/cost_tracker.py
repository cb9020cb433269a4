"""Time and evaluations that training has cost so far."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar

from ebmbench.core.cost import Cost
from ebmbench.core.state import NamedState
from ebmbench.training.losses.interface import LossOutput


@dataclass
class CostTracker(NamedState):
    """Stopwatch and counters: ``seconds`` of training, without those of checkpoints, steps and evaluations."""

    state_names: ClassVar = (
        "seconds",
        "cpu_seconds",
        "checkpoint_seconds",
        "step",
        "energy_evaluations",
        "gradient_evaluations",
    )

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    checkpoint_seconds: float = 0.0
    step: int = 0
    energy_evaluations: int = 0
    gradient_evaluations: int = 0
    _started: tuple[float, float] = field(default=(0.0, 0.0), repr=False)

    def start(self) -> None:
        """Start or resume the stopwatch."""
        self._started = (time.perf_counter(), time.process_time())

    def stop(self) -> None:
        """Pause the stopwatch."""
        self.seconds += time.perf_counter() - self._started[0]
        self.cpu_seconds += time.process_time() - self._started[1]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the stopwatch within the context."""
        self.start()
        yield
        self.stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Pause the stopwatch within the context."""
        self.stop()
        yield
        self.start()

    @contextmanager
    def checkpoint(self) -> Iterator[None]:
        """Pause the stopwatch within the context, and count its time as a checkpoint's."""
        with self.paused():
            started = time.perf_counter()
            yield
            self.checkpoint_seconds += time.perf_counter() - started

    def count(self, output: LossOutput) -> None:
        """Add one step and its evaluations."""
        self.step += 1
        self.energy_evaluations += output.energy_evaluations
        self.gradient_evaluations += output.gradient_evaluations

    def spend(self, cost: Cost) -> None:
        """Add evaluations outside of a step."""
        self.energy_evaluations += cost.energy_evaluations
        self.gradient_evaluations += cost.gradient_evaluations

    def elapsed(self) -> float:
        """Return the seconds of training, including those since the last start."""
        return self.seconds + time.perf_counter() - self._started[0]

    def facts(self) -> dict[str, float]:
        """Return the cost columns of a curve."""
        return {
            "step": self.step,
            "seconds": round(self.seconds, 3),
            "energy_evaluations": self.energy_evaluations,
            "gradient_evaluations": self.gradient_evaluations,
        }
