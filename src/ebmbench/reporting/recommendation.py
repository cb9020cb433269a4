"""Which method fits a table: the group of the best by held-out likelihood, a recommendation, its reasons and limits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ebmbench.core.cells import Cell
from ebmbench.core.columns import MODEL
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.best_methods import best_methods
from ebmbench.reporting.comparison.column_results import UNTRAINED
from ebmbench.reporting.comparison.columns import Column
from ebmbench.reporting.comparison.controls import ORACLE
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.paired import Paired, paired
from ebmbench.reporting.comparison.ranking import Method
from ebmbench.reporting.markdown import markdown
from ebmbench.reporting.number_text import interval_text, number_text

#: what methods are chosen by, and what tells of their samples
LIKELIHOOD = Column("nll", "test", MODEL)
DISTANCE = Column("energy_distance", "test", MODEL)

_ABOUT = (
    "Mean over the seeds, each with a split of its own, ± half the 95 % interval; lower is better everywhere. NLL: "
    "negative log-likelihood of held-out rows in nats, in whitened coordinates, so that differences are those in the "
    "table's own units. Bold: statistically tied with the best likelihood. Energy distance: of the model's samples "
    "from held-out rows; that of the oracle, which are other rows of the table, is what remains by chance. Seconds: "
    "training and sampling of one seed. Failed: seeds without a likelihood, which keep a method out of the group of "
    "the best."
)


class Recommendation(NamedTuple):
    """The recommended ``cell`` and its results folder, the methods tied with the best, and the ``page`` in Markdown."""

    cell: Cell
    results: Path
    tied: list[Method]
    page: str


class Tables(NamedTuple):
    """Tables of a grid on one data set: scores.csv, summary.csv and cost.csv."""

    scores: pd.DataFrame
    summary: pd.DataFrame
    cost: pd.DataFrame

    @classmethod
    def of(cls, results: Path, dataset: str) -> Tables:
        """Read the rows of ``dataset`` in the tables of the results folder of a grid."""
        tables = (read_typed(results / "tables" / f"{name}.csv") for name in cls._fields)
        return cls(*(table[table["dataset"] == dataset] for table in tables))

    def mean(self, column: Column) -> pd.DataFrame:
        """Return the rows of the summary for a column, by method."""
        return column.rows(self.summary).set_index(["family", "loss", "stats"])

    def gap(self, column: Column, method: Method, other: Method) -> Paired:
        """Return by how much a method's value is above another's, paired by seed."""
        rows = column.rows(self.scores[self.scores["status"] == "ok"])
        values = rows.pivot(index="seed", columns=["family", "loss", "stats"], values="value").astype(float)
        return paired(values[method], values[other])


class ShorterRun(NamedTuple):
    """The results folder of the same grid with one ``multiple``-th of the training steps."""

    results: Path
    multiple: int


def recommend(dataset: str, results: Path, before: ShorterRun | None = None) -> Recommendation:
    """Recommend a method for ``dataset`` from the results of a grid, and write the page about it.

    It is the method with the lowest mean negative log-likelihood of held-out rows among those that are statistically
    tied with the best (:func:`~ebmbench.reporting.comparison.best_methods.best_methods`). ``before`` tells what a
    larger budget has gained. Raises :class:`UserError` if no method has a likelihood on two seeds.
    """
    tables = Tables.of(results, dataset)
    likelihood = tables.mean(LIKELIHOOD)
    trained = likelihood[(likelihood.index.get_level_values("loss") != "none") & (likelihood["seeds"] > 0)]
    group = best_methods(tables.scores, LIKELIHOOD)
    tied = sorted(group, key=lambda method: float(trained.loc[method, "mean"]))
    if not tied:
        raise UserError(f"{dataset}: no method has a likelihood on two seeds; see {results / 'tables/failures.md'}")
    cell = Cell(dataset, *tied[0])
    parts = [
        _first_lines(cell, tied, trained, tables),
        "## Why\n\n" + _listed(_reasons(tied, trained, tables)),
        "## What it does not say\n\n" + _listed(_limits(tied, trained, tables) + _improving(dataset, trained, before)),
        "## Use it\n\n" + _use(cell, results),
        "#" + markdown("All methods", _ABOUT, _table(tied, likelihood, tables)),
    ]
    return Recommendation(cell, results, tied, "\n\n".join(part.strip() for part in parts) + "\n")


def _first_lines(cell: Cell, tied: Sequence[Method], trained: pd.DataFrame, tables: Tables) -> str:
    best = method_label(*tied[0])
    lines = [
        f"# Which method fits {cell.dataset}?",
        f"**{best}**, with {_mean(trained.loc[tied[0]])} nats per held-out row.",
    ]
    others = [method_label(*method) for method in tied[1:]]
    if others:
        lines.append(f"Statistically tied with it: {', '.join(others)}.")
        lines += _cheapest(tied, tables)
    else:
        lines.append(f"No other of {len(trained)} methods is statistically tied with it.")
    return "\n\n".join([*lines, *_nearer_samples(tied[0], tables)])


def _cheapest(tied: Sequence[Method], tables: Tables) -> list[str]:
    """Name the cheapest method of the tied group, without those that are worse than the first seed by seed."""
    gaps = {method: tables.gap(LIKELIHOOD, method, tied[0]) for method in tied[1:]}
    level = [tied[0], *(method for method, gap in gaps.items() if not gap.ci_low > 0)]
    cheapest = min(level, key=lambda method: _seconds(tables, method))
    if cheapest == tied[0]:
        return []
    gap = gaps[cheapest]
    return [
        f"The cheapest of those that are not worse in a comparison seed by seed is {method_label(*cheapest)}: "
        f"{_seconds(tables, cheapest):.1f} s per seed against {_seconds(tables, tied[0]):.1f} s, and "
        f"{interval_text(gap.mean, gap.ci_high - gap.mean)} nats more."
    ]


def _nearer_samples(best: Method, tables: Tables) -> list[str]:
    """Name the method for samples where those of the recommended one are not tied with the nearest to the data."""
    nearest, distance = best_methods(tables.scores, DISTANCE), tables.mean(DISTANCE)
    if not nearest or best in nearest or best not in distance.index:
        return []
    other = min(nearest, key=lambda method: float(distance.loc[method, "mean"]))
    return [
        f"**For samples rather than likelihoods: {method_label(*other)}**, whose samples are at an energy distance of "
        f"{_mean(distance.loc[other])} from held-out rows; those of {method_label(*best)}, at "
        f"{_mean(distance.loc[best])}, are statistically farther."
    ]


def _reasons(tied: Sequence[Method], trained: pd.DataFrame, tables: Tables) -> list[str]:
    margin = described(LIKELIHOOD.metric).margin_text
    found = [
        f"Lowest mean held-out NLL of {len(trained)} trained methods. A method is tied with the best if it is not "
        f"shown, at level .05, to be behind any other by more than {margin}."
    ]
    gaussian = [method for method in trained.index if method[0] == "gaussian"]
    if gaussian and gaussian[0] != tied[0]:
        gain = float(trained.loc[gaussian[0], "mean"] - trained.loc[tied[0], "mean"])
        found.append(f"A Gaussian with the table's covariance is {number_text(gain, 2)} nats worse per row.")
    distance = tables.mean(DISTANCE)
    oracle = [method for method in distance.index if method[0] == ORACLE]
    if tied[0] in distance.index and oracle:
        own, other = (_mean(distance.loc[method]) for method in (tied[0], oracle[0]))
        found.append(f"Energy distance of its samples from held-out rows: {own}; other rows of the table have {other}.")
    return found


def _limits(tied: Sequence[Method], trained: pd.DataFrame, tables: Tables) -> list[str]:
    rows = tables.scores[(tables.scores["metric"] == LIKELIHOOD.metric) & (tables.scores["split"] == LIKELIHOOD.split)]
    seeds, held_out = int(trained["seeds"].max()), int(rows["n"].max())
    found = [
        f"{seeds} seeds with {held_out:,} held-out rows each: differences within the intervals are not decided.",
        f"Chosen and reported on the same held-out rows: the best of {len(trained)} looks better than it is, by about "
        "its interval at most.",
    ]
    failed = [f"{method_label(*method)} ({row.failures})" for method, row in trained.iterrows() if row.failed]
    if failed:
        found.append(f"Seeds without a likelihood: {', '.join(failed)}.")
    if any(method[0] == "ebm" for method in tied):
        found.append("Likelihoods of energy-based models rest on an estimate of log Z, whose error is in scores.csv.")
    return found


def _improving(dataset: str, trained: pd.DataFrame, before: ShorterRun | None) -> list[str]:
    """Say which methods gained or lost more than the margin by the larger budget, and so may by a still larger one."""
    if before is None:
        return ["The time allowed one short run only, with settings as configured; a longer one may change the order."]
    shorter = Tables.of(before.results, dataset).mean(LIKELIHOOD)
    margin = described(LIKELIHOOD.metric).scale.margin
    gains = {
        method: float(shorter.loc[method, "mean"] - row["mean"])
        for method, row in trained.iterrows()
        if method in shorter.index
    }
    gained, lost = (
        [
            f"{method_label(*method)} ({number_text(sign * gain, 2)})"
            for method, gain in gains.items()
            if sign * gain > margin
        ]
        for sign in (1, -1)
    )
    still = f"still gained, in nats: {', '.join(gained)}; more may change the order."
    found = [
        "Settings are the best of a few trials per trained method, by the likelihood of validation rows.",
        f"{before.multiple} times the training "
        + (still if gained else f"gained no method more than {margin:g} nats."),
    ]
    if lost:
        found.append(f"Better after the shorter first run, in nats: {', '.join(lost)}; its tables are beside these.")
    return found


def _table(tied: Sequence[Method], likelihood: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    distance = tables.mean(DISTANCE)
    shown = [method for method in distance.index if method[0] == ORACLE] + list(
        likelihood[likelihood.index.get_level_values("loss") != "none"].sort_values("mean").index
    )
    rows = []
    for method in shown:
        known = method in likelihood.index and likelihood.loc[method, "seeds"] > 0
        text = _mean(likelihood.loc[method]) if known else ""
        has = method in distance.index and distance.loc[method, "seeds"] > 0
        rows.append(
            {
                "method": method_label(*method),
                "NLL (nats)": f"**{text}**" if method in tied else text,
                "energy distance": _mean(distance.loc[method]) if has else "",
                "seconds": f"{_seconds(tables, method):.1f}",
                "failed": int(likelihood.loc[method, "failed"]) if method[1] != UNTRAINED else "",
            }
        )
    return pd.DataFrame(rows)


def _use(cell: Cell, results: Path) -> str:
    run = results / "runs" / cell.dataset / cell.method
    return (
        f"    ebmbench sample {run} -n 1000 --out samples.csv\n\n"
        "or in Python, in the table's own units and columns:\n\n"
        "    import ebmbench\n\n"
        f'    model = ebmbench.load_run("{run}", seed=0)\n'
        "    model.sample(1000)\n"
        "    model.log_prob(rows)\n\n"
        f"All tables of the comparison: {results / 'tables/README.md'}"
    )


def _mean(row: pd.Series) -> str:
    return interval_text(float(row["mean"]), float(row["ci_high"] - row["mean"]))


def _seconds(tables: Tables, method: Method) -> float:
    cost = tables.cost.set_index(["family", "loss", "stats"]).loc[method]
    return float(cost[["train_seconds", "sampling_seconds"]].astype(float).fillna(0.0).sum())


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"* {line}" for line in lines)
