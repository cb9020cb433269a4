"""Distance of samples to a curve, and error of their distribution along it."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.evaluation.metrics.folded import folded_mean, folded_slope

DISTANCE, TV = "manifold_distance", "manifold_tv"
NAMES = (DISTANCE, TV)

#: number of arcs of equal angle over which masses are compared
ARCS = 20

#: largest distance between a data set's curve and the polygon through its points, in data units
RESOLUTION = 1e-5

#: number of samples whose distances to the curve's points are in memory at once
ROWS = 512


class Curve(NamedTuple):
    """A closed curve as K points at equal steps of an angle, and the mass of the cells around them.

    ``points: (K, D)`` float64, K a multiple of :data:`ARCS`; ``mass: (K,)`` float64, of sum 1.
    """

    points: Tensor
    mass: Tensor

    def arcs(self) -> Tensor:
        """Return the exact masses of :data:`ARCS` runs of cells, ``(ARCS,)``."""
        return self.mass.reshape(ARCS, -1).sum(1)


class Nearest(NamedTuple):
    """``distance: (n,)`` of points to a curve, and ``cell: (n,)``, the index of the curve's point nearest to each."""

    distance: Tensor
    cell: Tensor


def nearest(curve: Curve, x: Tensor) -> Nearest:
    """Return the distances of ``x: (n, D)`` to the polygon through the curve's points, and the nearest of these.

    The polygon is within k h^2 / 8 of the curve, h the distance of two points and k the curvature: for the closed
    curves of this benchmark, with 3600 points, within :data:`RESOLUTION`.
    """
    parts = [_nearest(curve.points, rows) for rows in x.double().split(ROWS)]
    return Nearest(*(torch.cat(values) for values in zip(*parts, strict=True)))


def shares(cells: Tensor, count: int) -> Tensor:
    """Return the fraction of samples in each arc, ``(ARCS,)``, from their ``cells: (n,)`` of ``count`` in all."""
    arcs = cells.div(count // ARCS, rounding_mode="floor")
    return torch.bincount(arcs, minlength=ARCS).double() / len(cells)


def manifold(curve: Curve, x: Tensor, n_eff: float, size: int) -> dict[str, Estimate]:
    """Compute the distance of samples ``x: (n, D)`` to a curve, and the error of their distribution along it.

    ``n_eff``: effective number of independent samples.
    manifold_distance = mean_i |x_i - c_i|, c_i the curve's nearest point, in data units.
    manifold_tv = E 1/2 sum_b |q_b - p_b| over :data:`ARCS` arcs of equal angle, q_b the fraction of the c_i in arc b
    among ``size`` independent samples, p_b its exact mass. It is above 0 for samples of the exact distribution too, by
    :func:`tv_floor`. The mean is over normal errors of the variance q_b (1 - q_b) (1 / size - 1 / n_eff), which n_eff
    samples lack: so models with other numbers of samples have the same bias. It needs ``size`` of them.

    stderr: of the mean; of the total variation by the delta method, 1/2 sqrt((sum_b s_b^2 q_b - (sum_b s_b q_b)^2) /
    n_eff) with s_b the slope of the mean absolute value, between -1 and 1.
    """
    found = nearest(curve, x)
    q, p = shares(found.cell, len(curve.points)), curve.arcs()
    sd = (q * (1 - q) * max(0.0, 1 / size - 1 / n_eff)).sqrt()
    slope = folded_slope(q - p, sd)
    variance = float((slope.square() * q).sum()) - float((slope * q).sum()) ** 2
    apart = float(folded_mean(q - p, sd).sum()) / 2
    return {
        DISTANCE: Estimate(float(found.distance.mean()), float(found.distance.std()) / math.sqrt(n_eff), len(x)),
        TV: Estimate(apart, math.sqrt(max(variance, 0.0) / n_eff) / 2, size),
    }


def tv_floor(curve: Curve, n_eff: float) -> float:
    """Return the mean total variation of ``n_eff`` exact samples, sum_b sqrt(p_b (1 - p_b) / (2 pi n_eff)).

    The fractions are taken as normal.
    """
    p = curve.arcs()
    return float((p * (1 - p) / (2 * math.pi * n_eff)).sqrt().sum())


def _nearest(points: Tensor, x: Tensor) -> Nearest:
    cell = torch.cdist(x, points).argmin(1)
    here, (before, after) = points[cell], (points.roll(shift, 0)[cell] for shift in (1, -1))
    return Nearest(torch.minimum(_to_segment(x, here, before), _to_segment(x, here, after)), cell)


def _to_segment(x: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Return the distance of each point of ``x: (n, D)`` to the segment from ``a`` to ``b``, ``(n,)``."""
    along = b - a
    share = (((x - a) * along).sum(1) / along.square().sum(1)).clamp(0, 1)
    return (x - a - share[:, None] * along).norm(dim=1)
