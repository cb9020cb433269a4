"""Load a set of statistics from the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ebmbench.core import plugins
from ebmbench.models.statistics.interface import Definition, Statistic
from ebmbench.models.statistics.joined import Joined
from ebmbench.models.statistics.none import NoStatistic


@dataclass(frozen=True)
class SetOfStatistics(Definition):
    """Several definitions, fitted to the same data."""

    parts: tuple[Definition, ...]

    def fit(self, train: Tensor) -> Statistic:
        """Return all of them joined."""
        return Joined([part.fit(train) for part in self.parts])


def load_set(parts: Mapping[str, Mapping[str, Any]]) -> Definition:
    """Load the statistics named by ``parts`` with their settings; no statistics if ``parts`` is empty."""
    found = tuple(plugins.load("statistic", name, **settings) for name, settings in parts.items())
    if len(found) > 1:
        return SetOfStatistics(found)
    return found[0] if found else NoStatistic()
