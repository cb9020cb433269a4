"""Stage that reports the cost of reaching a target KL: time_to_kl.csv and time_to_kl.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ebmbench.core.csv_schema import read_typed
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.time_to_kl import KLTarget, costs, time_to_kl_page
from ebmbench.reporting.markdown import write_both

_ABOUT = (
    "Cost up to the first checkpoint with exact KL(data || model) at or below the target, over the seeds that reached "
    "it: mean ± half the width of the 95 % Student-t interval. An evaluation is one evaluation of the energy or of its "
    "gradient with respect to x, at one point; seconds are training time, one thread, all in one run. The ratio is the "
    "reference's seconds divided by the method's on the same seed, and the least ratio is the minimum over seeds. If "
    "the reference did not reach the target, its last checkpoint counts, and the ratio is a lower bound. "
)


def write_time_to_kl(targets: Mapping[str, Mapping[str, Any]], tables: Path) -> None:
    """Write both files from curves.csv and runs.csv in ``tables``.

    ``targets``: data set -> ``kl``, and ``reference``, the name of a method's folder.
    """
    goals = {name: KLTarget(goal["kl"], tuple(goal["reference"].split("-"))) for name, goal in targets.items()}
    table = costs(read_typed(tables / "curves.csv"), read_typed(tables / "runs.csv"), goals)
    references = ", ".join(f"{method_label(*goal.reference)} on {name}" for name, goal in goals.items())
    shown = table if table.empty else time_to_kl_page(table)
    write_both(tables / "time_to_kl", table, "Cost to reach a target KL", f"{_ABOUT}Reference: {references}.", shown)
