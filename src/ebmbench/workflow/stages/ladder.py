"""Stage that compares the rungs of a grid: ranks against the budget and against CPU seconds, as table and figure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_text
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.rung_ranks import RungTables, rung_ranks
from ebmbench.reporting.figures import rank_rungs
from ebmbench.reporting.markdown import markdown

_ABOUT = (
    "Mean ranks by exact KL over {datasets} data sets (medians over seeds; a run without a result ranks last) at each "
    "multiple of the budget, with the evaluations (energy and gradient) and the CPU seconds of training per run, "
    "geometric means over data sets. converged: data sets on which KL fell by less than 5 % per doubling of the budget "
    "since the multiple before. Rank 1 is best; the best at the largest budget come first."
)

_NONE = "No two methods and two data sets with an exact KL are common to all multiples of the budget."


def write_ladder(tables: Mapping[int, Path], stem: Path) -> None:
    """Write ``stem.md``, ``stem.csv``, ``stem.png`` and ``stem.pdf`` from the folders of tables of each rung."""
    read = {rung: [read_typed(path / f"{name}.csv") for name in RungTables._fields] for rung, path in tables.items()}
    found = rung_ranks({rung: RungTables(*of) for rung, of in read.items()})
    rank_rungs.draw(found, stem)
    about = _ABOUT.format(datasets=found["datasets"].iloc[0]) if len(found) else _NONE
    write_text(stem.with_suffix(".md"), markdown("Ranks by budget", about, ladder_page(found)))


def ladder_page(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row per method, and four columns for each rung, as text."""
    rows = []
    for name, of in found.groupby(list(AXES[1:]), sort=True):
        row: dict[str, object] = {"method": method_label(*name)}
        for at in of.sort_values("rung").to_dict("records"):
            row[f"rank x{at['rung']}"] = f"{at['mean_rank']:.2f}"
            row[f"evaluations x{at['rung']}"] = f"{at['evaluations']:.3g}"
            row[f"CPU s x{at['rung']}"] = f"{at['cpu_seconds']:.3g}"
            if not pd.isna(at["converged"]):
                row[f"converged x{at['rung']}"] = str(at["converged"])
        rows.append((of.sort_values("rung")["mean_rank"].iloc[-1], row))
    return pd.DataFrame([row for _, row in sorted(rows, key=lambda pair: pair[0])])
