"""Statistics of images that average functions of one pixel over the pixels."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.data.image_shape import shape_of
from ebmbench.models.statistics.functions import Functions
from ebmbench.models.statistics.interface import Statistic


class PixelAverages(Functions, Statistic):
    """T_cj(x) = mean over the pixels p of channel c of f_j(x_cp): J functions, K = C J, channel 0 first."""

    def size(self, dim: int) -> int:
        """Return K = C J."""
        return shape_of(dim).channels * len(self.labels)

    def names(self, dim: int) -> list[str]:
        """Return the labels, with the channel's number if there are several."""
        channels = shape_of(dim).channels
        ends = [""] if channels == 1 else [f"({channel})" for channel in range(channels)]
        return [label + end for end in ends for label in self.labels]

    def value(self, x: Tensor) -> Tensor:
        """Return T(x), ``(B, D)`` -> ``(B, C J)``."""
        return self._averaged(self.functions(x), x.shape[1])

    def hard(self, x: Tensor) -> Tensor:
        """Return the unsmoothed T(x), ``(B, D)`` -> ``(B, C J)``."""
        return self._averaged(self.hard_functions(x), x.shape[1])

    def gradient(self, x: Tensor) -> Tensor:
        """Return the Jacobian: f'_j(x_p) / n at the channel's n pixels, 0 at all others, ``(B, C J, D)``."""
        shape = shape_of(x.shape[1])
        slopes = self.slopes(x).unflatten(1, (shape.channels, -1)).transpose(2, 3) / shape.side**2
        own = torch.eye(shape.channels, dtype=x.dtype, device=x.device)
        return (slopes[:, :, :, None] * own[:, None, :, None]).flatten(3).flatten(1, 2)

    def laplacian(self, x: Tensor) -> Tensor:
        """Return the mean of f''_j over the channel's pixels."""
        return self._averaged(self.bends(x), x.shape[1])

    def _averaged(self, values: Tensor, dim: int) -> Tensor:
        """Return the means over the pixels of each channel, ``(B, D, J)`` -> ``(B, C J)``."""
        return values.unflatten(1, (shape_of(dim).channels, -1)).mean(2).flatten(1)
