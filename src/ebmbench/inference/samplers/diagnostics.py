"""Convergence diagnostics and effective sample sizes of chains."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ebmbench.inference.samplers.chains import Chains
from ebmbench.inference.samplers.target import Target
from ebmbench.models.blocks import in_blocks

#: largest R-hat of chains that count as converged
LARGEST_RHAT = 1.05

#: largest number of chains over which the statistics are computed
CHAINS = 256


class Diagnostics(NamedTuple):
    """R-hat and effective sample sizes, the worst over the coordinates and the log-density.

    ``rhat``: rank-normalised split R-hat (Vehtari et al. 2021), infinite if the chains do not move or are
    not finite; ``ess_bulk``, ``ess_tail``: effective sample size of the bulk and of the 5 % and 95 % quantiles, over
    all chains together; ``ess_per_evaluation``: the smaller of the two per energy evaluation, warm-up
    included; ``acceptance``, ``drift``: as in :class:`~ebmbench.inference.samplers.chains.Chains`.
    """

    rhat: float
    ess_bulk: float
    ess_tail: float
    ess_per_evaluation: float
    acceptance: float
    drift: float

    @property
    def converged(self) -> bool:
        """True if R-hat is at most 1.05."""
        return self.rhat <= LARGEST_RHAT


def mark_of(kind: str, found: Diagnostics | None) -> str:
    """Return the warning for numbers computed from such samples: ``optimiser``, ``unconverged`` or empty."""
    if kind == "optimiser":
        return "optimiser"
    return "" if found is None or found.converged else "unconverged"


def log_densities(chains: Chains, target: Target) -> Tensor:
    """Compute log pi_beta of ``target``, up to a constant, at every sample of the chains: ``(n, C)`` float64.

    beta is that of the chains.
    """
    flat = chains.draws.flatten(0, 1)
    values = in_blocks(lambda z: target.log_density(z, chains.beta).double(), flat)
    return values.reshape(chains.draws.shape[:2])


def diagnose(chains: Chains, log_density: Tensor) -> Diagnostics:
    """Compute diagnostics of ``chains`` whose samples have ``log_density: (n, C)``.

    If R-hat is infinite, the effective sample sizes are 0. Of more than 256 chains, at most 256 evenly spaced ones are
    used, and effective sample sizes are scaled up by C / number used.
    """
    # the import takes two seconds, and only chains need it
    from arviz_stats.base import array_stats

    every = max(1, -(-chains.draws.shape[1] // CHAINS))
    values = _columns(chains.draws[:, ::every], log_density[:, ::every])
    axes = {"chain_axis": 0, "draw_axis": 1}
    # chains that do not move divide zero by zero
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
    """Stack coordinates and log-density to ``(C, n, D + 1)``: chains, samples, coordinates and the log-density."""
    stacked = np.concatenate([draws.double().cpu().numpy(), log_density.double().cpu().numpy()[..., None]], axis=2)
    return stacked.swapaxes(0, 1)
