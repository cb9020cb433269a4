"""Tell a user whether external and committed images were scored by the same network and in the same numbers."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from ebmbench.evaluation.metrics.registry import FID

#: end of the column ``method`` of image scores: the extractor and the first digits of its weights' sha256
_EXTRACTOR = r"; (?P<extractor>[a-z0-9_]+) (?P<weights>[0-9a-f]{12})$"


class FeatureProtocol(NamedTuple):
    """The weights of an extractor, the number of images that are compared, and the distance that real images reach."""

    weights: str
    n: int
    floor: float


def other_protocols(own: pd.DataFrame, others: pd.DataFrame) -> list[str]:
    """Return a note for each extractor whose weights or numbers of images differ between two tables of scores.

    ``own``, ``others``: rows of scores.csv of one data set. The floor, the Frechet distance of real images in place of
    samples, shows how much the difference matters.
    """
    here, there = _protocols(own), _protocols(others)
    return [note for name in here if name in there and (note := _note(name, here[name], there[name]))]


def _protocols(scores: pd.DataFrame) -> dict[str, FeatureProtocol]:
    """Return by extractor what most of its scores have, without extractors that have no distance or no floor."""
    rows = scores[(scores["split"] == "test") & (scores["status"] == "ok")]
    named = rows.assign(**rows["method"].fillna("").str.extract(_EXTRACTOR)).dropna(subset=["extractor"])
    frechet = named[named["metric"].str.startswith("fd_") | (named["metric"] == FID)].groupby("extractor")
    floors = named[named["metric"].str.startswith("floor_")].groupby("extractor")["value"]
    return {
        str(name): FeatureProtocol(str(of["weights"].mode()[0]), int(of["n"].mode()[0]), _most(floors.get_group(name)))
        for name, of in frechet
        if name in floors.groups
    }


def _most(values: pd.Series) -> float:
    return float(values.mode()[0])


def _note(name: str, here: FeatureProtocol, there: FeatureProtocol) -> str:
    """Return what differs, or an empty text."""
    differ = {"weights": (here.weights, there.weights), "images": (here.n, there.n)}
    parts = [f"{what} {own}, not {other}" for what, (own, other) in differ.items() if own != other]
    if not parts:
        return ""
    return (
        f"given, {name}: {' and '.join(parts)} as for the other methods, so compare with care: real images in place of "
        f"samples have the Frechet distance {here.floor:.3g} here, {there.floor:.3g} there."
    )
