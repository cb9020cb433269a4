"""How far a learned log-partition is off in the course of training, where the model knows the exact one."""

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

#: c - A, and the column of its size that is drawn
SIGNED = "log_partition_error"
SIZE = Quantity("log_partition_error_size", "error of log-partition\n|c − A| (nats), lower is better")


@dataclass(frozen=True)
class LogPartitionError:
    """|c - A| in nats against steps of the optimiser, both logarithmic: one panel a data set, one curve a method.

    A = log E_b exp(-E) is exact, c what the loss takes for it (Arbel, Zhou and Gretton 2021). A curve is the median
    over the seeds whose status is ok, the band their smallest and largest value. Methods without an exact A are left
    out. ``title`` stands above the panels.
    """

    title: str = ""

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """From curves.csv and runs.csv; raises :class:`ebmbench.core.errors.UserError` if no cell has the error."""
        drawn = errors(inputs.table("curves"), inputs.table("runs"))
        with styled():
            save(course_panels(inputs, drawn, STEPS, SIZE, self.title), drawn, stem)


def errors(curves: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """The courses of |c - A| and of c - A against steps, medians over seeds: one row a (cell, step).

    Raises :class:`UserError` if no row of ``curves`` has c - A.
    """
    axes = list(AXES)
    held = curves[curves[SIGNED].notna()] if SIGNED in curves else curves[:0]
    if held.empty:
        told = "losses kale_f and kale_dv with family gebm_combined write it"
        raise UserError(f"figure log_partition_error: no cell that it shows has {SIGNED} in curves.csv; {told}")
    runs = runs.merge(held[axes].drop_duplicates(), on=axes)
    held = held.assign(**{SIZE.column: held[SIGNED].abs()})
    size, signed = (course(held, runs, STEPS, column, "median") for column in (SIZE.column, SIGNED))
    return size.merge(signed, how="outer")
