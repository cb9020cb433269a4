"""Entries of a claim whose metric fails a control on their data set, so that it decides nothing there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ebmbench.reporting.claims.claim import Claim
from ebmbench.reporting.claims.evidence import Evidence
from ebmbench.reporting.comparison.columns import Column

#: the table that has a metric in each row
SCORES = "scores"

#: data set and column that fail a control -> why
Failing = Mapping[tuple[str, Column], str]


def claimed_columns(claim: Claim) -> set[Column]:
    """Return the metrics that a claim compares, with their splits and distributions; none for other tables."""
    if claim.table != SCORES:
        return set()
    found: set[Column] = set()
    for side in (claim.this, claim.other):
        if isinstance(side, Mapping):
            asked = {"distribution": claim.distribution, **claim.rows, **side}
            parts = (_several(asked.get(name)) for name in Column._fields)
            metrics, splits, distributions = parts
            found |= {
                Column(metric, split, distribution)
                for metric in metrics
                for split in splits
                for distribution in distributions
            }
    return found


def without_unfit(claim: Claim, evidence: Iterable[Evidence], failing: Failing) -> list[Evidence]:
    """Return the evidence, with the reason in ``unfit`` where a metric of the claim fails a control."""
    columns = sorted(claimed_columns(claim))
    return [both._replace(unfit=both.unfit or _why(_dataset(claim, both.on), columns, failing)) for both in evidence]


def _why(dataset: str, columns: Iterable[Column], failing: Failing) -> str:
    metrics = dict.fromkeys(of.metric for of in columns if (dataset, of) in failing)
    return f"{' and '.join(metrics)} fails its control on {dataset}" if metrics else ""


def _dataset(claim: Claim, on: str) -> str:
    """Return the data set of an entry, by the part of its name, or by the claim's rows; empty if neither says it."""
    if "dataset" in claim.each:
        return on.split(" ")[claim.each.index("dataset")]
    return str(claim.rows.get("dataset", ""))


def _several(value: Any) -> list[str]:
    return [] if value is None else value if isinstance(value, list) else [value]
