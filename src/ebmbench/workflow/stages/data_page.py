"""Stage that writes the page of a data set, and its summary as a table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from pathlib import Path

from ebmbench.core.files import read_json, write_csv, write_text
from ebmbench.data.images import Images
from ebmbench.data.interface import Dataset
from ebmbench.data.tabular import Table
from ebmbench.reporting.data_page import Summary, data_page
from ebmbench.reporting.image_summary import image_summary
from ebmbench.reporting.table_summary import table_summary


def write_data_page(dataset: Dataset, name: str, data: Sequence[Path], stem: Path) -> None:
    """Write ``stem.md`` and ``stem.csv`` of the data set ``name``; ``data``: its JSON files, one per block of seeds."""
    summary = summary_of(dataset)
    page = data_page(name, summary, dataset.facts(), [read_json(path) for path in data])
    write_csv(stem.with_suffix(".csv"), summary.main)
    write_text(stem.with_suffix(".md"), page)


@singledispatch
def summary_of(dataset: Dataset) -> Summary:
    """Summarise a table or a set of images; planning asks for no page of other data sets."""
    raise TypeError(f"no summary of {type(dataset).__name__}")


@summary_of.register
def _(dataset: Table) -> Summary:
    return table_summary(dataset.raw_rows().numpy(), dataset.column_names())


@summary_of.register
def _(dataset: Images) -> Summary:
    parts, names = dataset.published(), dataset.class_names()
    classes = [[names[label] for label in part.labels.tolist()] for part in parts]
    return image_summary([part.pixels.numpy() for part in parts], classes, dataset.top)
