"""Stage that compares literature results with those of the grid: literature.csv and literature.md."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ebmbench.core.csv_schema import read_typed
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.literature import matched_with_runs, read_literature
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.readers_table import cell_text
from ebmbench.reporting.markdown import write_both

_ABOUT = (
    "Literature results listed next to our results for the same data set, construction, loss and metric. ours: mean "
    "over seeds ± half the width of the 95 % interval over seeds. The published runs use other splits, steps and "
    "versions, and mostly one seed without an error, so a difference is not evidence. min, max and mean are over the "
    "epochs of a training run, last is its end. Sources: results/published."
)


def write_literature_comparison(tables: Path, folder: Path, schema: Path) -> None:
    """Compare summary.csv in ``tables`` with the literature results in ``folder``; write literature.csv and .md."""
    found = matched_with_runs(read_typed(tables / "summary.csv"), read_literature(folder, schema))
    write_both(tables / "literature", found, "Literature results next to ours", _ABOUT, _shown(found))


def _shown(found: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "data set": row["dataset"],
            "method": method_label(row["family"], row["loss"], "none"),
            "metric": row["metric"] + described(row["metric"]).in_brackets,
            "ours": cell_text(row),
            "seeds": f"{row['seeds']:g}",
            "published": f"{row['published']:g} ({row['published_what']})",
            "published by": row["source"],
            "certainty": row["certainty"],
        }
        for row in found.to_dict("records")
    )
