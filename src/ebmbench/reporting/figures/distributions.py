"""The distributions whose samples a figure may show."""

from __future__ import annotations

from ebmbench.core.columns import BASE, MODEL, SAMPLER
from ebmbench.core.errors import allowed_names

DISTRIBUTIONS = (MODEL, SAMPLER, BASE)


def checked(distribution: str) -> str:
    """Return ``distribution``; raises ``ValueError`` if it names no distribution."""
    if distribution not in DISTRIBUTIONS:
        raise ValueError(f"distribution = {distribution!r}; {allowed_names(distribution, DISTRIBUTIONS)}")
    return distribution
