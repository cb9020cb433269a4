"""What training has cost so far."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ebmbench.core.cost import Cost
from ebmbench.training.losses.interface import LossOutput


@dataclass
class CostTracker:
    """Training time and cost so far; time spent at checkpoints is apart."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    checkpoint_seconds: float = 0.0
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

    @contextmanager
    def checkpoint(self) -> Iterator[None]:
        """Stand still, and count what passes as a checkpoint's."""
        self.stop()
        started = time.perf_counter()
        yield
        self.checkpoint_seconds += time.perf_counter() - started
        self.start()

    def count(self, terms: LossOutput) -> None:
        """One more step."""
        self.step += 1
        self.spend(Cost(terms.energy_evaluations, terms.gradient_evaluations))

    def spend(self, cost: Cost) -> None:
        """Evaluations, with or without a step."""
        self.energy_evaluations += cost.energy_evaluations
        self.gradient_evaluations += cost.gradient_evaluations

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
