"""Training curve: one row per checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor

from ebmbench.core.state import NamedState
from ebmbench.training.divergence import UnreadLosses
from ebmbench.training.losses.interface import LossOutput


class Curve(NamedState):
    """``rows``: the checkpoints so far, as in curves.csv.

    ``recent``: losses of the energy's steps since the last checkpoint; ``logs``: columns that the last one reported,
    which stay on their device until a checkpoint reads them, as losses do.
    """

    state_names: ClassVar = ("rows", "recent", "logs")

    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []
        self.recent: list[float] = []
        self._unread = UnreadLosses()
        self.logs: Mapping[str, float | Tensor] = {}

    def record(self, output: LossOutput) -> None:
        """Record one step of the energy."""
        self._unread.add(output.loss.detach())
        self.logs = output.logs

    def add_checkpoint(
        self, costs: Mapping[str, float], validation_loss: float, monitored: Mapping[str, float]
    ) -> None:
        """Append a row: costs, mean training loss since the last row, validation loss, monitored columns, logs."""
        self._settle()
        losses = {"train_loss": sum(self.recent) / max(1, len(self.recent)), "val_loss": validation_loss}
        self.rows.append({**costs, **losses, **monitored, **self._logged()})
        self.recent = []

    def state_dict(self) -> dict[str, Any]:
        """Return rows, recent losses and logs, as numbers."""
        self._settle()
        return super().state_dict() | {"logs": self._logged()}

    def _settle(self) -> None:
        self.recent += self._unread.read()

    def _logged(self) -> dict[str, float]:
        return {name: float(value) for name, value in self.logs.items()}
