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

#: what tilts by second moments leave of the least eigenvalue of a normal base's precision
LEAST_PRECISION = 0.05


class Generalized(Model):
    """dq/db(x) proportional to exp(-U(x) + <eta, (T(x) - m) / s>)   (Arbel, Zhou and Gretton 2021).

    b: base measure, drawn exactly, that need not have a density; U: network, or None for U = 0; eta: ``(K,)``, trained;
    m, s: ``(K,)``, mean and standard deviation of T over the train rows. +eta raises the model where T is above its
    mean. ``pool``: where training takes draws of b from, if not from b itself.
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
        """The network, where it is a multilayer perceptron and without statistics all of the refinement."""
        return None if len(self.eta) or not isinstance(self.network, MLP) else self.network

    def log_weight(self, x: Tensor) -> Tensor:
        """-U(x) + <eta, (T(x) - m) / s>: what refines the base measure, ``(B, D)`` -> ``(B,)``."""
        return self._with_tilt(x, torch.zeros_like(x[:, 0]) if self.network is None else -self.network(x))

    def weight_value_and_grad(self, x: Tensor) -> tuple[Tensor, Tensor] | None:
        """log_weight and its gradient, ``(B,)`` and ``(B, D)``, without a graph, where they are written out.

        They are for a multilayer perceptron, without statistics.
        """
        found = self.perceptron and self.perceptron.value_and_grad(x)
        return found and (-found[0].to(x.dtype), -found[1])

    def latent_log_weight(self, z: Tensor) -> Tensor:
        """The same of the latents of a base that is a generator, ``(B, D_z)`` -> ``(B,)``."""
        return self.log_weight(self.base.decode(z))

    def weighted_samples(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """``(n, D)`` draws of b and their log_weight ``(n,)``, without a graph."""
        points = self.base.sample(n, generator)
        return points, in_blocks(self.log_weight, points)

    def standardised(self, x: Tensor) -> Tensor:
        """(T(x) - m) / s, ``(B, D)`` -> ``(B, K)``."""
        return (self.statistic.value(x) - self.centre) / self.scale

    def with_draws(self, x: Tensor, n: int, generator: torch.Generator) -> Tensor:
        """log_weight of ``x: (B, D)`` and of ``n`` draws of the base, these without a graph: ``(B + n,)``."""
        return self.log_weight(torch.cat([x, self.base_draws(n, generator).to(x.dtype)]))

    def base_draws(self, n: int, generator: torch.Generator) -> Tensor:
        """``(n, D)`` draws of b, or of the pool of its draws."""
        if self.pool is None:
            return self.base.sample(n, generator)
        return self.pool.x[self.pool.places(n, generator)]

    def natural_parameters(self) -> list[nn.Parameter]:
        """All that there are, each ``(K,)`` or ``(n, K)``: eta, and where noise has levels those of the others."""
        return [self.eta]

    def log_z(self) -> Tensor | None:
        """A = log E_b exp(log_weight), where it has a closed form; None elsewhere."""
        return None

    def normalisable(self, share: float = LEAST_PRECISION) -> bool:
        """Whether the natural parameters leave the model a finite mass, as far as their statistics tell.

        And with it the ``share`` of what the base has to hold it together, where that is known.
        """
        return True

    @torch.no_grad()
    def project(self, share: float = LEAST_PRECISION) -> None:
        """Shrink eta until the model is :meth:`normalisable` with this share."""
        for _ in range(60):
            if self.normalisable(share):
                return
            self.eta.mul_(0.9)

    def closed_form(self) -> Normalised | None:
        """The model as a normalised one, where that has a closed form; None elsewhere."""
        return None

    def _with_tilt(self, x: Tensor, weight: Tensor) -> Tensor:
        """``weight: (B,)`` in the precision of ``x``, plus <eta, T~(x)>, where there are statistics."""
        weight = weight.to(x.dtype)
        return weight + self._tilt(x) if len(self.eta) else weight

    @exact
    def _tilt(self, x: Tensor) -> Tensor:
        """<eta, T~(x)>, ``(B,)``; a quadratic form costs D^2 a row, its K = O(D^2) statistics many times that."""
        x = x.to(self.eta.dtype)
        form = self._quadratic()
        if form is None:
            return self.standardised(x) @ self.eta
        return form.c + x @ form.b - 0.5 * ((x @ form.A) * x).sum(-1)

    def _quadratic(self) -> Quadratic | None:
        """<eta, T~(x)> as a quadratic form."""
        form = self.statistic.quadratic(self.eta / self.scale, self.dim)
        return form and form._replace(c=form.c - (self.eta / self.scale * self.centre).sum())


class WithoutDensity(Generalized):
    """A refined base measure that has no density in x, and so neither has the model."""

    def log_density(self, x: Tensor) -> Tensor:
        """Raises :class:`UserError`: losses that ask for it do not apply."""
        raise UserError("this family has no density in x: losses kale_f, kale_dv and nce need none; exclude the cell")

    def energy(self, x: Tensor) -> Tensor:
        """As :meth:`log_density`."""
        return -self.log_density(x)
