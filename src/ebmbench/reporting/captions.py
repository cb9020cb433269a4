"""Captions of the readers' tables: a sentence or two above a table and notes below it, on pages and in print."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from ebmbench.core.columns import BASE, SAMPLER
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.best_methods import explained
from ebmbench.reporting.comparison.columns import columns_of
from ebmbench.reporting.comparison.intervals import TAIL
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.sampling_table import EVALUATIONS

PERCENT = f"{100 * (1 - TAIL):g} %"

COST = (
    "Medians over the runs whose training ended with status ok; failed counts the others. Seconds are wall-clock "
    "times on the machine named in runs.csv, one thread per run, separately for training and for sampling (with "
    "the likelihood); cpu seconds of training, next to its evaluations, do not count the machine's other work. An "
    "evaluation is one evaluation of the energy, or of its gradient with respect to x, at one point. Memory is the "
    "peak of the training process in MB (10^6 bytes); seeds in the same process have the same peak. Costs are not "
    "scored."
)

SAMPLING = (
    "Medians over the runs whose training ended with status ok; for R-hat the worst run. log Z: standard error and "
    "estimated bias in nats if the likelihood did not fail (a bias of -.01 makes log-likelihoods .01 nats too "
    "high on average), effective fraction of the particles (in [0, 1]), and difference between "
    "the bounds in nats if exact samples allow bounds. Declared sampler: inverse temperature, step size, "
    "acceptance, root mean square drift of the total energy in nats, R-hat (1 is best; inf: chains that do not "
    "move or are not finite), effective sample size of bulk and tails, and the smaller of the two per "
    f"{EVALUATIONS:,} energy evaluations, warm-up included; more is better. Empty: not defined for the method. "
    "marks counts runs with unconverged chains or with an optimiser as sampler."
)

FAILURES = (
    "Runs that diverged, ran out of time or failed in training, and runs whose likelihood or samples failed: the "
    "step at which training ended, and the reason. Every table counts them in parentheses and excludes them from "
    "the mean."
)

FAILED_METRICS = (
    "Values that could not be computed in runs that did not fail, such as distances of samples worth too few "
    "independent ones. Tables count and exclude them in the same way; scores.csv has each of them with its reason."
)


class Caption(NamedTuple):
    """One or two sentences above a table, and notes below it."""

    short: str
    notes: tuple[str, ...] = ()

    def with_notes(self, *notes: str) -> Caption:
        """Return the caption with further notes, of which empty ones are left out."""
        return self._replace(notes=(*self.notes, *filter(None, notes)))


def dataset_caption(summary: pd.DataFrame, facts: pd.DataFrame) -> Caption:
    """Return the caption of a data set's table: seeds and order, then intervals, coordinates, splits, distributions.

    ``facts``: the data set's row of datasets.csv, or none.
    """
    columns = columns_of(summary)
    names = {split: _metrics(column.metric for column in columns if column.split == split) for _, split, _ in columns}
    where = "; ".join(f"{metrics}: {_split(split, facts)}" for split, metrics in names.items())
    lower, higher = (
        _metrics(column.metric for column in columns if described(column.metric).direction == direction)
        for direction in ("lower", "higher")
    )
    notes = (
        f"Intervals are {PERCENT} Student-t intervals over seeds.",
        "Failed runs are excluded from the mean and counted in parentheses; — means that no run has a value.",
        _coordinates(facts),
        f"Splits: {where}." if columns else "",
        _copies(facts),
        f"Lower is better for {lower}{f', higher for {higher}' if higher else ''}." if lower or higher else "",
        explained(columns),
        _distributions(summary),
    )
    order = f" Sorted by {columns[0].metric}." if columns else ""
    return Caption(f"{_seeds(summary)}{order}", tuple(note for note in notes if note))


def _seeds(summary: pd.DataFrame) -> str:
    runs = summary["seeds"] + summary["failed"]
    if runs.max() == 1:
        return "One seed per method, so there is no interval."
    seeds = f"{runs.max()}" if runs.min() == runs.max() else f"{runs.min()} to {runs.max()}"
    return f"Mean over {seeds} seeds per method ± half the width of the {PERCENT} interval."


def _metrics(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _distributions(summary: pd.DataFrame) -> str:
    """Explain which distribution each column is of, and at which temperature samplers ran."""
    drawn = summary[summary["distribution"] == SAMPLER]
    if drawn.empty:
        return ""
    based = any(column.distribution == BASE for column in columns_of(summary))
    text = (
        "Columns named sampler use samples from each method's declared sampler; "
        f"{'those named base use its base measure without the energy; ' if based else ''}all others, including "
        "likelihoods, use the model's own distribution. Exact samples count as both."
    )
    warm = drawn[~drawn["beta"].isin(["", "1"])]
    for beta, rows in warm.groupby("beta"):
        methods = dict.fromkeys(method_label(row.family, row.loss, row.stats) for row in rows.itertuples())
        text += f" Sampled at inverse temperature beta = {beta}: {', '.join(methods)}."
    return text


def _coordinates(facts: pd.DataFrame) -> str:
    """Describe dimension, coordinates, and the constant that converts nll to the original coordinates."""
    if facts.empty:
        return ""
    (of,) = facts.to_dict("records")
    text = f"D = {of['dim']}; coordinates: {of['coordinates']}."
    if of["log_det"]:
        text += (
            " Values in nats and distances are in these coordinates; for nll in the original coordinates, subtract "
            f"log_det = {of['log_det']:.4g} (mean over seeds)."
        )
    return text


def _copies(facts: pd.DataFrame) -> str:
    """Return what the data set's row says of exact copies; tables of older runs do not."""
    found = facts["copies"].dropna().tolist() if "copies" in facts else []
    return found[0] if found else ""


def _split(split: str, facts: pd.DataFrame) -> str:
    if split == "exact":
        return "compared with the known density"
    sizes = f" ({facts[split].iloc[0]} samples per seed)" if split in facts and len(facts) else ""
    return f"{split} split{sizes}"
