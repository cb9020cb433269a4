"""Combinations that no method supports: each plug-in declares what it provides and requires. Imports no torch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from ebmbench.core import plugins
from ebmbench.core.cells import Cell

#: the loss of models that are not trained
UNTRAINED = "none"

#: a capability that plug-ins provide or require -> its description
CAPABILITIES = {
    "statistics": "statistics with natural parameters",
    "noise_levels": "an energy at several noise levels",
    "encoder": "an encoder",
}


def incompatible(cells: Iterable[Cell], config: Mapping[str, Any]) -> dict[Cell, str]:
    """Return the cells whose family, loss and moment-matching method do not fit together, each with the reason.

    A cell that tilts the finished run of an entry ``run`` needs that entry to fit as well.
    """
    kinds = {axis: _kinds(config[section]) for axis, section in _SECTIONS.items()}
    runs = {name: settings.get("run") for name, settings in config["stats"].items()}
    found = {}
    for cell in cells:
        family, loss = kinds["family"][cell.family], kinds["loss"][cell.loss]
        entries = [entry for entry in (cell.stats, runs[cell.stats]) if entry in kinds["stats"]]
        reasons = (_reason(family, loss, kinds["stats"][entry]) for entry in entries)
        reason = next((reason for reason in reasons if reason is not None), None)
        if reason is not None:
            found[cell] = reason
    return found


def closed_form(family: str) -> bool:
    """Return whether a kind of family is fitted in closed form: it then lists ``none`` among its ``losses``."""
    return UNTRAINED in (plugins.declared("family", family, "losses") or ())


def repeated(cells: Collection[Cell], config: Mapping[str, Any]) -> dict[Cell, str]:
    """Return the untrained cells whose fit ``cells`` also have under a loss, each with the reason to leave it out.

    The fit of a family in closed form is the same under any loss.
    """
    families, losses = _kinds(config["families"]), _kinds(config["losses"])
    fitted = {
        cell._replace(loss=UNTRAINED): cell.loss
        for cell in cells
        if losses[cell.loss] != UNTRAINED and closed_form(families[cell.family])
    }
    untrained = [cell for cell in cells if losses[cell.loss] == UNTRAINED]
    same = {cell: fitted.get(cell._replace(loss=UNTRAINED)) for cell in untrained}
    return {cell: f"the same fit as {cell.family} · {loss}" for cell, loss in same.items() if loss is not None}


_SECTIONS = {"family": "families", "loss": "losses", "stats": "stats"}


def _kinds(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Map the entries of an axis to the plug-ins behind them."""
    return {name: plugins.kind_of(name, settings) for name, settings in entries.items()}


@cache
def _reason(family: str, loss: str, stats: str) -> str | None:
    """Return the first conflict: of the losses that a family allows, then of requirements in either direction."""
    losses = plugins.declared("family", family, "losses")
    if losses is None and loss == UNTRAINED:
        return f"family {family} needs a loss"
    if losses == (UNTRAINED,) and loss != UNTRAINED:
        return f"family {family} is not trained"
    if losses is not None and loss not in losses:
        return f"family {family} is trained by {' or '.join(losses)} only"
    pairs = ((("loss", loss), ("family", family)), (("stats", stats), ("family", family)))
    return next(_missing(*pairs, (("family", family), ("stats", stats))), None)


def _missing(*pairs: tuple[tuple[str, str], tuple[str, str]]) -> Iterator[str]:
    for (axis, name), (other_axis, other) in pairs:
        provided = plugins.declared(other_axis, other, "provides") or ()
        for capability in plugins.declared(axis, name, "requires") or ():
            if capability not in provided:
                yield f"{axis} {name} requires {CAPABILITIES[capability]}, which {other_axis} {other} does not provide"
