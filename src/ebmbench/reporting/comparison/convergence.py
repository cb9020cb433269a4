"""Which runs had converged at the end of their budget, by exact KL along their training curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.core.columns import MODEL
from ebmbench.evaluation.metrics.registry.scale import NATS
from ebmbench.reporting.comparison.columns import Column, heading
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.readers_table import BOLD

#: a run has converged if its KL fell by less than this fraction over the last doubling of its budget
FALL = 0.05

#: the checkpoint that stands for half of the budget has spent a fraction between these
HALF = (0.4, 0.6)

#: shown in a field of KL whose runs had mostly not converged
SIGN = "§"

#: caption of every table with the sign
LEGEND = (
    f"{SIGN} means that half of the cell's runs or more had not converged: their KL still fell by {FALL:.0%} or more "
    "over the last doubling of the budget; summary.csv has the fraction that had."
)

_RUN = [*AXES, "seed"]
_KL = Column("kl", "exact", MODEL)


class Fall(NamedTuple):
    """KL over the last doubling of a run's budget: at ``half`` of it and at its ``end``, in nats."""

    half: float
    end: float

    @property
    def converged(self) -> bool:
        """Whether KL fell by less than :data:`FALL`; one of 0 or less, by the error of the quadrature, cannot fall."""
        return self.half <= 0 or 1 - self.end / self.half < FALL

    @property
    def nats(self) -> float:
        """By how much KL fell."""
        return self.half - self.end


def last_doublings(curves: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return for each run that ended with status ok whether it had ``converged``, and ``kl_fall``, by cell and seed.

    Compared are the last checkpoint and the one that is nearest to half of its cost (energy and gradient evaluations,
    or steps where nothing was counted). Left out are runs without a KL along the curve, or without a checkpoint within
    :data:`HALF` of the cost.
    """
    ended = runs.loc[runs["status"] == "ok", _RUN]
    known = curves[curves["kl"].notna()].merge(ended, on=_RUN)
    found = {key: _fall(course.sort_values("step")) for key, course in known.groupby(_RUN, sort=True)}
    falls = {key: fall for key, fall in found.items() if fall is not None}
    index = pd.MultiIndex.from_frame(pd.DataFrame(list(falls), columns=_RUN))
    converged = pd.Series([fall.converged for fall in falls.values()], index=index, dtype=bool)
    nats = pd.Series([fall.nats for fall in falls.values()], index=index, dtype=float)
    return pd.DataFrame({"converged": converged, "kl_fall": nats})


def _fall(course: pd.DataFrame) -> Fall | None:
    cost = (course["energy_evaluations"] + course["gradient_evaluations"]).astype(float)
    spent = cost if cost.iloc[-1] > 0 else course["step"].astype(float)
    fractions = (spent / spent.iloc[-1]).to_numpy() if spent.iloc[-1] > 0 else [1.0]
    nearest = min(range(len(fractions)), key=lambda place: abs(fractions[place] - 0.5))
    if not HALF[0] <= fractions[nearest] <= HALF[1]:
        return None
    return Fall(float(course["kl"].iloc[nearest]), float(course["kl"].iloc[-1]))


def with_convergence(summary: pd.DataFrame, doublings: pd.DataFrame) -> pd.DataFrame:
    """Return a summary with two columns, empty where :func:`last_doublings` has nothing.

    ``converged``: the fraction of the cell's runs that had; ``kl_fall``: the median of their falls of KL, in nats.
    """
    cells = doublings.groupby(level=list(AXES))
    found = pd.DataFrame(
        {"converged": cells["converged"].mean().astype(float), "kl_fall": cells["kl_fall"].median().astype(float)}
    )
    return summary.join(found, on=list(AXES))


def marked(table: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """Return a reader's table of one data set with :data:`SIGN` behind the KL of cells that had not converged."""
    name = heading(_KL)
    unconverged = summary[summary["converged"] <= 0.5][list(AXES[1:])].drop_duplicates()
    labels = {method_label(*method) for method in unconverged.itertuples(index=False, name=None)}
    if name not in table:
        return table
    fields = [
        _with_sign(text) if method in labels else text
        for method, text in zip(table["method"], table[name], strict=True)
    ]
    return table.assign(**{name: fields})


def _with_sign(text: str) -> str:
    if not text or text.startswith("—"):
        return text
    inner = text.removesuffix(BOLD)
    return f"{inner} {SIGN}{text[len(inner) :]}"


def legend(table: pd.DataFrame) -> str:
    """Return :data:`LEGEND` if a field of a reader's table shows the sign, otherwise an empty text."""
    return LEGEND if any(SIGN in str(text) for text in table.get(heading(_KL), [])) else ""


def sentence(summary: pd.DataFrame) -> str:
    """Return how many cells had converged, and in how many KL hardly fell in nats; empty if this is known of none."""
    cells = summary.drop_duplicates(list(AXES)).dropna(subset=["converged"])
    if not len(cells):
        return ""
    count, small = int((cells["converged"] > 0.5).sum()), int((cells["kl_fall"] < NATS).sum())
    return (
        f"{count} of {len(cells)} cells with a known density had converged: in most of their runs KL fell by less than "
        f"{FALL:.0%} over the last doubling of the budget. In {small} it fell by less than {NATS} nats (median)."
    )


def between_rungs(low: Mapping[str, float], high: Mapping[str, float], doublings: float) -> dict[str, bool]:
    """Return which methods had converged between two rungs, given their KL or another positive error at both.

    Converged is a fall of less than :data:`FALL` at each of ``doublings`` doublings of the budget.
    """
    least = (1 - FALL) ** doublings
    return {name: high[name] > least * low[name] for name in low if name in high and low[name] > 0}
