"""Stage that writes the tables for readers: summary.csv, Markdown and LaTeX per data set, costs, and sampling."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ebmbench.core.columns import BASE, SAMPLER
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import read_json, write_csv, write_text
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison import convergence
from ebmbench.reporting.comparison.failures import failures
from ebmbench.reporting.comparison.failures import failures_page as failures_page
from ebmbench.reporting.comparison.ranking import LEVEL, best_methods
from ebmbench.reporting.comparison.sampling_table import EVALUATIONS, sampling
from ebmbench.reporting.comparison.tables import TAIL, columns_of, cost, method_label, readers_table, summarise
from ebmbench.reporting.markdown_latex import latex, markdown, write_both

_PERCENT = f"{100 * (1 - TAIL):g} %"

_LEADING = (
    "Bold: the best trained method of a column and the trained methods statistically tied with it (t-tests on "
    f"differences paired by seed, Holm's correction, level {LEVEL}; few seeds give little power). "
)

_FILES = (
    ("summary.csv", "means over seeds with intervals, one row per cell, split, metric and distribution"),
    ("sampling.csv, sampling.md", "log Z estimator, sampler and their diagnostics for each cell"),
    (
        "[paired_differences.md](paired_differences.md), paired_differences.csv",
        "all methods of each data set compared in pairs, and in words which ones the seeds cannot separate",
    ),
    ("failures.csv, failures.md", "runs that failed or diverged, the step, and the reason"),
    ("cost.csv, cost.md", "time, evaluations and memory of each cell"),
    ("scores.csv", "every value of every run"),
    ("runs.csv", "cost, evaluation and provenance of each run"),
    ("statistics.csv", "the mismatch of each statistic in each run"),
    ("curves.csv", "the training curve of each run"),
    ("skipped.csv", "combinations that the configuration excludes, with the reason"),
)


def write_tables(tables: Path, data_files: Sequence[Path]) -> None:
    """Read scores.csv, runs.csv and curves.csv in ``tables`` and write the tables for readers next to them.

    ``data_files`` are the JSON files of the data sets; a data set may have several (one per block of seeds). The
    files written are summary.csv; cost, sampling and failures as .csv and .md; README.md; and {dataset}.md and
    {dataset}.tex for each data set in the scores.
    """
    scores = read_typed(tables / "scores.csv")
    runs, curves = read_typed(tables / "runs.csv"), read_typed(tables / "curves.csv")
    summary = convergence.with_convergence(summarise(scores), convergence.converged_runs(curves, runs))
    facts: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(data_files):
        content = read_json(path)
        facts.setdefault(content["dataset"], []).append(content)
    write_csv(tables / "summary.csv", summary)
    sections = []
    for dataset, part in summary.groupby("dataset", sort=True):
        own = scores[scores["dataset"] == dataset]
        leading = {column: best_methods(own, column) for column in columns_of(part)}
        table = convergence.marked(readers_table(part, leading), part)
        about = f"{caption(part, facts.get(dataset, []))} {convergence.legend(table)}".strip()
        sections.append(markdown(dataset, about, table))
        write_text(tables / f"{dataset}.md", sections[-1])
        write_text(tables / f"{dataset}.tex", latex(dataset, about, table))
    write_text(tables / "README.md", _index(summary, sections))
    _write_cost(tables, runs)
    _write_sampling(tables, runs)
    _write_failures(tables, runs)


def caption(summary: pd.DataFrame, facts: Sequence[dict[str, Any]]) -> str:
    """Return the caption of a data set's table: interval, seeds, coordinates, splits, distributions, order."""
    runs = summary["seeds"] + summary["failed"]
    seeds = f"{runs.max()}" if runs.min() == runs.max() else f"{runs.min()} to {runs.max()}"
    columns = columns_of(summary)
    names = {split: _metrics(column.metric for column in columns if column.split == split) for _, split, _ in columns}
    where = "; ".join(f"{metrics}: {_split(split, facts)}" for split, metrics in names.items())
    lower, higher = (
        _metrics(column.metric for column in columns if described(column.metric).direction == direction)
        for direction in ("lower", "higher")
    )
    better = f"Lower is better for {lower}" + (f", higher for {higher}. " if higher else ". ")
    order = f"Sorted by {columns[0].metric}. " if columns else ""
    return (
        f"Mean over seeds ± half the width of the {_PERCENT} Student-t interval over seeds (no interval with one "
        f"seed); {seeds} seed{'' if seeds == '1' else 's'} per method. Runs without a value are excluded from "
        f"the mean and counted in parentheses; — means that no run has a value. {_coordinates(facts)}"
        f"Splits: {where}. {better}{_LEADING}{_laws(summary)}{order}"
    ).strip()


