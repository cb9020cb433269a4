"""Samples of a tempered model within a budget of evaluations: MCMC samplers, importance resampling, base alone."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.experiments.calibration.estimates import over_chains
from ebmbench.inference.likelihoods.importance import Importance
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.likelihoods.populations import LEAST_ESS_FRACTION
from ebmbench.inference.samplers import chains
from ebmbench.inference.samplers.chains import Chains, Length
from ebmbench.inference.samplers.diagnostics import diagnose, log_densities, mark_of
from ebmbench.inference.samplers.hmc import HMC
from ebmbench.inference.samplers.independence import IndependenceMetropolis
from ebmbench.inference.samplers.interface import Sampler
from ebmbench.inference.samplers.kinetic import KineticLangevin
from ebmbench.inference.samplers.mala import MALA
from ebmbench.inference.samplers.target import Target, of_model
from ebmbench.inference.samplers.ula import ULA
from ebmbench.models.blocks import in_blocks

#: fraction of MALA's tuned step size that samplers without rejection use: their error falls with it
SHARE = 0.05

#: friction of kinetic Langevin dynamics in the official sampling configuration: it damps chains that leave stiff
#: regions at high speed
FRICTION = 100.0

#: number of states of a chain, evenly spaced after its warm-up, that diagnostics use
SNAPSHOTS = 4

#: absolute value above which a coordinate counts as diverged, finite or not
LARGEST = 1e6


class Effort(NamedTuple):
    """Budget of a sampler: ``repetitions`` times ``chains`` chains, whose last states are the samples.

    ``evaluations`` per chain, of the energy and of its gradient, counted alike; half of them are the warm-up.
    """

    chains: int
    repetitions: int
    evaluations: int

    @property
    def total(self) -> int:
        """Number of chains of all repetitions."""
        return self.chains * self.repetitions


class Generated(NamedTuple):
    """Samples in data space, ``(R, n, D)``: R repetitions of n samples, and their total cost.

    ``kind``: as in :class:`~ebmbench.inference.samplers.interface.Sampler`, or base, weighted, exact. ``ess``:
    effective sample size of all samples. ``mark``: a warning about the samples; ``status``: ok, diverged, or skipped,
    with a ``reason``.
    """

    samples: Tensor
    kind: str
    cost: Cost = Cost()
    step_size: float = math.nan
    acceptance: float = math.nan
    rhat: float = math.nan
    ess: float = math.nan
    mark: str = ""
    status: str = "ok"
    reason: str = ""


#: (pi_beta as a model, effort, stream) -> samples
Make = Callable[[Problem, Effort, torch.Generator], Generated]


def base_alone(problem: Problem, effort: Effort, generator: torch.Generator) -> Generated:
    """Draw samples from the base measure without using the energy, at no cost."""
    draws = problem.model.base.sample(effort.total, generator)
    return Generated(draws.unflatten(0, (effort.repetitions, effort.chains)), "base", ess=float(len(draws)))


def resampling(problem: Problem, effort: Effort, generator: torch.Generator) -> Generated:
    """Resample base samples by their importance weights, without chains; marked if fewer than 1 % are effective."""
    way = Importance(points=effort.chains * effort.evaluations)
    found = [way.normalise(problem, effort.chains, generator) for _ in range(effort.repetitions)]
    cost = functools.reduce(Cost.plus, (part.cost for part in found))
    if min(len(part.samples) for part in found) == 0:
        return Generated(torch.empty(0), "weighted", cost, status="diverged", reason="a weight is not finite")
    share = min(part.log_z.diagnostics["ess_fraction"] for part in found)
    mark = "collapsed" if share < LEAST_ESS_FRACTION else ""
    samples = torch.stack([part.samples for part in found])
    return Generated(samples, "weighted", cost, ess=sum(part.n_eff for part in found), mark=mark)


def adjusted(kernel: Sampler) -> Make:
    """Return a sampler that runs chains of a kernel, with its step size (if any) tuned in the warm-up."""

    def make(problem: Problem, effort: Effort, generator: torch.Generator) -> Generated:
        target, half = of_model(problem.model), effort.evaluations // 2
        warmup = (half - sum(kernel.start_cost)) // sum(kernel.cost)
        thin = half // (SNAPSHOTS * sum(kernel.cost))
        if thin < 1 or warmup < 1:
            return _too_small(kernel, effort)
        start = target.measure().sample(effort.total, generator)
        made = chains.run(kernel, target, start, Length(warmup, SNAPSHOTS, thin), generator)
        return _judged(made, made.cost, target, effort)

    return make


def unadjusted(kernel_of: Callable[[float], Sampler]) -> Make:
    """Return a sampler without rejection, started from MALA's warm-up, with a fraction of MALA's step size.

    ``kernel_of`` makes the kernel from the noise variance of one step of Langevin dynamics.
    """

    def make(problem: Problem, effort: Effort, generator: torch.Generator) -> Generated:
        target, first, half = of_model(problem.model), MALA(), effort.evaluations // 2
        warmup = (half - sum(first.start_cost)) // sum(first.cost)
        kernel = kernel_of(SHARE * first.step_size)
        thin = (half - sum(kernel.start_cost)) // (SNAPSHOTS * sum(kernel.cost))
        if thin < 1 or warmup < 1:
            return _too_small(kernel, effort)
        start = target.measure().sample(effort.total, generator)
        warm = chains.run(first, target, start, Length(warmup - 1, 1, 1), generator)
        # a warm-up changes the step size of a kernel, not its kind
        assert isinstance(warm.sampler, MALA)
        kernel = kernel_of(SHARE * warm.sampler.step_size)
        made = chains.run(kernel, target, warm.draws[-1], Length(0, SNAPSHOTS, thin), generator)
        return _judged(made, warm.cost.plus(made.cost), target, effort)

    return make


def _judged(made: Chains, cost: Cost, target: Target, effort: Effort) -> Generated:
    kind, size = made.sampler.kind, getattr(made.sampler, "step_size", math.nan)
    acceptance = made.acceptance if kind == "invariant" else math.nan
    samples = made.draws
    if bool(samples.isfinite().all()):
        samples = in_blocks(target.decode, samples.flatten(0, 1)).unflatten(0, samples.shape[:2])
    lost = ~(samples.abs() <= LARGEST).all(-1)
    if bool(lost.any()):
        reason = f"{int(lost.any(0).sum())} of {effort.total} chains are not finite or beyond {LARGEST:g}"
        return Generated(samples[:0], kind, cost, size, acceptance, math.inf, 0.0, status="diverged", reason=reason)
    values = log_densities(made, target)
    found = diagnose(made, values)
    ess = effective(torch.cat([made.draws, values[..., None].to(made.draws)], -1))
    last = samples[-1].unflatten(0, (effort.repetitions, effort.chains))
    return Generated(last, kind, cost, size, acceptance, found.rhat, ess, mark_of(kind, found))


def effective(values: Tensor) -> float:
    """Compute the effective sample size of ``values: (n, C, K)`` of C chains, the least over K.

    It is var f / (error of the mean of f)^2, with the error from the chains' own means
    (:func:`~ebmbench.experiments.calibration.estimates.over_chains`). It is valid for short chains, whose
    autocorrelations cannot be estimated: C for chains that do not move, at most n C.
    """
    errors = [(column, over_chains(column).stderr) for column in values.unbind(-1)]
    each = [float(column.double().var()) / error**2 for column, error in errors if error > 0]
    return min([*each, float(values.shape[0] * values.shape[1])])


def _too_small(kernel: Sampler, effort: Effort) -> Generated:
    reason = f"{effort.evaluations} evaluations a chain do not pay for a warm-up and {SNAPSHOTS} draws"
    return Generated(torch.empty(0), kernel.kind, status="skipped", reason=reason)


#: samplers with a budget, in the order of the figure's legend
MAKERS: dict[str, Make] = {
    "importance": resampling,
    "independence": adjusted(IndependenceMetropolis()),
    "ula": unadjusted(ULA),
    "mala": adjusted(MALA()),
    "hmc": adjusted(HMC()),
    "kinetic": unadjusted(lambda variance: KineticLangevin(math.sqrt(variance), FRICTION)),
}
