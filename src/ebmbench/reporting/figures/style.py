"""Common style of all figures, and the look of each method, the same in every figure.

The loss determines colour, marker and hatch (the family does if the loss names no objective of an energy); the family
determines the line; matched statistics give an open marker and an open bar. Colours are Okabe and Ito's (2008) without
yellow, which is faint on paper; colour-blind readers can distinguish them. In greyscale, markers, hatches and lines
distinguish the methods.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib
import pandas as pd
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter, LogLocator, NullFormatter

from ebmbench.core.files import replacing, write_csv
from ebmbench.core.seeds import hashed

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"
GREY = "#767676"

#: width of a page's text in inches; font sizes are in points at this width
WIDTH = 7.0
SMALL = 7.0

#: height of a figure's title in inches
TITLE = 0.2

#: a loss, or a family trained with none of these -> colour, marker, hatch
_MARKS = {
    "cd": (VERMILION, "v", "\\\\\\"),
    "pcd": (VERMILION, "^", "///"),
    "sm": (SKY, "s", "---"),
    "ssm": (SKY, "D", "+++"),
    "dsm": (BLUE, "s", "|||"),
    "dsm_levels": (BLUE, "d", "|-|-"),
    "ed": (GREEN, "o", ""),
    "nce": (PURPLE, "P", "xxx"),
    "cnce": (PURPLE, "X", "..."),
    "kale_dv": (BLUE, "<", "ooo"),
    "kale_f": (ORANGE, ">", "OO"),
    "gaussian": (GREY, "d", "\\\\"),
    "kde": (GREY, "h", ".."),
    "expfam": (SKY, "p", "//"),
    "flow": (PURPLE, "*", ""),
    "nvp": (PURPLE, "h", "//."),
    "elbo": (BLACK, "H", "++"),
    "lebm": (BLUE, "8", "**"),
    "ebm": (BLACK, "D", "--"),
    "oracle": (ORANGE, "*", "||"),
    "noise": (GREY, "p", "xx."),
    "base": (GREY, "x", "xx"),
    # losses of other packages have the colour of the same loss here, and a line style per package
    "ebmkit_cd": (VERMILION, "<", "\\\\."),
    "ebmkit_pcd": (VERMILION, "D", "//."),
    "ebmkit_sm": (SKY, "o", "--."),
    "ebmkit_ssm": (SKY, "v", "++."),
    "ebmkit_dsm": (BLUE, "o", "||."),
    "ebmkit_ed": (GREEN, "s", "."),
    "ebmkit_nce": (PURPLE, "D", "x."),
    "torchebm_cd": (VERMILION, ">", "\\\\o"),
    "torchebm_ssm": (SKY, "^", "++o"),
    "torchebm_dsm": (BLUE, "^", "||o"),
    "gmm": (GREY, "8", ".o"),
    "kef": (BLACK, "p", "/o"),
    "normflows": (PURPLE, "d", "*."),
}

#: lines of entries whose name starts with that of a loss, such as ``ed_wide``
_VARIANTS: tuple[Any, ...] = (
    (0, (5, 1.5)),
    (0, (7, 1.5, 2, 1.5)),
    (0, (4, 1, 1, 1)),
    (0, (2, 2)),
    (0, (6, 1, 1, 1, 1, 1)),
)

#: marks for names missing from the table above, e.g. of a method from another tool
_SPARE = tuple((colour, marker, "oo") for marker in "1234" for colour in (BLACK, BLUE, VERMILION, PURPLE))

#: prefix of the losses of another package -> line
_PACKAGES: dict[str, Any] = {"ebmkit": (0, (5, 1.5)), "torchebm": (0, (1, 1))}

_LINES: dict[str, Any] = {
    "gebm_flow": (0, (5, 1.5)),
    "gebm_gan": (0, (1, 1)),
    "lebm": (0, (4, 1, 1, 1)),
    "gaussian": (0, (2, 1)),
    "kde": (0, (2, 2)),
    "flow": (0, (6, 1, 1, 1)),
}

_RC: dict[RcKeyType, Any] = {
    "font.size": 8.0,
    "axes.titlesize": 8.0,
    "axes.labelsize": 8.0,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.2,
    "lines.markersize": 4.5,
    "hatch.linewidth": 0.5,
    "legend.frameon": False,
    "pdf.fonttype": 42,
    "savefig.dpi": 200,
    "figure.dpi": 200,
}


class Look(NamedTuple):
    """Look of a method: ``line`` and ``marker`` in line plots, ``hatch`` in bars; open if not ``filled``."""

    colour: str
    marker: str
    hatch: str
    line: Any
    filled: bool

    def of_line(self) -> dict[str, Any]:
        """Return keyword arguments of ``Axes.plot``."""
        face = self.colour if self.filled else "white"
        return {"color": self.colour, "linestyle": self.line, "marker": self.marker, "markerfacecolor": face}

    def of_bar(self) -> dict[str, Any]:
        """Return keyword arguments of ``Axes.barh``; the hatch has the colour of the edge."""
        if self.filled:
            edge = "white" if self.colour in (BLACK, BLUE, GREY) else "black"
            return {"facecolor": self.colour, "edgecolor": edge, "hatch": self.hatch, "linewidth": 0.6}
        return {"facecolor": "white", "edgecolor": self.colour, "hatch": self.hatch, "linewidth": 1.2}


def look(family: str, loss: str, stats: str) -> Look:
    """Return the look of a method, the same in every figure.

    An entry named after a loss, such as ``ed_wide`` after ``ed``, has the loss's colour and marker but its own line.
    """
    named = [name for name in _MARKS if loss == name or loss.startswith(f"{name}_")]
    name = max(named, key=len) if named else family
    marks = _MARKS.get(name) or _SPARE[hashed("look", name) % len(_SPARE)]
    line = _PACKAGES.get(loss.partition("_")[0], "solid")
    if named and name != loss:
        line = _VARIANTS[hashed("look", loss) % len(_VARIANTS)]
    return Look(*marks, _LINES.get(family, line), stats == "none")


def looks(methods: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], Look]:
    """Return the looks of the methods of one figure; a method whose look is already taken gets the next free line."""
    found: dict[tuple[str, str, str], Look] = {}
    for method in methods:
        own = look(*method)
        free = [own, *(own._replace(line=line) for line in _VARIANTS)]
        found[method] = next((one for one in free if one not in found.values()), own)
    return found


@contextmanager
def styled() -> Iterator[None]:
    """Apply the common fonts and lines to figures made and saved inside the block; nothing changes outside."""
    with matplotlib.rc_context(_RC):
        yield


def new_figure(width: float, height: float, title: str = "") -> Figure:
    """Create an empty figure of ``width`` by ``height`` inches plus a line for the title, with constrained layout."""
    figure = Figure(figsize=(width, height + (TITLE if title else 0)), layout="constrained")
    FigureCanvasAgg(figure)
    if title:
        figure.suptitle(title, fontsize=9)
    return figure


def log_scale(axis: Axis) -> None:
    """Label a logarithmic axis with plain numbers, at 1, 2 and 5 if it spans less than two decades."""
    low, high = axis.get_view_interval()
    narrow = high < 100 * low
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if narrow else (1.0,)))
    axis.set_major_formatter(FormatStrFormatter("%g"))
    axis.set_minor_formatter(NullFormatter())


def save(figure: Figure, drawn: pd.DataFrame, stem: Path) -> None:
    """Write ``stem.pdf``, ``stem.png`` and the drawn numbers as ``stem.csv``, all without a date."""
    for suffix, metadata in ((".pdf", {"CreationDate": None}), (".png", {"Software": None})):
        with replacing(stem.with_name(stem.name + suffix)) as temporary:
            figure.savefig(temporary, metadata=metadata)
    write_csv(stem.with_name(stem.name + ".csv"), drawn)
