"""Facts of data sets that captions state: datasets.csv, one row per data set."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ebmbench.core.files import read_json
from ebmbench.data.interface import SPLITS
from ebmbench.reporting.copy_counts import copies_sentence

NAME = "datasets.csv"

#: dim: D; test: number of test examples per seed; log_det: mean over seeds, as nll minus it is in original units;
#: copies: a sentence on rows that have an exact copy, empty if none has
COLUMNS = ("dataset", "dim", "test", "log_det", "coordinates", "copies")


def data_facts(paths: Iterable[Path]) -> pd.DataFrame:
    """Read the JSON files of data sets, of which one may have several (one per block of seeds); one row per data set.

    ``test`` names each number of test examples that a seed has, as in ``159`` or ``159 or 160``.
    """
    blocks: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(paths):
        block = read_json(path)
        blocks.setdefault(block["dataset"], []).append(block)
    return pd.DataFrame([_facts(name, found) for name, found in sorted(blocks.items())], columns=list(COLUMNS))


def _facts(name: str, blocks: list[dict[str, Any]]) -> dict[str, object]:
    sizes = {size[SPLITS.index("test")] for block in blocks for size in block["sizes"].values()}
    return {
        "dataset": name,
        "dim": blocks[0]["dim"],
        "test": " or ".join(str(size) for size in sorted(sizes)),
        "log_det": np.mean([shift for block in blocks for shift in block["log_det"].values()]),
        "coordinates": str(blocks[0]["facts"].get("coordinates", "those of the data set")).rstrip("."),
        "copies": copies_sentence([counts for block in blocks for counts in block.get("copies", {}).values()]),
    }
