"""Colours, markers and lines of the moment-matching methods, the same in every figure."""

from __future__ import annotations

from typing import Any, NamedTuple

from ebmbench.reporting.figures.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY


class MethodLook(NamedTuple):
    """Colour, marker and line of a moment-matching method."""

    colour: str
    marker: str
    line: Any

    def of_line(self) -> dict[str, Any]:
        """Return keyword arguments of ``Axes.errorbar``."""
        return {"color": self.colour, "marker": self.marker, "linestyle": self.line, "markersize": 3.5, "capsize": 2}


METHOD_LOOKS = {
    "none": MethodLook(BLACK, "o", "solid"),
    "joint": MethodLook(ORANGE, "s", (0, (5, 1.5))),
    "matched": MethodLook(GREEN, "^", (0, (4, 1, 1, 1))),
    "posthoc": MethodLook(BLUE, "D", (0, (2, 1))),
    "penalty": MethodLook(PURPLE, "v", (0, (1, 1))),
    "expfam": MethodLook(SKY, "P", (0, (6, 1, 1, 1, 1, 1))),
}
