"""Exponential tilting: the closest distribution, in KL, to a given one under prescribed means of statistics."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.core.errors import UserError
from ebmbench.core.files import finite

#: maximum number of Newton steps, and of step halvings within one
STEPS, HALVINGS = 200, 60

#: fraction of the linearly predicted decrease that a step must achieve; a smaller one lets full steps end in flat parts
DESCENT = 0.25

#: rounding error of the dual, in nats
ROUNDING = 1e-10

#: largest difference of means, in the statistics' units, at which the search ends
CLOSE = 1e-12

#: steps after which rounding is the reason for an error of the means that does not fall
PATIENCE = 5

#: fraction of the largest |<eta, T - c>| that some <eta, T - c> must exceed; else c is not inside the points' hull
ONE_SIDED = 1e-6

#: fraction of its variance that every direction of T must keep; less is left only if c is on the edge of the hull
NARROW = 1e-8

#: relative ridge on a covariance's diagonal, because statistics may be linearly dependent; along directions whose
#: relative variance is not far above it Newton's method converges slowly
RIDGE = 1e-14

#: smallest relative variance of a direction along which T varies
VARYING = 1e-9


class InfeasibleError(UserError):
    """No tilt has the prescribed means: they lie outside the convex hull of the points' statistics, or on its edge."""


class Tilt(NamedTuple):
    """Tilt p*(x) proportional to p(x) exp <eta, T(x) - c>, the I-projection of p on E T = c, or on |E T - c| <= r.

    ``eta: (K,)``; ``gain`` = -log E_p exp <eta, T - c> in nats, the gain in mean log-likelihood under a distribution
    with means c, KL(p* || p) + r |eta|; ``log_weights: (n,)``, those of p*, whose weights sum to 1; ``n_eff``:
    1 / sum of squared weights.
    """

    eta: Tensor
    gain: float
    log_weights: Tensor
    n_eff: float


class Measured(NamedTuple):
    """A number with its standard error."""

    value: float
    stderr: float

    def plus(self, other: Measured) -> Measured:
        """Return the sum of two independent numbers."""
        return Measured(self.value + other.value, math.hypot(self.stderr, other.stderr))

    def text(self) -> str:
        """Format as ``0.117 ± 0.003``, without the error if it is 0."""
        return f"{self.value:.8g}" + (f" ± {self.stderr:.2g}" if self.stderr else "")


class TiltResult(NamedTuple):
    """Result of the search for a tilt: ``status`` ok or failed, with a ``reason``.

    ``gain``: the predicted likelihood gain of samples with the prescribed means, <eta, c> - log E exp <eta, T> in nats,
    summed over steps, each estimated from samples of the distribution it led to; ``gained``: the actual gain, <eta, c>
    minus the change of log Z, from two estimates of log Z; each with its standard error. They are two sides of one
    identity, and at the end both equal KL(after || before).
    ``distance``: the squared Mahalanobis distance d' S^-1 d of the last fresh samples' means from the prescribed means;
    ``bound``: the value that sampling errors alone stay below in 19 of 20 cases. If means are exact, ``distance`` is
    their largest difference, and ``bound`` the difference that rounding explains. ``rounds``: rounds of sampling, the
    last of which only checks the result.
    """

    status: str
    reason: str
    gain: Measured
    gained: Measured
    distance: float
    bound: float
    rounds: int
    cost: Cost

    def facts(self) -> dict[str, float]:
        """Return the columns of the runs table, without those that are not finite."""
        sides = {name: getattr(self, name) for name in ("gain", "gained")}
        values = {f"tilt_{name}": side.value for name, side in sides.items()}
        errors = {f"tilt_{name}_stderr": side.stderr for name, side in sides.items()}
        search = {f"tilt_{name}": getattr(self, name) for name in ("distance", "bound", "rounds")}
        return finite(values | errors | search)

    def line(self) -> str:
        """Format the identity, ``gain 0.117 nats, likelihood gained 0.117 nats``."""
        return f"gain {self.gain.text()} nats, likelihood gained {self.gained.text()} nats"


def project(values: Tensor, log_weights: Tensor, target: Tensor, radius: float = 0.0) -> Tilt:
    """Find the distribution closest in KL to one on n points whose means of T are c (Csiszar 1975), or within r of c.

    ``values: (n, K)``, T at the points; ``log_weights: (n,)``, with any sum; ``target: (K,)``, c; ``radius``: r, in the
    units of T, 0 or more; float64. Newton's method with halved steps on the convex dual
    log E_p exp <eta, T - c> + r |eta|, whose gradient is E_p* T - c + r eta / |eta| (Dudik, Phillips and Schapire
    2007). A positive radius leaves directions in which T hardly varies unchanged, whereas r = 0 matches the means
    exactly in all directions, including noise. Raises :class:`InfeasibleError` if no distribution on the points has
    such means.
    """
    dual = _Dual(values - target, log_weights - log_weights.logsumexp(0), radius)
    here = dual.first()
    gradient = dual.gradient(here)
    errors: list[float] = []
    for _ in range(STEPS):
        if dual.one_sided(here.eta):
            raise InfeasibleError(
                "matching: the means asked for are at the edge of what the points can have, or beyond"
            )
        errors.append(float(gradient.abs().max()))
        there = dual.further(here, gradient) if errors[-1] > CLOSE and not _stalled(errors) else None
        if there is None:
            break
        here, gradient = there, dual.gradient(there)
    if radius == 0 and _narrowest(dual.offsets, dual.start.exp(), here.weights) < NARROW:
        raise InfeasibleError("matching: the means asked for are at the edge of what the points can have")
    if float(gradient.abs().max()) > math.sqrt(CLOSE):
        raise InfeasibleError(f"matching: no tilt was found in {STEPS} steps; the means asked for may be out of reach")
    # not the log of the weights, which is -inf where they underflow
    log_weights = dual.start + dual.offsets @ here.eta - here.log_mean
    return Tilt(here.eta, -here.log_mean, log_weights, float(1 / here.weights.square().sum()))


