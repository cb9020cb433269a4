"""KALE, the KL approximate lower-bound estimator: its two forms, as functions of energies.

Q has density exp(-E - A) with respect to a base measure B, A = log E_B exp(-E). For every E and c,
-E_P[E + c] - E_B[exp(-(E + c))] + 1 <= -E_P[E] - A <= KL(P || B). The first expression is largest at c = A, where it
equals the second; both equal KL(P || B) if E = -log dP/dB up to a constant (Arbel, Zhou and Gretton 2021).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ebmbench.models.distributions.generalized import Generalized


def log_partition(base: Tensor) -> Tensor:
    """Compute A_M = log 1/M sum_j exp(-E(y_j)) from ``base: (M,)``, the energies of M samples from B.

    On average it is below A by about Var(exp(-E)) / (2 M Z^2).
    """
    return torch.logsumexp(-base, 0) - math.log(len(base))


def donsker_varadhan(data: Tensor, base: Tensor) -> Tensor:
    """Compute -mean_i E(x_i) - A_M, in nats, from energies ``data: (N,)`` of P and ``base: (M,)`` of B samples."""
    return -data.mean() - log_partition(base)


def fenchel(data: Tensor, base: Tensor, c: Tensor) -> Tensor:
    """Compute -mean_i (E(x_i) + c) - mean_j exp(-(E(y_j) + c)) + 1, in nats.

    It is unbiased on batches and smaller than :func:`donsker_varadhan`: on the same energies the difference is
    d + exp(-d) - 1 with d = c - A_M.
    """
    return 1 - (data + c).mean() - (-(base + c)).exp().mean()


def log_partition_logs(model: Generalized, c: Tensor) -> dict[str, Tensor]:
    """Return columns of the training curve: c, and c - A if the model knows A."""
    known = model.log_z()
    logs = {"log_partition": c.detach()}
    return logs if known is None else logs | {"log_partition_error": (c - known).detach()}
