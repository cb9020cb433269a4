"""Responses of oriented filters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.data.image_shape import shape_of
from ebmbench.models.statistics.interface import Definition, Statistic

__all__ = ["ImageFilters"]

#: Sobel's derivative across columns, of norm 1
SOBEL = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))

#: centres of the bumps, in standard deviations of a filter's response
CENTRES = (-1.0, 0.0, 1.0)


class Responses(nn.Module, Statistic):
    """T_jc(x) = mean over places and channels of exp(-(F_j * x - m_c s_j)^2 / (2 s_j^2)), m in {-1, 0, 1}.

    F_j: 3 x 3 filters of norm 1, applied without padding.
    """

    filters: Tensor
    scales: Tensor

    def __init__(self, filters: Tensor, scales: Tensor) -> None:
        """``filters: (J, 3, 3)``, ``scales: (J,)``."""
        super().__init__()
        self.register_buffer("filters", filters)
        self.register_buffer("scales", scales)

    def size(self, dim: int) -> int:
        """Return K = 3 J."""
        return len(CENTRES) * len(self.filters)

    def names(self, dim: int) -> list[str]:
        """Return the names; ``filter0(-1)``: first orientation, responses about one standard deviation below 0."""
        return [f"filter{j}({centre:+.0f})" for j in range(len(self.filters)) for centre in CENTRES]

    def value(self, x: Tensor) -> Tensor:
        """Return T(x), ``(B, D)`` -> ``(B, 3 J)``."""
        return _averaged(self._bumps(x)[0], x)

    def laplacian(self, x: Tensor) -> Tensor:
        """Return |F_j|^2 x the mean of the bump's second derivative."""
        bumps, u = self._bumps(x)
        squares = (self.filters.square().sum((1, 2)) / self.scales.square()).to(x)
        return _averaged(bumps * (u.square() - 1) * squares[:, None, None, None], x)

    def _bumps(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the bumps and their arguments, ``(B C, J, 3, places, 1)`` each."""
        shape = shape_of(x.shape[1])
        images = shape.images(x).flatten(0, 1)[:, None]
        responses = torch.nn.functional.conv2d(images, self.filters.to(x)[:, None]).flatten(2)
        centres = torch.tensor(CENTRES, dtype=x.dtype, device=x.device)[:, None, None]
        u = (responses / self.scales.to(x)[:, None])[:, :, None, :, None] - centres
        return torch.exp(-0.5 * u.square()), u


def _averaged(values: Tensor, x: Tensor) -> Tensor:
    """Return the mean over places and channels for images ``x: (B, D)``, ``(B, 3 J)``."""
    return values.mean((3, 4)).flatten(1).unflatten(0, (len(x), shape_of(x.shape[1]).channels)).mean(1)


@dataclass(frozen=True)
class ImageFilters(Definition):
    """Soft histograms of the responses of ``orientations`` Sobel filters (after FRAME, Zhu, Wu and Mumford 1997).

    The scale of a filter is the root mean square of its responses on the training data.
    """

    orientations: PositiveInt = 4

    def __post_init__(self) -> None:
        check_ranges(self)

    def fit(self, train: Tensor) -> Responses:
        """Return the statistics scaled by the responses on the training data."""
        across = torch.tensor(SOBEL, dtype=torch.float64, device=train.device)
        angles = [math.pi * j / self.orientations for j in range(self.orientations)]
        turned = torch.stack([math.cos(angle) * across + math.sin(angle) * across.T for angle in angles])
        filters = turned / turned.square().sum((1, 2), keepdim=True).sqrt()
        images = shape_of(train.shape[1]).images(train.double()).flatten(0, 1)[:, None]
        scales = torch.nn.functional.conv2d(images, filters[:, None]).square().mean((0, 2, 3)).sqrt()
        return Responses(filters, scales)
