"""Exact fits of misspecified models on a line by energy discrepancy, between score matching and maximum likelihood."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ebmbench.core.ranges import AtLeastTwo, PositiveFloat, PositiveInt, check_ranges
from ebmbench.experiments.interface import Tables
from ebmbench.experiments.line import (
    DensityOnLine,
    denoising_score_matching,
    judged,
    maximum_likelihood,
    score_matching,
)
from ebmbench.experiments.line_examples import EXAMPLES, HALF
from ebmbench.experiments.line_losses import energy_discrepancy, noise_contrast, sampled_discrepancy
from ebmbench.experiments.newton import least
from ebmbench.inference.exponential_tilting import project

__all__ = ["DiscrepancyTime"]

#: largest variance of denoising score matching's noise: beyond it, the fit targets another distribution than the data's
NOISE = 1.0

#: noise points per data point
RATIOS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

#: study of finitely many negatives: example, t, stabilisers, and a wider line with its number of cells
SAMPLED, T, WEIGHTS, WIDE, WIDE_CELLS = "wrong_network", 4.0, (0.0, 0.5, 1.0, 2.0), 16.0, 241


class Setting(NamedTuple):
    """A loss at one value of one of its settings, and its minimiser ``eta: (K,)``."""

    loss: str
    setting: str
    value: float
    eta: Tensor


@dataclass(frozen=True)
class DiscrepancyTime:
    """Mismatch of statistics and KL of exponential tilts on a line, by the loss that fits the tilt.

    Data: .7 N(-2, .7^2) + .3 N(1.5, 1). ``polynomials``: no network and T = (x, .., x^4); ``wrong_network``: two equal
    modes that are too wide, and T = (x, x^2, sigmoid(2x)); neither model contains the data distribution. All losses are
    sums over ``cells`` cells, without sampling: maximum likelihood, score matching, denoising score matching at several
    sigma, energy discrepancy at ``times`` values of t between ``shortest`` and ``longest`` (variances), and
    noise-contrastive estimation against its ratio k, with normal noise that has the data's mean and variance.

    ``mismatch``: a row per statistic, (E_p T - E_q T) / sd_q T. ``divergence``: a row per fit, KL(q || p) in nats, its
    decrease by the tilt p* of p to E_q T, ``gained`` = KL(q || p) - KL(q || p*), and the equal quantity ``gain`` =
    KL(p* || p). ``negatives``: energy discrepancy as it is estimated, with M = 1, 2, 4, .. up to ``most`` negatives and
    stabiliser w at t = 4, for data from the model class (``own``: the model of maximum likelihood) and for the actual
    data (``given``); ``failed`` if the loss has no minimum   (losses: Schröder et al. 2023; Vincent 2011; Gutmann and
    Hyvarinen 2010; the study is ours).
    """

    cells: AtLeastTwo = 601
    times: AtLeastTwo = 25
    shortest: PositiveFloat = 1e-3
    longest: PositiveFloat = 30.0
    most: PositiveInt = 64

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.shortest >= self.longest:
            raise ValueError(f"shortest = {self.shortest:g}; allowed: below longest = {self.longest:g}")
        if 2 * HALF / (self.cells - 1) > math.sqrt(self.shortest):
            fewest = math.ceil(2 * HALF / math.sqrt(self.shortest)) + 1
            raise ValueError(f"cells = {self.cells}; allowed: {fewest} or more at shortest = {self.shortest:g}")

    def run(self, generator: torch.Generator) -> Tables:
        """Return the three tables by name; ``generator`` is not used."""
        mismatch: list[dict[str, Any]] = []
        divergence: list[dict[str, Any]] = []
        for name, example in EXAMPLES.items():
            line = example.line(HALF, self.cells)
            for fit in self._fits(line):
                at = {"example": name, "loss": fit.loss, "setting": fit.setting, "value": fit.value}
                mismatch += [at | row for row in _mismatches(line, fit.eta, example.statistics)]
                divergence.append(at | _divergence(line, fit.eta))
        negatives = pd.DataFrame(self._negatives())
        return {"mismatch": pd.DataFrame(mismatch), "divergence": pd.DataFrame(divergence), "negatives": negatives}

    def _fits(self, line: DensityOnLine) -> Iterator[Setting]:
        best = maximum_likelihood(line)
        yield Setting("ml", "", math.nan, best)
        yield Setting("sm", "", math.nan, score_matching(line))
        times = np.geomspace(self.shortest, self.longest, self.times).tolist()
        for t in times:
            yield Setting("ed", "t", t, least(energy_discrepancy(line, t), best))
        for sigma in (math.sqrt(t) for t in times if t <= NOISE):
            yield Setting("dsm", "sigma", sigma, denoising_score_matching(line, sigma))
        start = torch.cat([best, -torch.logsumexp(line.T @ best - line.U, 0)[None]])
        for k in RATIOS:
            yield Setting("nce", "k", k, least(noise_contrast(line, _normal(line), k), start)[:-1])

    def _negatives(self) -> Iterator[dict[str, Any]]:
        make, statistics = EXAMPLES[SAMPLED]
        given = make(WIDE, WIDE_CELLS)
        best = maximum_likelihood(given)
        for data, line in (("own", given._replace(log_q=given.log_p(best))), ("given", given)):
            for M in (2**power for power in range(self.most.bit_length())):
                for w in WEIGHTS:
                    at = {"example": SAMPLED, "data": data, "t": T, "M": M, "w": w}
                    try:
                        eta, status, reason = least(sampled_discrepancy(line, T, M, w), best), "ok", ""
                    except ArithmeticError as error:
                        eta, status, reason = torch.full_like(best, math.nan), "failed", str(error)
                    kl = {"kl": judged(line, eta).kl, "status": status, "reason": reason}
                    yield from (at | row | kl for row in _mismatches(line, eta, statistics))


def _mismatches(line: DensityOnLine, eta: Tensor, statistics: tuple[str, ...]) -> list[dict[str, Any]]:
    found = zip(statistics, eta.tolist(), judged(line, eta).mismatch.tolist(), strict=True)
    return [{"statistic": name, "eta": own, "mismatch": value} for name, own, value in found]


def _divergence(line: DensityOnLine, eta: Tensor) -> dict[str, float]:
    """Compute KL and both sides of KL(q || p) - KL(q || p*) = KL(p* || p)."""
    kl = judged(line, eta).kl
    tilt = project(line.T, line.log_p(eta), line.q @ line.T)
    return {"kl": kl, "gained": kl - judged(line, eta + tilt.eta).kl, "gain": tilt.gain}


def _normal(line: DensityOnLine) -> Tensor:
    """Compute the log-density of N(mean, variance of the data), up to a constant, ``(n,)``."""
    mean = line.q @ line.x
    return -0.5 * (line.x - mean).square() / (line.q @ (line.x - mean).square())