class DualPoint(NamedTuple):
    """Point of the dual: eta, log E_p exp <eta, T - c> and the dual there, in nats, and the tilted weights ``(n,)``."""

    eta: Tensor
    log_mean: float
    dual: float
    weights: Tensor


class _Dual:
    """Dual log E_p exp <eta, T - c> + r |eta|: ``offsets: (n, K)``, T - c; ``start: (n,)``, log-weights of p."""

    def __init__(self, offsets: Tensor, start: Tensor, radius: float) -> None:
        self.offsets, self.start, self.radius = offsets, start, radius

    def at(self, eta: Tensor) -> DualPoint:
        """Evaluate the dual at ``eta: (K,)``."""
        tilted = self.start + self.offsets @ eta
        log_mean = tilted.logsumexp(0)
        total = float(log_mean) + self.radius * float(eta.norm())
        return DualPoint(eta, float(log_mean), total, (tilted - log_mean).exp())

    def first(self) -> DualPoint:
        """Return the start of the search: 0, or a lower point if the slope at 0 exceeds r, where |eta| has a kink.

        The step from 0 has the length that is optimal to second order, halved until the dual decreases.
        """
        here = self.at(torch.zeros_like(self.offsets[0]))
        slope = here.weights @ self.offsets
        steep = float(slope.norm())
        if self.radius == 0 or steep <= self.radius:
            return here
        along = self.offsets @ (slope / steep)
        variance = float(here.weights @ along.square()) - steep**2
        length = (steep - self.radius) / max(variance, torch.finfo(slope.dtype).tiny)
        places = (self.at(-(0.5**halving) * length * slope / steep) for halving in range(HALVINGS))
        return next((place for place in places if place.dual < here.dual), here)

    def gradient(self, place: DualPoint) -> Tensor:
        """Compute the gradient ``(K,)``; at 0, the subgradient of least norm."""
        means, length = place.weights @ self.offsets, float(place.eta.norm())
        if self.radius == 0:
            return means
        if length == 0:
            return means * max(0.0, 1 - self.radius / max(float(means.norm()), torch.finfo(means.dtype).tiny))
        return means + self.radius * place.eta / length

    def one_sided(self, eta: Tensor) -> bool:
        """Return whether all points lie on one side of c, and of the ball around it, in the direction of eta."""
        tilts = (self.offsets @ eta)[self.start > -math.inf]
        highest = float(tilts.max()) + self.radius * float(eta.norm())
        return highest < ONE_SIDED * float(tilts.abs().max())

    def further(self, here: DualPoint, gradient: Tensor) -> DualPoint | None:
        """Return the point after the first of Newton's halved steps with sufficient decrease, None if there is none.

        Near the end, rounding hides the decrease: there the full step is accepted if it halves the gradient.
        """
        direction = -self._solve(here, gradient)
        slope = float(gradient @ direction)
        for halving in range(HALVINGS):
            share = 0.5**halving
            there = self.at(here.eta + share * direction)
            if there.dual <= here.dual + DESCENT * share * slope:
                return there
            hidden = halving == 0 and abs(there.dual - here.dual) < ROUNDING
            if hidden and float(self.gradient(there).abs().max()) < 0.5 * float(gradient.abs().max()):
                return there
        return None

    def _solve(self, here: DualPoint, gradient: Tensor) -> Tensor:
        """Solve for H^-1 g, H the weighted covariance of T plus the curvature of r |eta|."""
        hessian = _covariance(self.offsets, here.weights)
        length = float(here.eta.norm())
        if self.radius and length:
            unit = here.eta / length
            hessian = hessian - self.radius / length * torch.outer(unit, unit)
            hessian.diagonal().add_(self.radius / length)
        scale = hessian.diagonal().clamp(min=torch.finfo(hessian.dtype).tiny).rsqrt()
        ridge = RIDGE * torch.eye(len(gradient), dtype=hessian.dtype, device=hessian.device)
        return scale * torch.linalg.solve(scale[:, None] * hessian * scale + ridge, scale * gradient)


def _stalled(errors: list[float]) -> bool:
    """Return whether the error of the means is small and has not halved in :data:`PATIENCE` steps."""
    return min(errors[-PATIENCE:]) > 0.5 * min(errors[:-PATIENCE], default=math.inf) and errors[-1] < math.sqrt(CLOSE)


def _covariance(offsets: Tensor, weights: Tensor) -> Tensor:
    """Compute the covariance ``(K, K)`` of T under ``weights: (n,)``."""
    centred = offsets - weights @ offsets
    return centred.T @ (weights[:, None] * centred)


def _narrowest(offsets: Tensor, before: Tensor, after: Tensor) -> float:
    """Compute the smallest ratio of variances after and before, over directions of T that vary before."""
    covariance = _covariance(offsets, before)
    scale = covariance.diagonal().clamp(min=torch.finfo(covariance.dtype).tiny).rsqrt()
    lengths, axes = torch.linalg.eigh(scale[:, None] * covariance * scale)
    varying = lengths > VARYING * lengths[-1]
    whitener = scale[:, None] * axes[:, varying] / lengths[varying].sqrt()
    return float(torch.linalg.eigvalsh(whitener.T @ _covariance(offsets, after) @ whitener)[0])
