"""How much of the distance between a base and a stronger model an energy closes."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from ebmbench.core.cells import AXES, Cell
from ebmbench.planning.comparisons import Side
from ebmbench.reporting.comparison.differences import by_seed, gain_text, verdict
from ebmbench.reporting.comparison.energy_gain import METRIC, SPLIT
from ebmbench.reporting.comparison.paired import Ratio, paired, ratio
from ebmbench.reporting.comparison.tables import interval_text, method_label

NO_SHARE = Ratio(math.nan, math.nan, math.nan, 0)


def fractions_closed(scores: pd.DataFrame, runs: pd.DataFrame, bases: Mapping[Cell, Cell], strong: str) -> pd.DataFrame:
    """One row a cell of ``bases``: test NLL of the base alone, with the energy, and of the method ``strong``.

    Each is the mean over the seeds at which the model has a likelihood, or all of its own where the model has none.
    ``gain``: base less model, ``gap``: base less ``strong``, both paired by seed with their 95 % intervals;
    ``share``: mean gain over mean gap, with Fieller's interval (:func:`ebmbench.reporting.comparison.paired.ratio`),
    empty where the gap cannot be told from 0; ``stopped``: seeds of ``seeds`` whose best model is the one before the
    first step. Data sets without the method ``strong`` have no gap.
    """
    values = {side: of for (side, name), of in by_seed(scores).items() if name == (METRIC, SPLIT)}
    untrained = _untrained(runs)
    none = pd.Series(dtype=float)
    rows = []
    for cell, base in bases.items():
        far = Cell(cell.dataset, *strong.split("-"))
        alone, own, to = (values.get(Side(of), none) for of in (base, cell, far))
        levels = {"nll_base": _mean(alone, own), "nll": own.mean(), "nll_strong": _mean(to, own)}
        stopped = sum((cell, seed) in untrained for seed in own.index)
        row = {**cell._asdict(), "base": method_label(*base[1:])} | levels | {"seeds": len(own), "stopped": stopped}
        gain, gap = paired(alone, own), paired(alone, to)
        row |= gain.columns("gain") | {"gain_pairs": gain.pairs} | gap.columns("gap") | {"gap_pairs": gap.pairs}
        closed = ratio(alone - own, alone - to) if gap.ci_low > 0 else NO_SHARE
        rows.append(row | {"share": closed.value, "share_ci_low": closed.ci_low, "share_ci_high": closed.ci_high})
    return pd.DataFrame(rows)


def gap_closed_page(table: pd.DataFrame) -> pd.DataFrame:
    """The table for a reader."""
    return pd.DataFrame([_shown(row) for row in table.to_dict("records")])


def _shown(row: dict) -> dict[str, str]:
    told = row | {"verdict": verdict(row["gain_ci_low"], row["gain_ci_high"])}
    half = row["gap_ci_high"] - row["gap"]
    share = "" if math.isnan(row["share"]) else f"{row['share']:.2f}"
    if not math.isnan(row["share_ci_low"]):
        share += f" [{row['share_ci_low']:.2f}, {row['share_ci_high']:.2f}]"
    return {
        "data set": row["dataset"],
        "method": method_label(row["family"], row["loss"], row["stats"]),
        "base": row["base"],
        "seeds": str(row["seeds"]),
        "base alone (nats)": _text(row["nll_base"]),
        "with the energy (nats)": _text(row["nll"]),
        "gain (nats)": gain_text(told) if row["gain_pairs"] else "",
        "stopped at zero": f"{row['stopped']} of {row['seeds']}",
        "gap (nats)": interval_text(row["gap"], half) if row["gap_pairs"] else "",
        "share closed": share,
    }


def _mean(values: pd.Series, own: pd.Series) -> float:
    """Over the seeds that ``own`` has, too, or over all where it has none."""
    return values[values.index.isin(own.index)].mean() if len(own) else values.mean()


def _untrained(runs: pd.DataFrame) -> set[tuple[Cell, int]]:
    """The cells and seeds whose model is as it was before the first step."""
    kept = runs[runs["train.kept_step"] == 0]
    return {(Cell(*key), seed) for *key, seed in kept[[*AXES, "seed"]].itertuples(index=False)}


def _text(value: float) -> str:
    return "—" if math.isnan(value) else f"{value:.2f}"