def _metrics(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _laws(summary: pd.DataFrame) -> str:
    """Explain which distribution each column is of, and at which temperature samplers ran."""
    drawn = summary[summary["law"] == SAMPLER]
    if drawn.empty:
        return ""
    based = any(column.law == BASE for column in columns_of(summary))
    text = (
        "Columns named sampler use samples from each method's declared sampler; "
        f"{'those named base use its base measure without the energy; ' if based else ''}all others, including "
        "likelihoods, use the model's own distribution. Exact samples count as both. "
    )
    warm = drawn[~drawn["beta"].isin(["", "1"])]
    for beta, rows in warm.groupby("beta"):
        methods = dict.fromkeys(method_label(row.family, row.loss, row.stats) for row in rows.itertuples())
        text += f"Sampled at inverse temperature beta = {beta}: {', '.join(methods)}. "
    return text


def _coordinates(facts: Sequence[dict[str, Any]]) -> str:
    """Describe dimension, coordinates, and the constant that converts nll to the original coordinates."""
    if not facts:
        return ""
    reported = str(facts[0].get("facts", {}).get("coordinates", "those of the data set")).rstrip(".")
    text = f"D = {facts[0]['dim']}; coordinates: {reported}. "
    shifts = pd.Series([shift for block in facts for shift in block["log_det"].values()], dtype=float)
    if shifts.any():
        text += (
            "Values in nats and distances are in these coordinates; for nll in the original coordinates, subtract "
            f"log_det = {shifts.mean():.4g} (mean over seeds). "
        )
    return text


def _split(split: str, facts: Sequence[dict[str, Any]]) -> str:
    if split == "exact":
        return "compared with the known density"
    sizes = {size[("train", "val", "test").index(split)] for block in facts for size in block["sizes"].values()}
    rows = f" ({' or '.join(str(size) for size in sorted(sizes))} samples per seed)" if sizes else ""
    return f"{split} split{rows}"


def _index(summary: pd.DataFrame, sections: Sequence[str]) -> str:
    links = "\n".join(f"* [{name}]({name}.md), [LaTeX]({name}.tex)" for name in sorted(set(summary["dataset"])))
    files = "\n".join(f"* {names}: {what}" for names, what in _FILES)
    text = convergence.sentence(summary)
    head = ["# Results", "", *([text, ""] if text else []), links, "", files, ""]
    return "\n".join([*head, *(f"#{section}" for section in sections)])


def _write_cost(tables: Path, runs: pd.DataFrame) -> None:
    costs = cost(runs)
    about = (
        "Medians over the runs whose training ended with status ok; failed counts the others. Seconds are wall-clock "
        "times on the machine named in runs.csv, one thread per run, separately for training and for sampling (with "
        "the likelihood); cpu seconds of training, next to its evaluations, do not count the machine's other work. An "
        "evaluation is one evaluation of the energy, or of its gradient with respect to x, at one point. Memory is the "
        "peak of the training process in MB (10^6 bytes); seeds in the same process have the same peak. Costs are not "
        "scored."
    )
    write_both(tables / "cost", costs, "Cost", about, _shown(costs))


def _write_sampling(tables: Path, runs: pd.DataFrame) -> None:
    table = sampling(runs)
    about = (
        "Medians over the runs whose training ended with status ok; for R-hat the worst run. log Z: standard error and "
        "estimated bias in nats if the likelihood did not fail (a bias of -.01 makes log-likelihoods .01 nats too "
        "high on average), effective fraction of the particles (in [0, 1]), and difference between "
        "the bounds in nats if exact samples allow bounds. Declared sampler: inverse temperature, step size, "
        "acceptance, root mean square drift of the total energy in nats, R-hat (1 is best; inf: chains that do not "
        "move or are not finite), effective sample size of bulk and tails, and the smaller of the two per "
        f"{EVALUATIONS:,} energy evaluations, warm-up included; more is better. Empty: not defined for the method. "
        "marks counts runs with unconverged chains or with an optimiser as sampler."
    )
    write_both(tables / "sampling", table, "Sampling", about, _shown(table))


def _write_failures(tables: Path, runs: pd.DataFrame) -> None:
    table = failures(runs)
    about = (
        "Runs that diverged, ran out of time or failed in training, and runs whose likelihood or samples failed: the "
        "step at which training ended, and the reason. Every table counts them in parentheses and excludes them from "
        "the mean."
    )
    write_both(tables / "failures", table, "Failed runs", about, failures_page(table))


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
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
