"""A normalising flow of affine couplings that keeps even and odd coordinates in separate tensors."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ebmbench.models.distributions.standard_latent import StandardLatent
from ebmbench.models.interface import Pushforward


class AffineCouplings(StandardLatent, Pushforward):
    """A flow of affine couplings, log p(x) = log N(f((x - m) / s); 0, I) + log |det df| - sum log s.

    m, s: ``(D,)``, mean and sd of the training data. f: couplings u -> u exp(a(v)) + b(v) of the odd coordinates u
    given the even ones v, then of the even ones given the odd ones, and so on; |a| < log C. The two halves stay
    separate tensors from end to end: nothing is gathered or scattered.
    """

    def __init__(self, conditioners: Sequence[nn.Module], train: Tensor, max_scale: float) -> None:
        """``conditioners``: networks that compute (b, a) of one half from the other, ``(B, |v|)`` -> ``(B, 2 |u|)``.

        ``max_scale``: C above 1, the factor that exp(a) and exp(-a) approach but never reach.
        """
        super().__init__(train)
        self.most = math.log(max_scale)
        self.conditioners = nn.ModuleList(conditioners)

    def log_density(self, x: Tensor) -> Tensor:
        """Return log p(x), ``(B, D)`` -> ``(B,)``."""
        even, odd, log_det = self._forth(x)
        return self._log_latent(even, odd) + log_det

    def encode(self, x: Tensor) -> Tensor:
        """Return the latents f((x - m) / s)."""
        even, odd, _ = self._forth(x)
        return _merged(even, odd)

    def decode(self, z: Tensor) -> Tensor:
        """Return m + s f^-1(z)."""
        return self._back(z)[0]

    def sample_and_log_prob(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return samples with their log-density in one pass: decoding computes the log-determinant as well."""
        with torch.no_grad():
            z = self.latent.sample(n, generator)
            x, log_det = self._back(z)
            return x, self._log_latent(z) + log_det

    def _forth(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the even and the odd coordinates of f, and log |det| of the map."""
        x = (x - self.centre) / self.scale
        given, moved, log_scales = x[:, ::2], x[:, 1::2], []
        for conditioner in self.conditioners:
            shift, log_scale = self._affine(conditioner(given))
            log_scales.append(log_scale)
            given, moved = torch.addcmul(shift, moved, log_scale.exp()), given
        even, odd = (moved, given) if len(log_scales) % 2 else (given, moved)
        return even, odd, self._log_det(log_scales)

    def _back(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Return m + s f^-1(z), and log |det| of the forward map."""
        given, moved, log_scales = z[:, ::2], z[:, 1::2], []
        if len(self.conditioners) % 2:
            given, moved = moved, given
        for conditioner in reversed(self.conditioners):
            shift, log_scale = self._affine(conditioner(moved))
            log_scales.append(log_scale)
            given, moved = moved, (given - shift) * (-log_scale).exp()
        return _merged(given, moved) * self.scale + self.centre, self._log_det(log_scales)

    def _affine(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Split a conditioner's output into b and the bounded log-scale a, ``(B, |u|)`` each."""
        shift, bare = raw.chunk(2, 1)
        return shift, bare / (1 + bare.abs() / self.most)

    def _log_det(self, log_scales: list[Tensor]) -> Tensor:
        return torch.cat(log_scales, 1).sum(1) - self.scale.log().sum()

    def _log_latent(self, *parts: Tensor) -> Tensor:
        squares = torch.stack([part.square().sum(1) for part in parts]).sum(0)
        return -0.5 * squares - 0.5 * self.dim * math.log(2 * math.pi)


def _merged(even: Tensor, odd: Tensor) -> Tensor:
    """Interleave even and odd coordinates in their original order."""
    x = even.new_empty(len(even), even.shape[1] + odd.shape[1])
    x[:, ::2], x[:, 1::2] = even, odd
    return x
