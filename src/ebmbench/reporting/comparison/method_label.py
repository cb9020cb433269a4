"""Names of methods as readers see them."""

from __future__ import annotations

#: put between the parts of a name
DOT = " · "


def method_label(family: str, loss: str, stats: str) -> str:
    """Return a method's readable name, ``ebm · ed · moments``; parts called ``none`` are left out."""
    return DOT.join(part for part in (family, loss, stats) if part != "none")
