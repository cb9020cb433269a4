"""Error of a learned log-partition during training, for models whose exact log-partition is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.core.errors import UserError
from ebmbench.reporting.figures.course_panels import Quantity, course_panels
from ebmbench.reporting.figures.courses import STEPS, course
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.style import save, styled

__all__ = ["LogPartitionError"]

#: column of c - A, and the drawn column of its absolute value
SIGNED = "log_partition_error"
SIZE = Quantity("log_partition_error_size", "error of log-partition\n|c − A| (nats), lower is better")


@dataclass(frozen=True)
class LogPartitionError:
    """|c - A| in nats against steps of the optimiser, both logarithmic: one panel per data set, one curve per method.

    A = log E_b exp(-E) is exact, c is the value that the loss uses for it (Arbel, Zhou and Gretton 2021). A curve is
    the median over the seeds with status ok, the band spans their smallest and largest value. Methods without an exact
    A are left out. ``title`` is shown above the panels.
    """

    title: str = ""

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Draw from curves.csv and runs.csv; raises :class:`ebmbench.core.errors.UserError` if no cell has c - A."""
        drawn = errors(inputs.table("curves"), inputs.table("runs"))
        with styled():
            save(course_panels(inputs, drawn, STEPS, SIZE, self.title), drawn, stem)


def errors(curves: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the training curves of |c - A| and c - A against steps, medians over seeds: one row per (cell, step).

    Raises :class:`UserError` if no row of ``curves`` has c - A.
    """
    axes = list(AXES)
    held = curves[curves[SIGNED].notna()] if SIGNED in curves else curves[:0]
    if held.empty:
        reported = "allowed: losses kale_f and kale_dv with family gebm_combined"
        raise UserError(f"figure log_partition_error: it shows no cell with {SIGNED} in curves.csv; {reported}")
    runs = runs.merge(held[axes].drop_duplicates(), on=axes)
    held = held.assign(**{SIZE.column: held[SIGNED].abs()})
    size, signed = (course(held, runs, STEPS, column, "median") for column in (SIZE.column, SIGNED))
    return size.merge(signed, how="outer")
