"""Products of two standardised coordinates."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ebmbench.models.statistics.interface import Quadratic, Statistic


class Products(nn.Module, Statistic):
    """T_k(x) = u_i u_j over pairs k = (i, j), i <= j, with u = (x - m) / s."""

    pairs: Tensor
    centre: Tensor
    scale: Tensor

    def __init__(self, pairs: Tensor, centre: Tensor, scale: Tensor) -> None:
        """``pairs: (2, K)`` long; ``centre: (D,)`` = m; ``scale: (D,)`` = s."""
        super().__init__()
        for name, tensor in (("pairs", pairs), ("centre", centre), ("scale", scale)):
            self.register_buffer(name, tensor)

    def size(self, dim: int) -> int:
        """Return K."""
        return self.pairs.shape[1]

    def names(self, dim: int) -> list[str]:
        """Return ``x0*x1`` and so on, whether standardised or not."""
        return [f"x{i}*x{j}" for i, j in self.pairs.T.tolist()]

    def value(self, x: Tensor) -> Tensor:
        """Return T(x), ``(B, D)`` -> ``(B, K)``."""
        u, (i, j) = self._standardised(x), self.pairs
        return u[:, i] * u[:, j]

    def gradient(self, x: Tensor) -> Tensor:
        """Return the Jacobian u_j e_i / s_i + u_i e_j / s_j for ``x: (B, D)``, ``(B, K, D)``."""
        u, (i, j) = self._standardised(x), self.pairs
        unit = torch.diag(1 / self.scale).to(x)
        return u[:, j, None] * unit[i] + u[:, i, None] * unit[j]

    def slopes_along(self, x: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Return u_j v_i / s_i + u_i v_j / s_j and u_j^2 / s_i^2 + u_i^2 / s_j^2 (doubled for i = j), ``(B, K)`` each.

        It does not build the Jacobian, which is mostly zero.
        """
        (i, j), scale = self.pairs, self.scale.to(x)
        u, w = self._standardised(x), v / scale
        of_i, of_j = u[:, j] / scale[i], u[:, i] / scale[j]
        squares = of_i.square() + of_j.square()
        return u[:, j] * w[:, i] + u[:, i] * w[:, j], torch.where(i == j, 2 * squares, squares)

    def laplacian(self, x: Tensor) -> Tensor:
        """Return 2 / s_i^2 for i = j, else 0, for ``x: (B, D)``, ``(B, K)``."""
        return self._squares().to(x).expand(len(x), -1)

    def under_noise(self, mean: Tensor, sigma: float, dim: int) -> Tensor:
        """Return the mean, + sigma^2 / s_i^2 for i = j."""
        return mean + 0.5 * sigma**2 * self._squares().to(mean)

    def quadratic(self, eta: Tensor, dim: int) -> Quadratic:
        """Return the form A = -Q, b = -Q m, c = 1/2 m' Q m, Q_ij = eta_ij / (s_i s_j), symmetric, doubled for i = j."""
        i, j = self.pairs
        scale, centre = self.scale.to(eta), self.centre.to(eta)
        upper = eta.new_zeros(dim, dim).index_put((i, j), eta / (scale[i] * scale[j]))
        Q = upper + upper.T
        return Quadratic(-Q, -Q @ centre, 0.5 * centre @ Q @ centre)

    def _standardised(self, x: Tensor) -> Tensor:
        return (x - self.centre.to(x)) / self.scale.to(x)

    def _squares(self) -> Tensor:
        """Return the Laplacian, which is the same everywhere."""
        i, j = self.pairs
        return 2 * (i == j) / self.scale[i].square()
