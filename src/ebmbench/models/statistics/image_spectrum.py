"""Power in bands of spatial frequency."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.data.image_shape import shape_of
from ebmbench.models.statistics.interface import Fixed

__all__ = ["ImageSpectrum"]


@dataclass(frozen=True)
class ImageSpectrum(Fixed):
    """T_b(x) = sum over frequencies k in band b of |Fx|_k^2 / n^2, mean over channels; n pixels, F the Fourier sum.

    Bands are rings of equal width in |k| from 0 to the largest, without k = 0, which is the mean.
    """

    bands: PositiveInt = 6

    def __post_init__(self) -> None:
        check_ranges(self)

    def size(self, dim: int) -> int:
        """Return the number of bands."""
        return self.bands

    def names(self, dim: int) -> list[str]:
        """Return ``band0``, the coarsest, and so on."""
        return [f"band{b}" for b in range(self.bands)]

    def value(self, x: Tensor) -> Tensor:
        """Return T(x), ``(B, D)`` -> ``(B, bands)``."""
        images = shape_of(x.shape[1]).images(x)
        power = torch.fft.fft2(images).abs().square().mean(1) / images[0, 0].numel() ** 2
        return power.flatten(1) @ self._members(x).T

    def laplacian(self, x: Tensor) -> Tensor:
        """Return 2 x number of frequencies in the band / n, everywhere."""
        n = shape_of(x.shape[1]).side ** 2
        return (2 * self._members(x).sum(1) / n).expand(len(x), -1)

    def under_noise(self, mean: Tensor, sigma: float, dim: int) -> Tensor:
        """Return the mean + sigma^2 x number of frequencies in the band / n."""
        return mean + 0.5 * sigma**2 * self.laplacian(mean.new_zeros(1, dim))[0]

    def _members(self, x: Tensor) -> Tensor:
        """Return 1 where a frequency belongs to a band, else 0: ``(bands, n)``."""
        side = shape_of(x.shape[1]).side
        k = torch.fft.fftfreq(side, 1 / side, dtype=x.dtype, device=x.device)
        radius = (k[:, None].square() + k.square()).sqrt().flatten()
        band = (radius / radius.max() * self.bands).ceil() - 1
        return (band == torch.arange(self.bands, dtype=x.dtype, device=x.device)[:, None]).to(x)
