"""A base measure refined by an energy and by fixed statistics."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ebmbench.core.errors import UserError
from ebmbench.core.precision import exact
from ebmbench.models.blocks import in_blocks
from ebmbench.models.distributions.pool import Pool
from ebmbench.models.interface import Generator, Model, Normalised
from ebmbench.models.networks.mlp import MLP
from ebmbench.models.statistics.interface import Definition, Quadratic

#: fraction of the smallest eigenvalue of a normal base's precision that must remain after a tilt by second moments
LEAST_PRECISION = 0.05

#: factors by which eta shrinks where it leaves the model no mass
SHRINKAGE = (*(0.9**power for power in range(20)), 0.0)


class Generalized(Model):
    """A base measure b refined by an energy and statistics: dq/db(x) prop. to exp(-U(x) + <eta, (T(x) - m) / s>).

    b is sampled exactly and need not have a density (Arbel, Zhou and Gretton 2021); U: network, or None for U = 0; eta:
    ``(K,)``, trained; m, s: ``(K,)``, mean and standard deviation of T over the training data. A positive eta raises
    the model where T is above its mean. ``pool``: stored samples of b that training uses in place of new ones, or None.
    """

    pool: Pool | None = None
    centre: Tensor
    scale: Tensor

    def __init__(
        self, base: Normalised | Generator, network: nn.Module | None, statistic: Definition, train: Tensor
    ) -> None:
        super().__init__()
        self.dim = base.dim
        self.base = base
        self.network = network
        self.statistic = statistic.fit(train)
        values = self.statistic.value(train.double())
        spread = (values - values.mean(0)).square().mean(0).sqrt()
        self.register_buffer("centre", values.mean(0))
        self.register_buffer("scale", torch.where(spread > 0, spread, 1.0))
        self.eta = nn.Parameter(torch.zeros(values.shape[1], dtype=values.dtype))

    @property
    def perceptron(self) -> MLP | None:
        """The network, if it is a multilayer perceptron and there are no statistics; else None."""
        return None if len(self.eta) or not isinstance(self.network, MLP) else self.network

    def log_weight(self, x: Tensor) -> Tensor:
        """Return the log-weight -U(x) + <eta, (T(x) - m) / s> relative to the base, ``(B, D)`` -> ``(B,)``."""
        return self._with_tilt(x, torch.zeros_like(x[:, 0]) if self.network is None else -self.network(x))

    def weight_value_and_grad(self, x: Tensor) -> tuple[Tensor, Tensor] | None:
        """Return log_weight and its gradient, ``(B,)`` and ``(B, D)``, without a graph, if there is a closed form.

        A closed form exists for a multilayer perceptron without statistics; otherwise the result is None.
        """
        network = self.perceptron
        found = None if network is None else network.value_and_grad(x)
        return found and (-found[0].to(x.dtype), -found[1])

    def latent_log_weight(self, z: Tensor) -> Tensor:
        """Return the log-weight of the decoded latents of a base that is a generator, ``(B, D_z)`` -> ``(B,)``."""
        if not isinstance(self.base, Generator):
            raise TypeError("the base measure has no latents")
        return self.log_weight(self.base.decode(z))

    def weighted_samples(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return ``(n, D)`` samples from b and their log-weights ``(n,)``, without a graph."""
        points = self.base.sample(n, generator)
        return points, in_blocks(self.log_weight, points)

    def standardised(self, x: Tensor) -> Tensor:
        """Return the standardised statistics (T(x) - m) / s, ``(B, D)`` -> ``(B, K)``."""
        return (self.statistic.value(x) - self.centre) / self.scale

    def with_draws(self, x: Tensor, n: int, generator: torch.Generator) -> Tensor:
        """Return the log-weights of ``x: (B, D)`` and of ``n`` base samples (without a graph), ``(B + n,)``."""
        return self.log_weight(torch.cat([x, self.base_draws(n, generator).to(x.dtype)]))

    def base_draws(self, n: int, generator: torch.Generator) -> Tensor:
        """Return ``(n, D)`` samples from b, taken from the pool if there is one."""
        if self.pool is None:
            return self.base.sample(n, generator)
        return self.pool.x[self.pool.places(n, generator)]

    def natural_parameters(self) -> list[nn.Parameter]:
        """Return all natural parameters, each ``(K,)`` or ``(n, K)``: eta, and those of other noise levels."""
        return [self.eta]

    def log_z(self) -> Tensor | None:
        """Return A = log E_b exp(log_weight) if it has a closed form, else None."""
        return None

    def has_mass(self, factors: Tensor, share: float) -> Tensor | None:
        """Return whether ``factors: (F,)`` times eta leave the model a finite mass: ``(F,)``, on the model's device.

        If the base's precision is known, at least the fraction ``share`` of it must remain. None where no natural
        parameters can make the model improper, as far as their statistics determine it.
        """
        return None

    @torch.no_grad()
    def normalisable(self, share: float = LEAST_PRECISION) -> bool:
        """Return whether eta leaves the model a finite mass, with the fraction ``share`` of :meth:`has_mass`."""
        found = self.has_mass(self.eta.new_ones(1), share)
        return found is None or bool(found)

    @torch.no_grad()
    def project(self, share: float = LEAST_PRECISION) -> None:
        """Multiply eta by the largest of :data:`SHRINKAGE` with which the model is :meth:`normalisable`.

        Nothing is read from the device.
        """
        factors = torch.tensor(SHRINKAGE, dtype=self.eta.dtype, device=self.eta.device)
        found = self.has_mass(factors, share)
        if found is not None:
            self.eta.mul_((factors * found).max())

    def closed_form(self) -> Normalised | None:
        """Return the model as a normalised density if there is a closed form, else None."""
        return None

    def _with_tilt(self, x: Tensor, weight: Tensor) -> Tensor:
        """Return ``weight: (B,)`` in the precision of ``x``, plus <eta, T~(x)> if there are statistics."""
        weight = weight.to(x.dtype)
        return weight + self._tilt(x) if len(self.eta) else weight

    @exact
    def _tilt(self, x: Tensor) -> Tensor:
        """Return <eta, T~(x)>, ``(B,)``; a quadratic form costs D^2 per point, its O(D^2) statistics far more."""
        x = x.to(self.eta.dtype)
        form = self._quadratic()
        if form is None:
            return self.standardised(x) @ self.eta
        return form.c + x @ form.b - 0.5 * ((x @ form.A) * x).sum(-1)

    def _quadratic(self) -> Quadratic | None:
        """Return <eta, T~(x)> as a quadratic form, or None."""
        form = self.statistic.quadratic(self.eta / self.scale, self.dim)
        return form and form._replace(c=form.c - (self.eta / self.scale * self.centre).sum())


#: the line for a loss that needs a density, on a family that has none
NO_DENSITY = "this family has no density in x; allowed: losses kale_f, kale_dv and nce, or exclude the cell"


class WithoutDensity(Generalized):
    """A refined base measure that has no density in x; hence the model has none either."""

    def log_density(self, x: Tensor) -> Tensor:
        """Raise :class:`UserError`: losses that need a density do not apply."""
        raise UserError(NO_DENSITY)

    def energy(self, x: Tensor) -> Tensor:
        """Raise :class:`UserError`, as :meth:`log_density`."""
        return -self.log_density(x)
