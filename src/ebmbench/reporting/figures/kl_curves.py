"""Exact KL divergence during training, against a cost."""

from __future__ import annotations

from pathlib import Path

from ebmbench.reporting.figures.course_panels import Quantity, course_panels
from ebmbench.reporting.figures.courses import CostAxis, course
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.style import save, styled

KL = Quantity("kl", "KL(data || model) (nats), lower is better")


def kl_curves(inputs: Inputs, cost: CostAxis, title: str, stem: Path) -> None:
    """Plot KL(data || model) in nats against ``cost``, both logarithmic: one panel per data set, one curve per method.

    A curve is the mean over the seeds with status ok, the band spans their smallest and largest value; the curve is
    dotted where not all of these seeds were still training. A method with cost 0 is a line across the panel. Means
    below :data:`ebmbench.reporting.figures.courses.LEAST` are not drawn; data sets without a known density are left
    out.
    """
    drawn = course(inputs.table("curves"), inputs.table("runs"), cost, KL.column)
    with styled():
        save(course_panels(inputs, drawn, cost, KL, title), drawn, stem)
