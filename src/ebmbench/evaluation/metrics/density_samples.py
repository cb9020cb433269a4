"""Distances between a model's density and the known one, by means over test samples, in any dimension."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate

NAMES = ("kl", "tv", "mse_log_density")
REVERSE = "reverse_kl"


class DensitySamples(NamedTuple):
    """The known log-density at independent samples x_i of it, ``log_p: (n,)`` float64."""

    log_p: Tensor

    @property
    def part(self) -> str:
        """Where a run's log-density is needed."""
        return "test"

    @property
    def names(self) -> tuple[str, ...]:
        """What :meth:`distances` computes."""
        return NAMES

    @property
    def of_draws(self) -> tuple[str, ...]:
        """Metrics of both log-densities at the model's own samples."""
        return (REVERSE,)

    def distances(self, log_density: Tensor, log_z: float = 0.0, log_z_stderr: float = 0.0) -> dict[str, Estimate]:
        """Compute distances between p and q = exp(log_density - log_z) for ``log_density: (n,)`` at the samples.

        kl = mean_i (log p - log q)(x_i), in nats; inf if q = 0 at a sample.
        tv = mean_i max(1 - q/p, 0)(x_i): half the L1 distance, with the model's mass away from the samples counted
        exactly, because E_p max(1 - q/p, 0) is the integral of max(p - q, 0).
        mse_log_density = mean_i (log q - log p)^2(x_i), in nats^2.
        All are unbiased if log Z is exact.

        stderr: root sum of squares of sd / sqrt(n) and the change when log Z moves by its standard error, which for kl
        is that error; plus that of log_density stored in single precision, as in
        :func:`~ebmbench.evaluation.metrics.density_grid.density_grid`.
        """
        log_density = log_density.double()
        terms = _terms(self.log_p - log_density + log_z)
        moved = _terms(self.log_p - log_density + log_z + log_z_stderr)
        n = len(log_density)
        rounding = torch.finfo(torch.float32).eps * float(log_density.abs().mean())
        return {
            name: Estimate(
                float(values.mean()),
                math.hypot(float(values.std()) / math.sqrt(n), float((moved[name] - values).mean())) + rounding,
                n,
            )
            for name, values in terms.items()
        }


def _terms(log_ratio: Tensor) -> dict[str, Tensor]:
    """Return the terms of each mean for ``log_ratio: (n,)``, log p - log q."""
    return {"kl": log_ratio, "tv": -(-log_ratio).clamp(max=0).expm1(), "mse_log_density": log_ratio.square()}


def reverse_kl(
    log_density: Tensor, log_p: Tensor, n_eff: float, log_z: float = 0.0, log_z_stderr: float = 0.0
) -> Estimate:
    """Compute KL(q || p) = mean_i (log q - log p)(x_i), in nats, x_i ~ q = exp(log_density - log_z), ``(n,)`` each.

    inf if p = 0 at a sample. stderr: sd / sqrt(n_eff), n_eff the number of independent samples that the n are worth,
    and log Z's standard error, added in quadrature; plus rounding as in :meth:`DensitySamples.distances`.
    """
    values = log_density.double() - log_z - log_p
    rounding = torch.finfo(torch.float32).eps * float(log_density.double().abs().mean())
    error = math.hypot(float(values.std()) / math.sqrt(n_eff), log_z_stderr) + rounding
    return Estimate(float(values.mean()), error, len(values))
