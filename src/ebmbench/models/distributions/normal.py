"""The multivariate normal distribution: base measure of the energy models, and a family of its own."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.core.precision import exact
from ebmbench.models.interface import Normalised
from ebmbench.models.networks.jets import Jet


class Normal(Normalised):
    """A normal distribution, log N(x; mean, Sigma) = -1/2 |L^-1 (x - mean)|^2 - log det L - D/2 log 2 pi, Sigma = L L'.

    ``mean: (D,)``, ``covariance: (D, D)``, kept in float64; inputs of any dtype are evaluated in the dtype of the
    buffers (``model.float()`` makes it single).
    """

    mean: Tensor
    cholesky: Tensor
    whitener: Tensor
    log_det: Tensor
    least_precision: Tensor

    def __init__(self, mean: Tensor, covariance: Tensor) -> None:
        super().__init__()
        self.dim = len(mean)
        cholesky = torch.linalg.cholesky(covariance)
        eye = torch.eye(self.dim, dtype=covariance.dtype, device=covariance.device)
        self.register_buffer("mean", mean)
        self.register_buffer("cholesky", cholesky)
        self.register_buffer("whitener", torch.linalg.solve_triangular(cholesky, eye, upper=False))
        self.register_buffer("log_det", cholesky.diagonal().log().sum())
        # kept, because eigenvalues of a GPU's matrix are read by the host
        self.register_buffer("least_precision", self._least_precision(), persistent=False)

    @exact
    def log_density(self, x: Tensor) -> Tensor:
        """Return log N(x; mean, Sigma), ``(B, D)`` -> ``(B,)``."""
        z = (x.to(self.mean.dtype) - self.mean) @ self.whitener.T
        return -0.5 * z.square().sum(-1) - self.log_det - 0.5 * self.dim * math.log(2 * math.pi)

    @exact
    @torch.no_grad()
    def value_and_grad(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return log_density and its gradient -Sigma^-1 (x - mean), ``(B,)`` and ``(B, D)``, without a graph."""
        z = (x.to(self.mean.dtype) - self.mean) @ self.whitener.T
        value = -0.5 * z.square().sum(-1) - self.log_det - 0.5 * self.dim * math.log(2 * math.pi)
        return value, (-z @ self.whitener).to(x.dtype)

    @exact
    @torch.no_grad()
    def directional_derivatives(self, x: Tensor, directions: Tensor, bent: int) -> Jet:
        """Return -v' Sigma^-1 (x - mean) and -sum_s v_s' Sigma^-1 v_s, without a graph."""
        z, along = (x.to(self.mean.dtype) - self.mean) @ self.whitener.T, directions @ self.whitener.T.to(directions)
        return Jet(-(along * z.to(x.dtype)).sum(-1), -along[:bent].square().sum((0, 2)))

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return ``(n, D)`` samples."""
        z = torch.randn(n, self.dim, generator=generator, dtype=self.mean.dtype, device=self.mean.device)
        return self.mean + z @ self.cholesky.T

    @property
    def precision(self) -> Tensor:
        """The precision Sigma^-1, ``(D, D)``."""
        return self.whitener.T @ self.whitener

    def _load_from_state_dict(self, *arguments: Any) -> None:
        super()._load_from_state_dict(*arguments)
        self.least_precision.copy_(self._least_precision())

    def _least_precision(self) -> Tensor:
        """Return the smallest eigenvalue of the precision, ``()``."""
        return torch.linalg.eigvalsh(self.precision)[0]


def fitted(x: Tensor, scale: float = 1.0, noise: float = 0.0) -> Normal:
    """Return N(mean of x, scale^2 C + noise^2 I), C the covariance of ``x: (N, D)`` with 1/N, in float64.

    Raises :class:`UserError` if the matrix is not positive definite, as for images some of whose pixels never change.
    """
    x = x.double()
    mean = x.mean(0)
    centred = x - mean
    covariance = scale**2 * centred.T @ centred / len(x)
    covariance.diagonal().add_(noise**2)
    if torch.linalg.cholesky_ex(covariance).info:
        raise UserError(
            "family: the training samples have a singular covariance and fit no normal density; allowed: base_noise > 0"
        )
    return Normal(mean, covariance)
