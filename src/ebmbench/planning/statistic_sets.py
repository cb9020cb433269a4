"""Named sets of statistics: the standard sets and those of the configuration. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ebmbench.core import plugins
from ebmbench.core.errors import UserError, allowed_names

#: statistics of a set -> overrides of their default settings
Parts = dict[str, dict[str, Any]]

#: s1 to s5 are for points, i1 to i5 for square images
STANDARD: dict[str, Parts] = {
    "s1": {"means": {}, "second_moments": {}},
    "s2": {"means": {}, "second_moments": {}, "histograms": {}},
    "s3": {"fourier": {}},
    "s4": {"modes": {}},
    "s5": {"tails": {}, "exceedances": {}},
    "i1": {"image_means": {}, "image_squares": {}},
    "i2": {"image_means": {}, "image_squares": {}, "image_histogram": {}, "image_ink": {}},
    "i3": {"image_spectrum": {}, "image_correlation": {}},
    "i4": {"image_variation": {}, "image_symmetry": {}, "image_centroid": {}},
    "i5": {"image_filters": {}},
}

#: the statistic without a component
NOTHING = "none"


def checked(own: Mapping[str, Parts]) -> dict[str, Parts]:
    """Check a configuration's ``own`` sets and merge them with the standard sets; ``own`` sets take precedence.

    Raises :class:`UserError` for an unknown statistic or setting.
    """
    for name, parts in own.items():
        for part, settings in parts.items():
            where = f"config: sets.{name}.{part}"
            if part not in plugins.available("statistic"):
                raise UserError(f"{where}: unknown statistic; {allowed_names(part, plugins.available('statistic'))}")
            plugins.check_settings(where, plugins.fields("statistic", part), settings)
    return {**STANDARD, **own}


def parts_with_means(name: str, where: str) -> Parts:
    """Return the statistics of the standard set ``name``, or the single statistic of that name, except ``none``.

    Raises :class:`UserError` with a message that begins with ``where`` for anything else.
    """
    if not isinstance(name, str):
        raise UserError(f"{where} = {name!r}; write one name, such as 'moments'")
    allowed = [*STANDARD, *(other for other in plugins.available("statistic") if other != NOTHING)]
    if name not in allowed:
        wrong = "has no means to match" if name == NOTHING else "is not a set of statistics"
        raise UserError(f"{where} = {name!r} {wrong}; {allowed_names(name, allowed)}")
    return parts_of(name, STANDARD, where)


def parts_of(name: str, sets: Mapping[str, Parts], where: str) -> Parts:
    """Return the statistics of the set ``name``, or the single statistic of that name.

    Raises :class:`UserError` with a message that begins with ``where`` for a name that is neither.
    """
    if name in sets:
        return {part: dict(settings) for part, settings in sets[name].items()}
    if name in plugins.available("statistic"):
        return {name: {}}
    allowed = allowed_names(name, [*sets, *plugins.available("statistic")])
    raise UserError(f"{where} = {name!r} is not a set of statistics; {allowed}")
