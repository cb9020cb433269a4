"""A base measure tilted by an energy and by fixed statistics."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ebmbench.families.model import Density, Normalised
from ebmbench.families.normal import Normal
from ebmbench.statistics.base import Quadratic, Statistic

#: least eigenvalue of the tilted precision, as a share of the base's least eigenvalue
LEAST_PRECISION = 0.05


class Tilted(Density):
    """log p~(x) = log b(x) - U(x) + <eta, (T(x) - m) / s>.

    b: base measure, normal or another normalised density; U: network, or None for U = 0; eta: ``(K,)``, trained;
    m, s: ``(K,)``, mean and standard deviation of T over the train rows. +eta raises the log-density where T is above
    its mean.
    """

    centre: Tensor
    scale: Tensor

    def __init__(self, base: Normalised, network: nn.Module | None, statistic: Statistic, train: Tensor) -> None:
        super().__init__()
        self.dim = base.dim
        self.base = base
        self.network = network
        self.statistic = statistic
        values = statistic.value(train.double())
        spread = (values - values.mean(0)).square().mean(0).sqrt()
        self.register_buffer("centre", values.mean(0))
        self.register_buffer("scale", torch.where(spread > 0, spread, 1.0))
        self.eta = nn.Parameter(torch.zeros(values.shape[1], dtype=values.dtype))

    def log_density(self, x: Tensor) -> Tensor:
        """``(B, D)`` -> ``(B,)``."""
        return self.base.log_density(x) + self.log_weight(x)

    def log_weight(self, x: Tensor) -> Tensor:
        """-U(x) + <eta, (T(x) - m) / s>: what tilts the base measure, ``(B, D)`` -> ``(B,)``."""
        return self._with_tilt(x, torch.zeros_like(x[:, 0]) if self.network is None else -self.network(x))

    def log_z(self) -> Tensor | None:
        """log Z where b is normal, U = 0 and T is quadratic; +inf where the tilt outweighs the base; None elsewhere.

        With base N(mu, P^-1) and <eta, T~> = -1/2 x'Ax + b'x + c the model is N(mu', P'^-1), P' = P + A,
        mu' = P'^-1 (P mu + b), and log Z = c + 1/2 (log det P - log det P' + mu' P' mu' - mu P mu).
        """
        form = self._natural()
        if form is None:
            return None
        precision, shift, constant = form
        root, failed = torch.linalg.cholesky_ex(precision)
        if failed:
            return torch.full_like(constant, math.inf)
        whitened = torch.linalg.solve_triangular(root, shift[:, None], upper=False)
        own = 0.5 * whitened.square().sum() - root.diagonal().log().sum()
        return constant + own - 0.5 * (self.base.whitener @ self.base.mean).square().sum() - self.base.log_det

    def closed_form(self) -> Normalised | None:
        """The model as a normalised one, where :meth:`log_z` is finite and in closed form; None elsewhere."""
        form = self._natural()
        if form is None or not torch.isfinite(self.log_z()):
            return None
        return Normal(torch.linalg.solve(form.A, form.b), torch.linalg.inv(form.A))

    @torch.no_grad()
    def project(self) -> None:
        """Shrink eta until the least eigenvalue of base precision + A(eta) is 5 % of the base's least.

        Only quadratic statistics on a normal base can make the model improper under a bounded U and be held back
        so; others are left alone.
        """
        form = self._quadratic() if len(self.eta) and isinstance(self.base, Normal) else None
        if form is None or not torch.isfinite(self.eta).all():
            return
        floor = LEAST_PRECISION * torch.linalg.eigvalsh(self.base.precision)[0]
        for _ in range(60):
            if torch.linalg.eigvalsh(self.base.precision + form.A)[0] >= floor * (1 - 1e-6):
                return
            self.eta.mul_(0.9)
            form = self._quadratic()

    def _with_tilt(self, x: Tensor, weight: Tensor) -> Tensor:
        """``weight: (B,)`` plus <eta, T~(x)>, where there are statistics."""
        return weight + self._tilt(x) if len(self.eta) else weight

    def _tilt(self, x: Tensor) -> Tensor:
        """<eta, T~(x)>, ``(B,)``; a quadratic form costs D^2 a row, its K = O(D^2) statistics many times that."""
        x = x.to(self.eta.dtype)
        form = self._quadratic()
        if form is None:
            return ((self.statistic.value(x) - self.centre) / self.scale) @ self.eta
        return form.c + x @ form.b - 0.5 * ((x @ form.A) * x).sum(-1)

    def _quadratic(self) -> Quadratic | None:
        """<eta, T~(x)> as a quadratic form."""
        form = self.statistic.quadratic(self.eta / self.scale, self.dim)
        return form and form._replace(c=form.c - (self.eta / self.scale * self.centre).sum())

    def _natural(self) -> Quadratic | None:
        """log_density up to the base's constant, as a quadratic form, where U = 0 and T is quadratic."""
        closed = self.network is None and isinstance(self.base, Normal)
        form = self._quadratic() if closed else None
        if form is None:
            return None
        P = self.base.precision
        return Quadratic(P + form.A, P @ self.base.mean + form.b, form.c)
