"""The page of a data set: its summary, and what was done to its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from ebmbench.data.interface import SPLITS
from ebmbench.reporting.copy_counts import copies_sentence
from ebmbench.reporting.docstrings import cell
from ebmbench.reporting.markdown import markdown

#: largest number of different sizes of splits that are listed
SIZES = 10


class Section(NamedTuple):
    """A section of a page: its ``title``, a sentence ``about`` it, and its ``table``."""

    title: str
    about: str
    table: pd.DataFrame


class Summary(NamedTuple):
    """Summary of a data set: the ``main`` table, with a sentence ``about`` it, ``notes``, and further ``sections``."""

    about: str
    main: pd.DataFrame
    sections: Sequence[Section]
    notes: Sequence[str] = ()


def data_page(title: str, summary: Summary, facts: Mapping[str, object], blocks: Sequence[Mapping]) -> str:
    """Return the page of a data set.

    ``facts``: those of the data set; ``blocks``: its JSON files, one for each block of seeds.
    """
    copies = copies_sentence([counts for block in blocks for counts in block.get("copies", {}).values()])
    notes = [*summary.notes, *_split_sizes(blocks), *(_one_line(f"{name}: {fact}") for name, fact in facts.items())]
    first = markdown(title, summary.about, _shown(summary.main), notes=[*notes, *([copies] if copies else [])])
    return "\n".join([first, *(f"#{markdown(of.title, of.about, _shown(of.table))}" for of in summary.sections)])


def _split_sizes(blocks: Sequence[Mapping]) -> list[str]:
    """Say how many rows each split has, for each number that occurs."""
    sizes = sorted({tuple(size) for block in blocks for size in block["sizes"].values()}, reverse=True)
    listed = [", ".join(f"{size:,} {split}" for size, split in zip(of, SPLITS, strict=True)) for of in sizes]
    return [f"rows in the splits of a seed: {' or '.join(listed)}"] if len(listed) <= SIZES else []


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    return table.map(_in_cell)


def _in_cell(value: object) -> str:
    """Return a name or a number as it is in a table of the page; a name may hold signs that would end its cell."""
    if isinstance(value, str):
        return cell(_one_line(value))
    return f"{value:.4g}" if value % 1 else f"{value:.0f}"  # type: ignore[operator]


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())
