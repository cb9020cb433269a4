"""The distributions whose samples a figure may show."""

from __future__ import annotations

from ebmbench.core.columns import BASE, MODEL, SAMPLER

LAWS = (MODEL, SAMPLER, BASE)


def checked(law: str) -> str:
    """Return ``law``; raises ``ValueError`` if it names no distribution."""
    if law not in LAWS:
        raise ValueError(f"law = {law!r}; allowed: {', '.join(LAWS)}")
    return law
