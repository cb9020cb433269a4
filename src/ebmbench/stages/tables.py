"""The tables that a reader opens: summary.csv, one table a data set as Markdown and LaTeX, and the costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ebmbench.files import read_json, write_csv, write_text
from ebmbench.metrics.table import metric as described
from ebmbench.rows import read_typed
from ebmbench.tables import TAIL, columns_of, cost, method_label, readers_table, summarise

#: what LaTeX would read as a command, and how it is written
_TEX = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "±": r"$\pm$",
    "·": r"$\cdot$",
    "—": "---",
    "²": r"$^2$",
}

_PERCENT = f"{100 * (1 - TAIL):g} %"

_FILES = (
    ("summary.csv", "means over seeds with intervals, one row a cell, split and metric"),
    ("cost.csv, cost.md", "time, evaluations and memory of each cell"),
    ("scores.csv", "every value of every run"),
    ("runs.csv", "what each run cost, how it was evaluated, and where it was made"),
    ("statistics.csv", "the mismatch of each statistic in each run"),
    ("curves.csv", "the course of each training"),
    ("skipped.csv", "combinations that the configuration leaves out, with the reason"),
)


def write(tables: Path, data_files: Sequence[Path]) -> None:
    """Read scores.csv and runs.csv in ``tables`` and write the reader's tables beside them.

    ``data_files`` are the JSON files of the data sets; those of one data set may be several (one a block of
    seeds). The files written are summary.csv, cost.csv, cost.md, README.md, and {dataset}.md and
    {dataset}.tex for each data set in the scores.
    """
    scores = read_typed(tables / "scores.csv")
    summary = summarise(scores)
    facts: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(data_files):
        content = read_json(path)
        facts.setdefault(content["dataset"], []).append(content)
    write_csv(tables / "summary.csv", summary)
    sections = []
    for dataset, part in summary.groupby("dataset", sort=True):
        table, about = readers_table(part), caption(part, facts.get(dataset, []))
        sections.append(markdown(dataset, about, table))
        write_text(tables / f"{dataset}.md", sections[-1])
        write_text(tables / f"{dataset}.tex", latex(dataset, about, table))
    write_text(tables / "README.md", _index(summary, sections))
    _write_cost(tables)


def caption(summary: pd.DataFrame, facts: Sequence[dict[str, Any]]) -> str:
    """What the numbers of a data set's table are: interval, seeds, coordinates, splits, order."""
    runs = summary["seeds"] + summary["failed"]
    seeds = f"{runs.max()}" if runs.min() == runs.max() else f"{runs.min()} to {runs.max()}"
    columns = columns_of(summary)
    splits = dict.fromkeys(split for _, split in columns)
    where = "; ".join(f"{', '.join(n for n, s in columns if s == split)}: {_split(split, facts)}" for split in splits)
    better = [name for name, _ in columns if described(name).direction == "lower"]
    order = f"Sorted by {columns[0][0]}. " if columns else ""
    return (
        f"Mean over seeds ± half the width of the {_PERCENT} Student-t interval over seeds (no interval with one "
        f"seed); {seeds} seed{'' if seeds == '1' else 's'} a method. Runs without a value are counted in "
        f"brackets and are not in the mean; — means that no run has a value. {_coordinates(facts)}"
        f"Splits: {where}. Lower is better for {', '.join(better)}. {order}"
    ).strip()


def markdown(title: str, about: str, table: pd.DataFrame) -> str:
    """A page: the title, the caption and the table."""
    body = table.to_markdown(index=False, disable_numparse=True)
    return f"# {title}\n\n{about}\n\n{body}\n"


def latex(label: str, about: str, table: pd.DataFrame) -> str:
    """A ``table`` environment with booktabs rules and everything escaped."""
    lines = [" & ".join(escape(str(field)) for field in row) + r" \\" for row in table.itertuples(index=False)]
    header = " & ".join(escape(name) for name in table.columns) + r" \\"
    return "\n".join(
        [
            "% needs \\usepackage{booktabs}",
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{escape(label)}. {escape(about)}}}",
            rf"\label{{tab:{label}}}",
            rf"\begin{{tabular}}{{{'l' * len(table.columns)}}}",
            r"\toprule",
            header,
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def escape(text: str) -> str:
    """``text`` as LaTeX prints it literally."""
    return "".join(_TEX.get(sign, sign) for sign in text)


def _coordinates(facts: Sequence[dict[str, Any]]) -> str:
    """Dimension, coordinates, and the constant that takes nll back to the original ones."""
    if not facts:
        return ""
    told = str(facts[0].get("facts", {}).get("coordinates", "as the data set gives them")).rstrip(".")
    text = f"D = {facts[0]['dim']}; coordinates: {told}. "
    shifts = pd.Series([shift for block in facts for shift in block["log_det"].values()], dtype=float)
    if shifts.any():
        text += (
            "Values in nats and distances are in these coordinates: subtract log_det = "
            f"{shifts.mean():.4g} (mean over seeds) from nll for the original ones. "
        )
    return text


def _split(split: str, facts: Sequence[dict[str, Any]]) -> str:
    if split == "exact":
        return "integrated over the known density"
    sizes = {size[("train", "val", "test").index(split)] for block in facts for size in block["sizes"].values()}
    rows = f" ({' or '.join(str(size) for size in sorted(sizes))} rows a seed)" if sizes else ""
    return f"{split} split{rows}"


def _index(summary: pd.DataFrame, sections: Sequence[str]) -> str:
    links = "\n".join(f"* [{name}]({name}.md), [LaTeX]({name}.tex)" for name in sorted(set(summary["dataset"])))
    files = "\n".join(f"* {names}: {what}" for names, what in _FILES)
    return "\n".join(["# Results", "", links, "", files, "", *(f"#{section}" for section in sections)])


def _write_cost(tables: Path) -> None:
    costs = cost(read_typed(tables / "runs.csv"))
    write_csv(tables / "cost.csv", costs)
    labels = [method_label(row.family, row.loss, row.stats) for row in costs.itertuples()]
    numbers = costs.drop(columns=["family", "loss", "stats", "train_cpu_seconds"])
    numbers.insert(1, "method", labels)
    shown = numbers.apply(lambda column: column.map(_short)).rename(columns=lambda name: name.replace("_", " "))
    about = (
        "Medians over the runs whose training ended with status ok; failed counts the others. Seconds are "
        "wall-clock on the machine named in runs.csv, one thread a run, training and sampling (with the "
        "likelihood) apart. An evaluation is one of the energy, or of its gradient with respect to x, at one "
        "point. Memory is the peak of the training process in MB (10^6 bytes); seeds that share a process share "
        "its peak. No direction is scored."
    )
    write_text(tables / "cost.md", markdown("Cost", about, shown))


def _short(value: Any) -> str:
    """Whole numbers from 100 on, with thousands marked; three significant digits below; empty if missing."""
    if not isinstance(value, float):
        return str(value)
    if pd.isna(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
