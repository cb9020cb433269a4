"""What the registry declares of a metric."""

from __future__ import annotations

from typing import NamedTuple

from ebmbench.core.columns import BASE, MODEL, SAMPLER
from ebmbench.evaluation.metrics.registry.scale import Scale

#: a metric of densities describes the model; a metric of samples is reported for all three distributions
OF_DENSITY, OF_SAMPLES = (MODEL,), (MODEL, SAMPLER, BASE)


class Metric(NamedTuple):
    """A metric: ``direction`` is lower (is better), higher, or none; ``splits`` are the data splits that it uses.

    The split ``exact`` is an integral over the known density, or a known distribution without data. Coordinates are
    those in which models see the data; the unit ``1`` is a pure number. ``scale`` is the one on which methods are
    compared. ``biased_in_n``: whether the expected value changes with the number of samples or test examples, so that
    values from different numbers cannot be compared. ``distributions`` are the distributions that it is defined for.
    """

    name: str
    direction: str
    unit: str
    splits: tuple[str, ...]
    protocol: str
    scale: Scale
    biased_in_n: bool
    distributions: tuple[str, ...]

    @property
    def in_brackets(self) -> str:
        """The unit as a heading shows it, `` (nats)``; empty for a pure number."""
        return "" if self.unit == "1" else f" ({self.unit})"

    @property
    def margin_text(self) -> str:
        """The margin within which methods count as equally good, with its unit, as in ``0.05 nats``."""
        return self.scale.margin_text(self.unit)
