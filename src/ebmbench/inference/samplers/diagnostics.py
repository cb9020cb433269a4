"""Whether chains have converged, and what they are worth."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ebmbench.inference.samplers.chains import Chains
from ebmbench.inference.samplers.target import Target
from ebmbench.models.blocks import in_blocks

#: chains above this are marked unconverged
LARGEST_RHAT = 1.05

#: statistics are computed over at most this many chains
CHAINS = 256


class Diagnostics(NamedTuple):
    """The worst over the coordinates and the log-density.

    ``rhat``: rank-normalised split R-hat (Vehtari et al. 2021), infinite where the chains do not move or are
    not finite; ``ess_bulk``, ``ess_tail``: effective draws of the body and of the 5 % and 95 % quantiles, of
    all chains together; ``ess_per_evaluation``: the lesser of the two for each energy evaluation, warm-up
    included; ``acceptance``, ``drift``: of the chains; ``within``: of the mean, R-hat apart.
    """

    rhat: float
    ess_bulk: float
    ess_tail: float
    ess_per_evaluation: float
    acceptance: float
    drift: float

    @property
    def converged(self) -> bool:
        """Whether R-hat is at most 1.05."""
        return self.rhat <= LARGEST_RHAT


def mark_of(kind: str, found: Diagnostics | None) -> str:
    """What a reader must know of numbers made from draws of this kind: ``optimiser``, ``unconverged`` or nothing."""
    if kind == "optimiser":
        return "optimiser"
    return "" if found is None or found.converged else "unconverged"


def log_densities(chains: Chains, target: Target) -> Tensor:
    """log pi_beta of ``target`` at every draw, beta that of the chains, up to its constant: ``(n, C)`` float64."""
    flat = chains.draws.flatten(0, 1)
    values = in_blocks(lambda z: target.log_density(z, chains.beta).double(), flat)
    return values.reshape(chains.draws.shape[:2])


def diagnose(chains: Chains, log_density: Tensor) -> Diagnostics:
    """Diagnostics of ``chains`` whose draws have ``log_density: (n, C)``.

    Where R-hat is infinite the effective numbers are 0. Of more than 256 chains 256 evenly spaced ones are
    looked at, and effective numbers scaled up by C / 256.
    """
    # costs two seconds, and only chains need it
    from arviz_stats.base import array_stats

    every = max(1, -(-chains.draws.shape[1] // CHAINS))
    values = _columns(chains.draws[:, ::every], log_density[:, ::every])
    axes = {"chain_axis": 0, "draw_axis": 1}
    # chains that stand still divide nought by nought
    with np.errstate(divide="ignore", invalid="ignore"):
        worst = float(np.max(array_stats.rhat(values, **axes))) if np.isfinite(values).all() else math.inf
        if not math.isfinite(worst):
            return Diagnostics(math.inf, 0.0, 0.0, 0.0, chains.acceptance, chains.drift)
        bulk = np.nan_to_num(array_stats.ess(values, method="bulk", **axes))
        tails = [np.nan_to_num(array_stats.ess(values, method="quantile", prob=q, **axes)) for q in (0.05, 0.95)]
    scale = chains.draws.shape[1] / values.shape[0]
    bulk, tail = scale * float(np.min(bulk)), scale * float(np.min(tails))
    each = min(bulk, tail) / chains.cost.energy_evaluations
    return Diagnostics(worst, bulk, tail, each, chains.acceptance, chains.drift)


def _columns(draws: Tensor, log_density: Tensor) -> NDArray[np.float64]:
    """``(C, n, D + 1)``: chains, draws, coordinates and the log-density."""
    stacked = np.concatenate([draws.double().cpu().numpy(), log_density.double().cpu().numpy()[..., None]], axis=2)
    return stacked.swapaxes(0, 1)
