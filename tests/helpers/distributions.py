"""Assertions about samplers: a right one passes them, a wrong one must not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import scipy.linalg
import torch
from torch import Tensor

from ebmbench.inference.samplers.interface import Sampler
from ebmbench.inference.samplers.kinetic import KineticLangevin, Moving
from ebmbench.inference.samplers.target import Target, evaluate
from tests.helpers.targets import generator

#: (B, D), (B, D) -> (B,)
Pairwise = Callable[[Tensor, Tensor], Tensor]


class Distribution(NamedTuple):
    """N(mean, covariance)."""

    mean: Tensor
    covariance: Tensor

    def sample(self, n: int, stream: torch.Generator) -> Tensor:
        noise = torch.randn(n, len(self.mean), generator=stream, dtype=torch.float64)
        return self.mean + noise @ torch.linalg.cholesky(self.covariance).T


def run(sampler: Sampler, target: Target, x: Tensor, steps: int, beta: float = 1.0, seed: int = 1) -> tuple[Any, float]:
    """(state after ``steps`` steps, mean acceptance)."""
    stream, acceptance = generator(seed), []
    state = sampler.start(target, x, stream)
    for _ in range(steps):
        state, info = sampler.step(target, state, stream, beta)
        acceptance.append(float(info.acceptance.mean()))
    return state, sum(acceptance) / steps


def assert_distribution(x: Tensor, distribution: Distribution, errors: float = 3.0) -> None:
    """Means and second moments of independent draws ``x: (n, D)`` are the distribution's within 3 standard errors."""
    centred, variances = x - distribution.mean, distribution.covariance.diagonal()
    mean_error = (variances / len(x)).sqrt()
    square_error = ((variances[:, None] * variances + distribution.covariance.square()) / len(x)).sqrt()
    means = centred.mean(0) / mean_error
    squares = (centred.T @ centred / len(x) - distribution.covariance) / square_error
    assert float(means.abs().max()) < errors, means
    assert float(squares.abs().max()) < errors, squares


def assert_invariant(
    sampler: Sampler, target: Target, distribution: Distribution, beta: float = 1.0, steps: int = 40, n: int = 20_000
):
    """Chains from exact draws, one each, keep the distribution after ``steps`` steps; returns their acceptance."""
    state, acceptance = run(sampler, target, distribution.sample(n, generator(7)), steps, beta)
    assert bool(state.x.isfinite().all())
    assert_distribution(state.x, distribution)
    return acceptance


def assert_detailed_balance(
    log_pi: Callable[[Tensor], Tensor], log_q: Pairwise, log_ratio: Pairwise, x: Tensor, y: Tensor
) -> None:
    """log pi(x) q(y|x) a(x, y) = log pi(y) q(x|y) a(y, x) to 1e-10; ``log_q(y, x)`` = log q(y|x)."""
    forth = log_pi(x) + log_q(y, x) + log_ratio(x, y).clamp(max=0)
    back = log_pi(y) + log_q(x, y) + log_ratio(y, x).clamp(max=0)
    assert float((forth - back).abs().max()) < 1e-10


def assert_state_is_fresh(target: Target, state: Any, gradients: bool) -> None:
    """All that the state carries is what an evaluation at its x gives."""
    for carried, fresh in zip(state, evaluate(target, state.x, gradients), strict=True):
        assert (carried is None) == (fresh is None)
        assert carried is None or torch.allclose(carried, fresh, rtol=0, atol=1e-12)


def assert_stationary(sampler: Sampler, target: Target, distribution: Distribution) -> None:
    """The distribution of the affine map that a step is on a Gaussian target, to 1e-10."""
    dim = len(distribution.mean) // 2 if isinstance(sampler, KineticLangevin) else len(distribution.mean)
    found = stationary(sampler, target, dim)
    assert float((found.mean - distribution.mean).abs().max()) < 1e-10
    assert float((found.covariance - distribution.covariance).abs().max()) < 1e-10


def stationary(sampler: Sampler, target: Target, dim: int) -> Distribution:
    """Stationary distribution of a sampler that never rejects, on a Gaussian target, without Monte Carlo.

    A step maps its state s, of length d, to A s + b + L n, n ~ N(0, I_D). Steps with equal seeds have equal n,
    so that A, b and L are read off the sampler's own steps; the covariance solves S = A S A' + L L'. s = x for
    overdamped samplers and (x, v) for kinetic ones, ``dim`` is D.
    """
    size = 2 * dim if isinstance(sampler, KineticLangevin) else dim

    def after(s: Tensor, seed: int) -> Tensor:
        rows = s[None]
        state = Moving(rows[:, :dim], rows[:, dim:]) if size > dim else evaluate(target, rows)
        state, _info = sampler.step(target, state, generator(seed))
        return torch.cat([state.x, state.velocity], 1)[0] if size > dim else state.x[0]

    origin = torch.zeros(size, dtype=torch.float64)
    at_origin = torch.stack([after(origin, seed) for seed in range(dim + 1)])
    columns = [after(unit, 0) - at_origin[0] for unit in torch.eye(size, dtype=torch.float64)]
    A = torch.stack(columns, 1)
    noise = torch.cat([torch.randn(1, dim, generator=generator(seed), dtype=torch.float64) for seed in range(dim + 1)])
    with_one = torch.cat([noise, torch.ones(dim + 1, 1, dtype=torch.float64)], 1)
    solved = torch.linalg.solve(with_one, at_origin)
    L, b = solved[:dim].T, solved[dim]
    mean = torch.linalg.solve(torch.eye(size, dtype=torch.float64) - A, b)
    covariance = scipy.linalg.solve_discrete_lyapunov(A.numpy(), (L @ L.T).numpy())
    return Distribution(mean, torch.from_numpy(covariance))


def standard_errors(values: Tensor, truth: float) -> float:
    """(mean of ``values: (n,)`` - truth) in Monte-Carlo errors of that mean."""
    return (float(values.mean()) - truth) / (float(values.std()) / math.sqrt(len(values)))
