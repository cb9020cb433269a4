"""Stage that writes the tables for readers: summary.csv, Markdown and LaTeX per data set, costs, and sampling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_csv, write_text
from ebmbench.reporting import captions
from ebmbench.reporting.captions import dataset_caption
from ebmbench.reporting.comparison import convergence
from ebmbench.reporting.comparison.best_methods import best_methods
from ebmbench.reporting.comparison.columns import columns_of
from ebmbench.reporting.comparison.control_marks import marked
from ebmbench.reporting.comparison.controls import controls, failing
from ebmbench.reporting.comparison.cost_table import cost
from ebmbench.reporting.comparison.failures import failures, failures_page, metric_failures
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.readers_table import KEYS, readers_table
from ebmbench.reporting.comparison.sampling_table import sampling
from ebmbench.reporting.comparison.summary import summarise
from ebmbench.reporting.latex import latex
from ebmbench.reporting.markdown import markdown, write_both
from ebmbench.reporting.number_text import number_text
from ebmbench.workflow.stages.data_facts import NAME, data_facts

_FILES = (
    ("summary.csv", "means over seeds with intervals, one row per cell, split, metric and distribution"),
    ("sampling.csv, sampling.md", "log Z estimator, sampler and their diagnostics for each cell"),
    (
        "[paired_differences.md](paired_differences.md), paired_differences.csv",
        "all methods of each data set compared in pairs, and in words which ones the seeds cannot separate",
    ),
    (
        "[controls.md](controls.md), controls.csv",
        "whether each metric has real data among the best and tells a much simpler model from them",
    ),
    ("failures.csv, failures.md", "runs that failed or diverged, the step, and the reason"),
    ("cost.csv, cost.md", "time, evaluations and memory of each cell"),
    ("scores.csv", "every value of every run"),
    ("datasets.csv", "dimension, test examples, coordinates and log_det of each data set"),
    ("runs.csv", "cost, evaluation and provenance of each run"),
    ("statistics.csv", "the mismatch of each statistic in each run"),
    ("curves.csv", "the training curve of each run"),
    ("skipped.csv", "combinations that the configuration excludes, with the reason"),
)


def write_tables(tables: Path, data_files: Sequence[Path]) -> None:
    """Read scores.csv, runs.csv and curves.csv in ``tables`` and write the tables for readers next to them.

    ``data_files`` are the JSON files of the data sets; a data set may have several (one per block of seeds). The
    files written are datasets.csv, and those of :func:`write_readers_tables`.
    """
    facts = data_facts(data_files)
    write_csv(tables / NAME, facts)
    write_readers_tables(tables, facts)


def write_readers_tables(tables: Path, facts: pd.DataFrame) -> None:
    """Write summary.csv; cost, sampling and failures as .csv and .md; README.md; and each data set's .md and .tex.

    Reads scores.csv, runs.csv and curves.csv in ``tables``; ``facts`` is datasets.csv.
    """
    scores, runs = read_typed(tables / "scores.csv"), read_typed(tables / "runs.csv")
    curves = read_typed(tables / "curves.csv")
    summary = convergence.with_convergence(summarise(scores), convergence.last_doublings(curves, runs))
    write_csv(tables / "summary.csv", summary)
    sections = []
    for dataset, part in summary.groupby("dataset", sort=True):
        own, columns = scores[scores["dataset"] == dataset], columns_of(part)
        leading = {column: best_methods(own, column) for column in columns}
        failed = failing(controls(own, columns))
        table = convergence.marked(readers_table(part, leading), part)
        about = dataset_caption(part, facts[facts["dataset"] == dataset]).with_notes(convergence.legend(table))
        table = marked(table, [column for _, column in failed])
        sections.append(markdown(str(dataset), about.short, table, KEYS, about.notes))
        write_text(tables / f"{dataset}.md", sections[-1])
        write_text(tables / f"{dataset}.tex", latex(str(dataset), about, table))
    write_text(tables / "README.md", _index(summary, sections))
    costs, found, ended = cost(runs), sampling(runs), failures(runs)
    write_both(tables / "cost", costs, "Cost", captions.COST, _shown(costs), keys=4)
    write_both(tables / "sampling", found, "Sampling", captions.SAMPLING, _shown(found), keys=3)
    write_csv(tables / "failures.csv", ended)
    write_text(tables / "failures.md", _failures(scores, ended))


def _failures(scores: pd.DataFrame, ended: pd.DataFrame) -> str:
    metrics = markdown("Metrics without a value", captions.FAILED_METRICS, metric_failures(scores, ended))
    return f"{markdown('Failed runs', captions.FAILURES, failures_page(ended))}\n#{metrics}"


def _index(summary: pd.DataFrame, sections: Sequence[str]) -> str:
    links = "\n".join(f"* [{name}]({name}.md), [LaTeX]({name}.tex)" for name in sorted(set(summary["dataset"])))
    files = "\n".join(f"* {names}: {what}" for names, what in _FILES)
    text = convergence.sentence(summary)
    head = ["# Results", "", *([text, ""] if text else []), links, "", files, ""]
    return "\n".join([*head, *(f"#{section}" for section in sections)])


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Format a table of cells for readers: method labels replace the axes, numbers are shortened."""
    labels = [method_label(row.family, row.loss, row.stats) for row in table.itertuples()]
    shown = table.drop(columns=["family", "loss", "stats"])
    shown.insert(1, "method", labels)
    return shown.apply(lambda column: column.map(_short)).rename(columns=lambda name: name.replace("_", " "))


def _short(value: Any) -> str:
    """Format a number: whole with thousands separators from 100 on, else three significant digits; empty if missing."""
    if not isinstance(value, float):
        return str(value)
    if pd.isna(value):
        return ""
    return f"{value:,.0f}" if 100 <= abs(value) < math.inf else number_text(value, 3)
