"""Several statistics joined into one vector."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ebmbench.models.statistics.interface import Quadratic, Statistic


class Joined(nn.Module, Statistic):
    """T(x) = (T_1(x), T_2(x), ...), K = K_1 + K_2 + ..."""

    def __init__(self, parts: Sequence[Statistic]) -> None:
        super().__init__()
        self.parts = list(parts)
        # registered as submodules, so that their tensors move and are saved with this module
        self.modules_among = nn.ModuleList([part for part in parts if isinstance(part, nn.Module)])

    def size(self, dim: int) -> int:
        """Return the sum of the parts' K."""
        return sum(part.size(dim) for part in self.parts)

    def names(self, dim: int) -> list[str]:
        """Return the parts' names one after the other."""
        return [name for part in self.parts for name in part.names(dim)]

    def value(self, x: Tensor) -> Tensor:
        """Return T(x), ``(B, D)`` -> ``(B, K)``."""
        return torch.cat([part.value(x) for part in self.parts], 1)

    def hard(self, x: Tensor) -> Tensor:
        """Return the unsmoothed T(x), ``(B, D)`` -> ``(B, K)``."""
        return torch.cat([part.hard(x) for part in self.parts], 1)

    def approximate(self) -> bool:
        """Return whether one of the parts is approximate."""
        return any(part.approximate() for part in self.parts)

    def gradient(self, x: Tensor) -> Tensor:
        """Return the Jacobian, ``(B, D)`` -> ``(B, K, D)``."""
        return torch.cat([part.gradient(x) for part in self.parts], 1)

    def slopes_along(self, x: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Return slopes along v and squared gradients, ``x, v: (B, D)`` -> ``(B, K)`` each."""
        along, squares = zip(*(part.slopes_along(x, v) for part in self.parts), strict=True)
        return torch.cat(along, 1), torch.cat(squares, 1)

    def laplacian(self, x: Tensor) -> Tensor:
        """Return the Laplacians, ``(B, D)`` -> ``(B, K)``."""
        return torch.cat([part.laplacian(x) for part in self.parts], 1)

    def under_noise(self, mean: Tensor, sigma: float, dim: int) -> Tensor | None:
        """Return the parts' means under noise one after the other; None if one of them is None."""
        shares = mean.split([part.size(dim) for part in self.parts])
        found = [part.under_noise(share, sigma, dim) for part, share in zip(self.parts, shares, strict=True)]
        known = [mean for mean in found if mean is not None]
        return torch.cat(known) if len(known) == len(found) else None

    def quadratic(self, eta: Tensor, dim: int) -> Quadratic | None:
        """Return the sum of the parts' quadratic forms; None if one of them is None."""
        shares = eta.split([part.size(dim) for part in self.parts])
        found = [part.quadratic(share, dim) for part, share in zip(self.parts, shares, strict=True)]
        if any(form is None for form in found):
            return None
        return Quadratic(*(sum(terms) for terms in zip(*found, strict=True)))
