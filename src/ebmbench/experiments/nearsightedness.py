"""Sensitivity of losses to the weights of well separated modes: loss curves and estimation errors."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import torch
from torch import Tensor

from ebmbench.core.ranges import AtLeastTwo, NonNegativeFloat, PositiveInt, check_ranges
from ebmbench.experiments import mixture
from ebmbench.experiments.mixture import LineMixture
from ebmbench.training.losses.ed import EnergyDiscrepancy

__all__ = ["Nearsightedness"]

#: smallest, largest and step of the weights at which the losses are computed
LEAST, GREATEST, STEP = 0.01, 0.98, 0.01

#: variances of the perturbation in the curves, and those in the errors
CURVES = (2.0, 4.0, 8.0, 32.0)
ERRORS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)


@dataclass(frozen=True)
class Nearsightedness:
    """Loss against the weight r of a mixture r N(-5, 1) + (1 - r) N(5, 1) whose truth is r = .2.

    ``curves``: exact losses, by quadrature, and energy discrepancy as estimated from ``rows`` samples with M = 4, w = 1
    and common random numbers, all minus their minimum. ``errors``: mean squared error of the weight that minimises the
    estimated loss on the grid, over ``repetitions`` data sets of ``sample`` samples, with the standard error of that
    mean; maximum likelihood on the same samples is the floor   (Schröder et al. 2023, figure 1).
    """

    rows: PositiveInt = 4096
    sample: PositiveInt = 1024
    repetitions: AtLeastTwo = 30
    M: PositiveInt = 4
    w: NonNegativeFloat = 1.0

    def __post_init__(self) -> None:
        check_ranges(self)

    def run(self, generator: torch.Generator) -> dict[str, pd.DataFrame]:
        """Return the two tables by name."""
        return {"curves": self._curves(generator), "errors": self._errors(generator)}

    def _curves(self, generator: torch.Generator) -> pd.DataFrame:
        truth, weights = LineMixture(), weight_grid()
        curves = {
            ("likelihood", 0.0, "exact"): mixture.expected_nll(truth, weights),
            ("fisher", 0.0, "exact"): mixture.fisher_divergence(truth, weights),
        }
        x = truth.sample(self.rows, generator)
        for t in CURVES:
            curves["ed", t, "exact"] = mixture.energy_discrepancy(truth, weights, t)
            curves["ed", t, "estimated"] = self._estimated(x, t, generator)
        rows = [
            {"loss": name, "t": t, "kind": kind, "weight": weight, "value": value}
            for (name, t, kind), curve in curves.items()
            for weight, value in zip(weights.tolist(), mixture.shifted(curve).tolist(), strict=True)
        ]
        return pd.DataFrame(rows)

    def _errors(self, generator: torch.Generator) -> pd.DataFrame:
        truth, weights = LineMixture(), weight_grid()
        squares: dict[tuple[str, float], list[float]] = {}
        for _ in range(self.repetitions):
            x = truth.sample(self.sample, generator)
            likelihood = -mixture.log_density(x, weights, truth.half_gap).mean(-1)
            estimates = {("likelihood", 0.0): likelihood}
            estimates |= {("ed", t): self._estimated(x, t, generator) for t in ERRORS}
            for key, curve in estimates.items():
                error = float(weights[curve.argmin()]) - truth.weight
                squares.setdefault(key, []).append(error**2)
        rows = []
        for (name, t), values in squares.items():
            found = torch.tensor(values, dtype=torch.float64)
            stderr = float(found.std()) / len(values) ** 0.5
            rows.append({"loss": name, "t": t, "mse": float(found.mean()), "stderr": stderr, "n": len(values)})
        return pd.DataFrame(rows)

    def _estimated(self, x: Tensor, t: float, generator: torch.Generator) -> Tensor:
        """Compute the stabilised sample loss at every weight, with the same negatives: ``(R,)``."""
        loss = EnergyDiscrepancy(t=t, M=self.M, w=self.w)
        negatives = loss.negatives(x[:, None], generator)[..., 0]
        points = torch.cat([x[:, None], negatives], 1)
        half_gap = LineMixture().half_gap
        curves = [-mixture.log_density(points, weight[None], half_gap)[0] for weight in weight_grid()]
        return torch.stack([loss.of_energies(energies) for energies in curves])


def weight_grid() -> Tensor:
    """Return the weights .01, .02, ..., .98, float64."""
    return torch.arange(LEAST, GREATEST + STEP / 2, STEP, dtype=torch.float64)
