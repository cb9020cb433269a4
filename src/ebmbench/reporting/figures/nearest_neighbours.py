"""Image samples, each above its nearest training image, to check whether models memorise the training set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ebmbench.core.files import write_csv
from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.data.image_shape import shape_of
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.figures.distributions import checked
from ebmbench.reporting.figures.image_sets import image_sets
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.neighbours import Near, NeighbourPanel, distances, listed, panels
from ebmbench.reporting.figures.pictures import gap_of, mosaic, say, show
from ebmbench.reporting.figures.style import SMALL, WIDTH, new_figure, save, styled

__all__ = ["NearestNeighbours"]

#: panels side by side
ACROSS = 2

#: inches above a panel for its name, below it for the distances, and above each data set
NAME, BELOW, ABOVE = 0.18, 0.16, 0.06

#: inches for the text below all panels
WORDS = 0.2


@dataclass(frozen=True)
class NearestNeighbours:
    """For each data set one panel of test images and one per method: images above, nearest training images below.

    Nearest in pixels (Euclidean, data units). The distance is shown under each pair. Above a panel is the ratio of the
    median distance of its samples, at most 2,000, to that of test images; well below 1 the model repeats its training
    images. The panel shows ``shown`` random samples from the ``distribution`` model, sampler or base. Without a match,
    the figure shows the trained methods without matched statistics; data sets without images are left out. ``title`` is
    shown above the panels.
    """

    title: str = ""
    shown: PositiveInt = 8
    distribution: str = "sampler"

    def __post_init__(self) -> None:
        check_ranges(self)
        checked(self.distribution)

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Write the figure, ``stem.csv`` (one row per panel) and ``stem_distances.csv`` (one row per image)."""
        found = {images.name: panels(images, self.distribution, self.shown) for images in image_sets(inputs)}
        with styled():
            save(self._sheet(found), listed(found, self.distribution), stem)
        write_csv(stem.with_name(f"{stem.name}_distances.csv"), distances(found))

    def _sheet(self, found: Mapping[str, Sequence[NeighbourPanel]]) -> Figure:
        across = min(ACROSS, max(len(own) for own in found.values()))
        lines = [
            (name if start == 0 else "", own[start : start + across])
            for name, own in found.items()
            for start in range(0, len(own), across)
        ]
        edge = WIDTH / ACROSS / (self.shown + 1.5)
        heights = [2 * edge + NAME + BELOW + (ABOVE if name else 0) for name, _ in lines]
        figure = new_figure(WIDTH * across / ACROSS, sum(heights) + WORDS, self.title)
        figure.set_layout_engine("constrained", w_pad=0.04, h_pad=0.02, wspace=0.02, hspace=0)
        grid = figure.subplots(len(lines), across, squeeze=False, height_ratios=heights)
        for axes in grid.flat:
            axes.set_axis_off()
        for places, (name, own) in zip(grid, lines, strict=True):
            for axes, one in zip(places, own, strict=False):
                self._draw(axes, one, name)
        figure.supxlabel(
            "below each pair: Euclidean distance of pixels in [-1, 1]; ratio of medians: samples divided by test "
            "images",
            fontsize=SMALL,
        )
        return figure

    def _draw(self, axes: Axes, one: NeighbourPanel, name: str) -> None:
        reported = "test images" if one.cell is None else method_label(*one.cell[1:])
        if one.cell is not None and one.near is not None:
            reported += f": ratio of medians {one.ratio:.2f}" + (f" ({one.mark})" if one.mark else "")
        if one.cell is None:
            reported = f"{name}: {reported}, median distance {_short(one.scale)}"
        axes.set_title(reported, fontsize=SMALL, pad=2, loc="left")
        if one.near is None:
            say(axes, one.note.replace("\n", " "))
            axes.set(box_aspect=2 / self.shown)
            return
        _pairs(axes, one.near, self.shown)


def _pairs(axes: Axes, near: Near, across: int) -> None:
    """Draw images above their neighbours, and below them the distances."""
    first = near.images[: len(near.neighbours)]
    blank = near.images.new_ones(across - len(first), near.images.shape[1])
    show(axes, mosaic(torch.cat([first, blank, near.neighbours]), across))
    side = shape_of(near.images.shape[1]).side
    step = side + gap_of(side)
    axes.set_yticks([side / 2, step + side / 2], ["image", "nearest"], fontsize=6)
    places = [index * step + (side - 1) / 2 for index in range(len(first))]
    axes.set_xticks(places, [_short(value) for value in near.distance[: len(first)].tolist()], fontsize=6)
    axes.tick_params(length=0, pad=1)


def _short(distance: float) -> str:
    """Format a distance with three digits."""
    return f"{distance:#.3g}".rstrip(".")
