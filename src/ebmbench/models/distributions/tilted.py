"""An energy-based model: a normalised base density refined by an energy and by fixed statistics."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.interface import Density, Normalised
from ebmbench.models.networks.jets import Jet
from ebmbench.models.statistics.interface import Quadratic

#: fraction of the least precision by which rounding may fall short of it
ROUNDING = 1e-6


class Tilted(Generalized, Density):
    """An energy-based model, log p~(x) = log b(x) - U(x) + <eta, (T(x) - m) / s>, on a normalised base density b."""

    base: Normalised

    def log_density(self, x: Tensor) -> Tensor:
        """Return log p~(x), ``(B, D)`` -> ``(B,)``."""
        return self.base.log_density(x) + self.log_weight(x)

    def value_and_grad(self, x: Tensor) -> tuple[Tensor, Tensor] | None:
        """Return log_density and its gradient as in ``Density``; None unless base and weight have closed forms."""
        base, weight = self.base.value_and_grad(x), self.weight_value_and_grad(x)
        return base and weight and (base[0] + weight[0], base[1] + weight[1])

    def directional_derivatives(self, x: Tensor, directions: Tensor, bent: int) -> Jet | None:
        """Return slopes and curvature as in ``Density``; None with statistics or without closed forms."""
        base = self.base.directional_derivatives(x, directions, bent)
        perceptron = self.perceptron
        network = None if perceptron is None else perceptron.directional_derivatives(x, directions, bent)
        return base and network and base.minus(network)

    def log_z(self) -> Tensor | None:
        """Return log Z if b is normal, U = 0 and T is quadratic; +inf if the tilt outweighs the base; None otherwise.

        With base N(mu, P^-1) and <eta, T~> = -1/2 x'Ax + b'x + c the model is N(mu', P'^-1), P' = P + A, mu' =
        P'^-1 (P mu + b), and log Z = c + 1/2 (log det P - log det P' + mu' P' mu' - mu P mu).
        """
        base, form = self.base, self._natural()
        if form is None or not isinstance(base, Normal):
            return None
        precision, shift, constant = form
        root, failed = torch.linalg.cholesky_ex(precision)
        if failed:
            return torch.full_like(constant, math.inf)
        whitened = torch.linalg.solve_triangular(root, shift[:, None], upper=False)
        own = 0.5 * whitened.square().sum() - root.diagonal().log().sum()
        return constant + own - 0.5 * (base.whitener @ base.mean).square().sum() - base.log_det

    def closed_form(self) -> Normalised | None:
        """Return the model as a normalised density if :meth:`log_z` is finite and in closed form, else None."""
        form = self._natural()
        log_z = None if form is None else self.log_z()
        if form is None or log_z is None or not torch.isfinite(log_z):
            return None
        return Normal(torch.linalg.solve(form.A, form.b), torch.linalg.inv(form.A))

    @torch.no_grad()
    def has_mass(self, factors: Tensor, share: float) -> Tensor | None:
        """Return whether the smallest eigenvalue of P + A(f eta) is above ``share`` times P's, for each factor f.

        P is the base's precision; a matrix is above a number if their difference has a Cholesky factor.
        Only quadratic statistics on a normal base can make the model improper if U grows at most linearly; for all
        others the result is None. With an eta that is not finite all is as if it were: its run has diverged.
        """
        base = self.base
        form = self._quadratic() if len(self.eta) and isinstance(base, Normal) else None
        if form is None or not isinstance(base, Normal):
            return None
        spare = base.precision.clone()
        spare.diagonal().sub_(share * (1 - ROUNDING) * base.least_precision)
        left = spare + factors[:, None, None] * form.A
        return (torch.linalg.cholesky_ex(left).info == 0) | ~self.eta.isfinite().all()

    def _natural(self) -> Quadratic | None:
        """Return log_density up to the base's constant as a quadratic form if U = 0 and T is quadratic, else None."""
        base = self.base
        if self.network is not None or not isinstance(base, Normal):
            return None
        form = self._quadratic()
        if form is None:
            return None
        P = base.precision
        return Quadratic(P + form.A, P @ base.mean + form.b, form.c)
