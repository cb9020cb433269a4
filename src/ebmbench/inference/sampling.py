"""Samples and log Z of a trained model: from its own distribution, and from the sampler in the configuration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeGuard

import torch
from torch import Tensor

from ebmbench.core import plugins
from ebmbench.core.cost import Cost
from ebmbench.core.errors import UserError
from ebmbench.core.ranges import AtLeastTwo, NonNegativeInt, PositiveFloat, PositiveInt, check_ranges
from ebmbench.inference.likelihoods.annealed import AnnealingSweep, applies
from ebmbench.inference.likelihoods.bidirectional import bounds
from ebmbench.inference.likelihoods.interface import Likelihood, LogZ, Normalisation, Problem
from ebmbench.inference.samplers import chains
from ebmbench.inference.samplers.diagnostics import Diagnostics, diagnose, log_densities, mark_of
from ebmbench.inference.samplers.interface import Direct, Sampler
from ebmbench.inference.samplers.target import of_model
from ebmbench.models.blocks import in_blocks
from ebmbench.models.interface import Density, Model, Normalised, Sampleable

#: numbers of populations and of levels of the annealing sweeps that bound log Z
BOUND_POPULATIONS, BOUND_LEVELS = 8, 100


@dataclass(frozen=True)
class SampleSettings:
    """Number of samples and settings of the sampler run.

    ``samples`` samples are drawn from the model's distribution, and as many with the sampler: ``chains`` chains from
    the base measure, ``warmup`` steps that adapt the step size, then samples ``thin`` steps apart at inverse
    temperature ``beta``. If samples of the model are exact, log Z is bounded from both sides with ``bounds`` particles
    in each of 8 populations; 0 disables the bounds. ``noise``: standard deviation, in the data's units, of the noise
    of the denoising step that checks whether the model leaves the test samples' distribution invariant
    (:func:`~ebmbench.inference.denoising.moved`).
    """

    samples: PositiveInt = 10_000
    chains: PositiveInt = 200
    warmup: NonNegativeInt = 300
    thin: PositiveInt = 10
    beta: PositiveFloat = 1.0
    bounds: Literal[0] | AtLeastTwo = 64
    noise: PositiveFloat = 0.5

    def __post_init__(self) -> None:
        check_ranges(self)


class Methods(NamedTuple):
    """The sampler, by chains or direct, and the estimators of log Z, of which the first applicable one is used."""

    sampler: Sampler | Direct
    likelihoods: Sequence[Likelihood]


class Generated(NamedTuple):
    """Output of the sampler: ``samples: (n, D)`` with effective sample size ``n_eff``.

    ``sampler``: its name, or ``exact`` if the model can be sampled without one; ``kind`` as in
    :class:`~ebmbench.inference.samplers.interface.Sampler`; ``reason``: why the samples are unusable, empty if they
    are usable.
    """

    samples: Tensor
    sampler: str
    kind: str
    beta: float
    n_eff: float
    cost: Cost
    step_size: float = math.nan
    steps: int = 0
    diagnostics: Diagnostics | None = None
    reason: str = ""

    @property
    def mark(self) -> str:
        """Warning for every number computed from these samples: ``unconverged``, ``optimiser`` or empty."""
        return mark_of(self.kind, self.diagnostics)


class Sampled(NamedTuple):
    """log Z with samples from the model's distribution, and the sampler's samples."""

    model: Normalisation
    generated: Generated


def sample(problem: Problem | Model, methods: Methods, settings: SampleSettings, generator: torch.Generator) -> Sampled:
    """Compute all samples and estimates that scoring needs: :func:`normalise`, and samples from ``methods.sampler``.

    If the model can be sampled exactly without quadrature, the sampler is not run, and the exact samples are used for
    both.
    """
    model = normalise(problem, methods.likelihoods, settings, generator)
    if _needs_sampler(problem):
        return Sampled(model, _by_sampler(problem, methods.sampler, settings, generator))
    return Sampled(model, _exact(model))


def generate(
    problem: Problem | Model, sampler: Sampler | Direct, settings: SampleSettings, generator: torch.Generator
) -> Generated:
    """Draw the samples of :func:`sample` that users of the model get, without log Z: by ``sampler``, or exact ones."""
    if _needs_sampler(problem):
        return _by_sampler(problem, sampler, settings, generator)
    return _exact(normalise(problem, (), settings, generator))


def normalise(
    problem: Problem | Model, likelihoods: Sequence[Likelihood], settings: SampleSettings, generator: torch.Generator
) -> Normalisation:
    """Estimate log Z and sample the model's distribution: exactly if possible, else by the first applicable estimator.

    ``problem`` is a bare model for families that are not energy models. Raises :class:`UserError` if no estimator
    applies.
    """
    if not isinstance(problem, Problem):
        if not isinstance(problem, Sampleable):
            raise TypeError(f"a {type(problem).__name__} cannot be normalised")
        draws = problem.sample(settings.samples, generator)
        return Normalisation(_log_z_of(problem), draws, "exact", len(draws), Cost(), exact=True)
    distribution = problem.model.closed_form()
    if distribution is not None:
        return _closed_form(problem, distribution, settings, generator)
    able = [way for way in likelihoods if way.applies(problem)]
    if not able:
        given = ", ".join(plugins.name_of(way) for way in likelihoods)
        raise UserError(f"likelihood: {given} cannot normalise this model; allowed for every model: importance")
    found = able[0].normalise(problem, settings.samples, generator)
    return _bounded(found, problem, settings, generator) if found.exact and found.log_z.status == "ok" else found


def _closed_form(
    problem: Problem, distribution: Normalised, settings: SampleSettings, generator: torch.Generator
) -> Normalisation:
    draws, log_z = distribution.sample(settings.samples, generator), problem.model.log_z()
    # a model has a closed form only if its log Z has one
    assert log_z is not None
    found = Normalisation(
        LogZ(float(log_z.detach()), 0.0, "closed form"), draws, "exact", len(draws), Cost(), exact=True
    )
    return _bounded(found, problem, settings, generator)


def _bounded(
    found: Normalisation, problem: Problem, settings: SampleSettings, generator: torch.Generator
) -> Normalisation:
    """Add bounds on log Z, computed from the exact samples in ``found``, to the diagnostics.

    Without a normal base measure or normal latents, at which annealing can start, there are no bounds.
    """
    too_few = len(found.samples) < BOUND_POPULATIONS * settings.bounds
    if settings.bounds == 0 or too_few or not applies(problem):
        return found
    sweep = AnnealingSweep(BOUND_POPULATIONS, settings.bounds, BOUND_LEVELS, moves=1, leapfrog=1, resample=0.0)
    limits = bounds(problem, found.samples.to(problem.train.dtype), sweep, generator)
    extra = {"log_z_lower": limits.lower, "log_z_upper": limits.upper, "log_z_gap": limits.gap}
    log_z = replace(found.log_z, diagnostics=found.log_z.diagnostics | extra)
    return found._replace(log_z=log_z, cost=found.cost.plus(limits.cost))


def _needs_sampler(problem: Problem | Model) -> TypeGuard[Problem]:
    return isinstance(problem, Problem) and problem.model.closed_form() is None


def _exact(model: Normalisation) -> Generated:
    return Generated(model.samples, "exact", "exact", 1.0, model.n_eff, Cost())


def _by_sampler(
    problem: Problem, sampler: Sampler | Direct, settings: SampleSettings, generator: torch.Generator
) -> Generated:
    if isinstance(sampler, Direct):
        return _direct(problem, sampler, settings, generator)
    return _by_chains(problem, sampler, settings, generator)


def _direct(problem: Problem, sampler: Direct, settings: SampleSettings, generator: torch.Generator) -> Generated:
    name = plugins.name_of(sampler)
    if settings.beta != 1:
        raise UserError(f"sample: beta = {settings.beta:g}; allowed: 1, because sampler {name} has no chains")
    made = sampler.draw(problem.model, problem.train, settings.samples, generator)
    reason = _lost(made.x, name)
    return Generated(made.x, name, sampler.kind, 1.0, 0.0 if reason else len(made.x), made.cost, reason=reason)


def _by_chains(problem: Problem, sampler: Sampler, settings: SampleSettings, generator: torch.Generator) -> Generated:
    target = of_model(problem.model)
    start = target.measure().sample(min(settings.chains, settings.samples), generator)
    length = chains.Length(settings.warmup, -(-settings.samples // len(start)), settings.thin)
    made = chains.run(sampler, target, start, length, generator, settings.beta)
    flat = made.draws.flatten(0, 1)
    diagnostics = diagnose(made, log_densities(made, target))
    samples = in_blocks(target.decode, flat[: settings.samples])
    name = plugins.name_of(sampler)
    return Generated(
        samples,
        name,
        sampler.kind,
        settings.beta,
        max(min(diagnostics.ess_bulk, len(samples)), 0.0),
        made.cost,
        getattr(made.sampler, "step_size", math.nan),
        length.steps,
        diagnostics,
        _lost(samples, name),
    )


def _lost(samples: Tensor, name: str) -> str:
    """Return why samples of the sampler ``name`` are unusable, empty if they are usable."""
    lost = int((~samples.isfinite().all(1)).sum())
    return f"{lost} of {len(samples)} draws of {name} are not finite" if lost else ""


def _log_z_of(model: Model) -> LogZ:
    if isinstance(model, Normalised):
        return LogZ(0.0, 0.0, "normalised")
    reason = "the density of real data is not known" if not isinstance(model, Density) else "no log Z"
    return LogZ(0.0, 0.0, "none", "skipped", reason)
