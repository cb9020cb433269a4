"""Target distributions of samplers: a base measure tilted by a weight, at an inverse temperature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.interface import Generator, Normalised, Pushforward
from ebmbench.models.langevin import LogDensity, ValueAndGrad, value_and_grad

#: chains or particles that are moved in parallel; more are processed in blocks to bound the memory
BLOCK = 2048


def _same(x: Tensor) -> Tensor:
    return x


def _not_written(x: Tensor) -> None:
    return None


def _no_inverse(x: Tensor) -> Tensor:
    raise ValueError("a generator without an inverse cannot map points back to latents")


@dataclass(frozen=True)
class Target:
    """Density pi_beta(z) proportional to b(z) exp(beta w(z)); beta = 1 is the model, beta = 0 the base measure.

    ``log_weight``: w, ``(B, D)`` -> ``(B,)``; ``base``: b, normalised and sampled exactly, or None for the flat
    measure (then pi_beta is exp(w)^beta). ``decode`` maps z to the data space: for a base that is an
    implicit generator G with latent prior b and energy E, w(z) = -E(G(z)) and decode = G (Arbel, Zhou and
    Gretton, 2021), and sampling runs in latent space. ``encode`` is the inverse of G, if there is one.
    ``value_and_grad``: w with its gradient, if implemented without autograd.
    """

    log_weight: LogDensity
    base: Normalised | None = None
    decode: Callable[[Tensor], Tensor] = _same
    encode: Callable[[Tensor], Tensor] = _same
    value_and_grad: ValueAndGrad = _not_written

    def log_density(self, z: Tensor, beta: float = 1.0) -> Tensor:
        """Compute log pi_beta up to a constant, ``(B, D)`` -> ``(B,)``."""
        weight = beta * self.log_weight(z)
        return weight if self.base is None else self.base.log_density(z) + weight

    def measure(self) -> Normalised:
        """Return the base measure; raise ValueError for the flat measure, which cannot be sampled."""
        if self.base is None:
            raise ValueError("the target has no base measure to sample from")
        return self.base

    def normal_measure(self) -> Normal:
        """Return the base measure; raise ValueError unless it is normal."""
        if not isinstance(self.base, Normal):
            raise ValueError("the target's base measure is not normal")
        return self.base


def of_model(model: Generalized) -> Target:
    """Return the target of a model: its base measure tilted by -U + <eta, T>, in data space if the base is normal.

    If the base is a generator with normal latents, the target is in latent space, because the Jacobian cancels or does
    not exist.
    """
    base = model.base
    if isinstance(base, Generator):
        encode = base.encode if isinstance(base, Pushforward) else _no_inverse
        return Target(model.latent_log_weight, base.latent, base.decode, encode)
    return Target(model.log_weight, base, value_and_grad=model.weight_value_and_grad)


class Point(NamedTuple):
    """B chains: ``x: (B, D)``, log b and w there ``(B,)``, and optionally their gradients ``(B, D)``.

    Base and weight are stored separately, so a change of beta costs no evaluation.
    """

    x: Tensor
    log_base: Tensor
    log_weight: Tensor
    base_gradient: Tensor | None = None
    weight_gradient: Tensor | None = None

    def log_density(self, beta: float) -> Tensor:
        """Compute log pi_beta up to a constant, ``(B,)``."""
        return self.log_base + beta * self.log_weight

    def gradient(self, beta: float) -> Tensor:
        """Compute grad log pi_beta, ``(B, D)``; raise ValueError if the point was evaluated without gradients."""
        if self.base_gradient is None or self.weight_gradient is None:
            raise ValueError("the point was evaluated without gradients")
        return self.base_gradient + beta * self.weight_gradient


def evaluate(target: Target, x: Tensor, gradients: bool = True) -> Point:
    """Evaluate the target at ``x: (B, D)``; no graph is kept, and no gradient reaches the parameters."""
    x = x.detach()
    if not gradients:
        with torch.no_grad():
            weight = target.log_weight(x)
            return Point(x, torch.zeros_like(weight) if target.base is None else target.base.log_density(x), weight)
    weight, slope = value_and_grad(target.log_weight, x, target.value_and_grad)
    if target.base is None:
        return Point(x, torch.zeros_like(weight), weight, torch.zeros_like(slope), slope)
    base, base_slope = value_and_grad(target.base.log_density, x, target.base.value_and_grad)
    return Point(x, base, weight, base_slope, slope)


def where(chosen: Tensor, there: Point, here: Point) -> Point:
    """Return ``there`` for the chains with ``chosen: (B,)`` and ``here`` for the others."""
    return Point(
        _where(chosen, there.x, here.x),
        _where(chosen, there.log_base, here.log_base),
        _where(chosen, there.log_weight, here.log_weight),
        _where_both(chosen, there.base_gradient, here.base_gradient),
        _where_both(chosen, there.weight_gradient, here.weight_gradient),
    )


def _where(chosen: Tensor, there: Tensor, here: Tensor) -> Tensor:
    return torch.where(chosen[:, None] if there.ndim == 2 else chosen, there, here)


def _where_both(chosen: Tensor, there: Tensor | None, here: Tensor | None) -> Tensor | None:
    return None if there is None or here is None else _where(chosen, there, here)
