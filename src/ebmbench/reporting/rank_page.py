"""Page of ranks: per metric the places of the methods, the leading one against all others; by budget, by dimension."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.reporting.comparison.columns import title
from ebmbench.reporting.comparison.distance import scale_of
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.rank_blocks import LEAST
from ebmbench.reporting.comparison.rank_tables import Ranked, least_p
from ebmbench.reporting.comparison.ranking import LEVEL
from ebmbench.reporting.markdown import markdown
from ebmbench.reporting.number_text import number_text

_ABOUT = (
    "Each metric uses the largest group of data sets on which the same trained methods all ran: the largest that is "
    "big enough for a test and, if different, the largest of all. A method's value on a data set is the median over "
    "its seeds, where a run without a value ranks last, as an untrained model does. Rank 1 is best; ties have the mean "
    "of their ranks. best: data sets on which the method is first; no result: data sets on which half of its seeds or "
    "more have no value. first: fraction of bootstrap resamples of the data sets in which the method has the best mean "
    "rank; place: 95 % interval of its place over these resamples, which is too narrow with fewer than about ten data "
    "sets."
)

_PAIRS = (
    "The method with the best mean rank against each other one, by a Bayesian signed-rank test over data sets: "
    "probabilities that a typical difference is in its favour by more than {margin}, smaller than that, or in favour "
    "of the other. won and lost count data sets."
)

_BUDGET = (
    "Mean ranks by exact KL at fractions of the budget, the largest number of energy and gradient evaluations of a run "
    "on the data set. A run counts by its last checkpoint within the fraction; before its first one it ranks last."
)

_DIMENSION = (
    "Mean ranks by exact KL over the data sets of each dimension, among the methods that all of these data sets have; "
    "in brackets the geometric mean of KL in nats. Data sets per dimension: {counts}."
)


def rank_page(found: Sequence[Ranked], spent: pd.DataFrame, by_dimension: pd.DataFrame) -> str:
    """Return the page; ``spent`` and ``by_dimension`` are tables of ranks by budget and dimension, and may be empty."""
    head = f"# Ranks across data sets\n\n{_ABOUT}\n" + ("" if found else "\nNone.\n")
    sections = [head]
    for of in found:
        sections.append("#" + markdown(title(of.block.column), _about(of), _methods(of)))
        if of.block.tested:
            about, table = _PAIRS.format(margin=scale_of(of.block.column.metric).margin_text), _leading(of)
            sections.append(f"{about}\n\n{table.to_markdown(index=False, disable_numparse=True)}\n")
    if len(spent):
        sections.append("#" + markdown("kl against the budget", _BUDGET, _by_budget(spent)))
    if len(by_dimension):
        counts = by_dimension.drop_duplicates("dim").set_index("dim")["datasets"]
        about = _DIMENSION.format(counts=", ".join(f"{count} in {dim} D" for dim, count in counts.items()))
        sections.append("#" + markdown("kl by dimension", about, _by_dimension(by_dimension)))
    return "\n".join(sections)


def _methods(of: Ranked) -> pd.DataFrame:
    rows = []
    for row in of.methods.to_dict("records"):
        shown = {"method": _label(row), "mean rank": f"{row['mean_rank']:.2f}"}
        tested = {"first": f"{row['first_fraction']:.2f}", "place": f"{row['place_low']:g} to {row['place_high']:g}"}
        rows.append(shown | (tested if of.block.tested else {}) | {"best": row["best"], "no result": row["no_result"]})
    return pd.DataFrame(rows)


def _leading(of: Ranked) -> pd.DataFrame:
    """Return the rows of the leading method: the first of its pairs, which are sorted by mean rank."""
    names = {"-".join(name): method_label(*name) for name in of.block.values}
    table = of.pairs.head(len(names) - 1)
    probabilities = {name: table[name].map("{:.2f}".format) for name in ("better", "equivalent", "worse")}
    leading = _label(table.iloc[0].to_dict())
    counts = table[["won", "lost"]].assign(**probabilities)
    counts.insert(0, f"{leading} against", table["other"].map(names))
    return counts


def _by_budget(spent: pd.DataFrame) -> pd.DataFrame:
    """Return one row per method and one column per fraction, at most five, the best at the whole budget first."""
    table = _by_method(spent, "budget_fraction", "mean_rank")
    table = table[table.columns[::-1][:5][::-1]].sort_values(table.columns[-1], kind="stable")
    shown = table.map("{:.2f}".format).rename(
        columns=lambda fraction: f"1/{round(1 / fraction)}" if fraction < 1 else "1"
    )
    return shown.rename_axis(columns=None).reset_index()


def _by_dimension(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row per method and one column per dimension, the best over all dimensions first."""
    text = [f"{row.mean_rank:.2f} ({number_text(row.kl, 2)})" for row in found.itertuples()]
    order = _by_method(found, "dim", "mean_rank").mean(axis="columns").sort_values(kind="stable").index
    shown = _by_method(found.assign(text=text), "dim", "text").loc[order]
    return shown.rename(columns=lambda dim: f"{dim} D").rename_axis(columns=None).reset_index()


def _by_method(found: pd.DataFrame, column: str, value: str) -> pd.DataFrame:
    """Return one row per method, named by its label, and one column per value of ``column``."""
    labels = found.assign(method=[_label(row) for row in found[list(AXES[1:])].to_dict("records")])
    return labels.pivot(index="method", columns=column, values=value)


def _about(of: Ranked) -> str:
    block = of.block
    n, k = block.values.shape
    text = f"{n} data sets: {', '.join(block.values.index)}. "
    if block.datasets_left_out:
        text += f"Not included: {', '.join(block.datasets_left_out)}, where some of these methods did not run. "
    if not block.tested:
        few = f"Fewer than {LEAST} data sets" if n < LEAST else "Only two methods"
        return text + f"{few}: ranks only, because a test has no power with so few."
    row, apart = of.methods.iloc[0], of.pairs
    return text + (
        f"Friedman: chi^2 = {row['friedman_chi2']:.1f} with {k - 1} degrees of freedom, "
        f"p = {number_text(row['friedman_p'], 2)}. "
        f"Mean ranks that differ by {row['critical_difference']:.2f} or more are significant in Nemenyi's test at .05 "
        f"({(apart['nemenyi_p'] < LEVEL).sum()} of {len(apart)} pairs). Wilcoxon's signed-rank test with Holm's "
        f"correction finds {(apart['wilcoxon_p_holm'] < LEVEL).sum()} significant pairs; the smallest p possible with "
        f"so many data sets and pairs is {number_text(least_p(block), 2)}."
    )


def _label(row: dict[str, str]) -> str:
    return method_label(row["family"], row["loss"], row["stats"])
