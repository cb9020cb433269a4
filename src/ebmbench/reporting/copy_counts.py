"""Sentence on the rows of a table that have an exact copy in the training split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def copies_sentence(counts: Sequence[Mapping[str, int]]) -> str:
    """Say how many test and validation rows have an exact copy in train; empty if no row of any seed repeats another.

    ``counts``: an entry per seed, as :class:`ebmbench.data.copies.CopyCounts` in the data set's JSON file.
    """
    if all(of["distinct"] == of["rows"] for of in counts):
        return ""
    test, val = (
        100 * sum(of[split] for of in counts) / sum(of[f"{split}_rows"] for of in counts) for split in ("test", "val")
    )
    distinct, rows = (round(sum(of[name] for of in counts) / len(counts)) for name in ("distinct", "rows"))
    return (
        f"{test:.3g} % of the test rows and {val:.3g} % of the validation rows have an exact copy in train; "
        f"{distinct:,} of {rows:,} rows are distinct{' (means over seeds)' if len(counts) > 1 else ''}."
    )
