"""Nearest training images of sampled images: computed from the files of runs, and listed as numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from ebmbench.core.cells import AXES, Cell
from ebmbench.reporting.figures.first_draws import first_draws
from ebmbench.reporting.figures.image_sets import ImageSet, names_of
from ebmbench.reporting.figures.pictures import chosen

#: largest number of images of a distribution whose distances enter the median
MOST = 2000

#: images whose distances to all training images are in memory at once
ROWS = 256


class Near(NamedTuple):
    """``images: (n, D)``, index ``place: (n,)`` of each one's nearest training image, ``distance: (n,)`` in data units.

    ``neighbours: (k, D)``: nearest training images of the first k images, which a panel shows.
    """

    images: Tensor
    place: Tensor
    distance: Tensor
    neighbours: Tensor

    @property
    def median(self) -> float:
        """Return the median distance."""
        return float(self.distance.median())


class NeighbourPanel(NamedTuple):
    """Samples of a run, or the test images if ``cell`` is None; without samples ``near`` is None and ``note`` says why.

    ``scale``: median distance of test images to the training images of the same seed.
    """

    cell: Cell | None
    run: str
    near: Near | None
    scale: float = math.nan
    sampler: str = ""
    mark: str = ""
    note: str = ""

    @property
    def ratio(self) -> float:
        """Return the median distance over that of test images; NaN without samples."""
        return math.nan if self.near is None else self.near.median / self.scale


def nearest(images: Tensor, train: Tensor, shown: int) -> Near:
    """Find the Euclidean nearest neighbours of ``images: (n, D)`` in ``train: (N, D)``, both clamped to [-1, 1]."""
    images, train = images.clamp(-1, 1), train.clamp(-1, 1)
    place = torch.cat([torch.cdist(part, train).argmin(1) for part in images.split(ROWS)])
    # recompute from differences, because the expanded square gives exact copies a distance above 0
    distance = (images.double() - train[place].double()).square().sum(1).sqrt()
    return Near(images, place, distance, train[place[:shown]])


def panels(images: ImageSet, distribution: str, shown: int) -> list[NeighbourPanel]:
    """Return the panel of test images, then one per method with samples by its first seed that has any.

    At most :data:`MOST` random images are used. Test images exclude classes that models were not trained on.
    """
    train, test = _rows(images, images.first, shown)
    scales, trains = {images.first: test.median}, {images.first: train}
    found = [NeighbourPanel(None, "", test, test.median)]
    for cell, folders in images.cells.items():
        drawn = first_draws(cell, distribution, folders, images.dim)
        if drawn.seed is None or drawn.distribution is None or drawn.draws is None:
            found.append(NeighbourPanel(cell, "", None, note=drawn.note))
            continue
        seed = drawn.seed.seed
        if seed not in scales:
            trains[seed], own = _rows(images, seed, shown)
            scales[seed] = own.median
        near = nearest(_some(drawn.draws, images.name), trains[seed], shown)
        found.append(
            NeighbourPanel(cell, cell.run(seed), near, scales[seed], drawn.distribution.method, drawn.distribution.mark)
        )
    return found


def _rows(images: ImageSet, seed: int, shown: int) -> tuple[Tensor, Near]:
    """Return the training images of a seed, and the nearest of them to its test images."""
    train = images.rows(seed, "train")
    return train, nearest(_some(images.seen(seed), images.name), train, shown)


def _some(rows: Tensor, dataset: str) -> Tensor:
    return rows[chosen(len(rows), MOST, "neighbours", dataset)]


def listed(found: Mapping[str, Sequence[NeighbourPanel]], distribution: str) -> pd.DataFrame:
    """Return one row per panel: n, the median distance, that of test images, and the ratio of the two."""
    rows = []
    for name, one in _each(found):
        n, median = (0, math.nan) if one.near is None else (len(one.near.distance), one.near.median)
        head = (*names_of(name, one.cell), distribution if one.cell else "data", one.run, one.sampler, one.mark)
        rows.append((*head, n, median, one.scale, one.ratio, one.note))
    columns = ["distribution", "run", "sampler", "mark", "n", "median_distance", "median_of_test", "ratio", "note"]
    return pd.DataFrame(rows, columns=[*AXES, *columns])


def distances(found: Mapping[str, Sequence[NeighbourPanel]]) -> pd.DataFrame:
    """Return one row per image: distance, index of the nearest training image, and whether the figure shows it."""
    tables = []
    for name, one in _each(found):
        if one.near is not None:
            head = dict(zip(AXES, names_of(name, one.cell), strict=True))
            numbers = {"distance": one.near.distance.numpy(), "nearest": one.near.place.numpy()}
            table = pd.DataFrame({**numbers, "shown": range(len(one.near.place))})
            tables.append(table.assign(**head, shown=table["shown"] < len(one.near.neighbours)))
    return pd.concat(tables, ignore_index=True)[[*AXES, "distance", "nearest", "shown"]]


def _each(found: Mapping[str, Sequence[NeighbourPanel]]) -> list[tuple[str, NeighbourPanel]]:
    return [(name, one) for name, own in found.items() for one in own]
