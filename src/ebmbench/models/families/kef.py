"""A kernel exponential family, fitted by score matching in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from ebmbench.core.ranges import PositiveInt
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.on_normal import OnNormal
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.interface import TrainingData
from ebmbench.models.statistics.interface import Definition
from ebmbench.models.statistics.none import NoStatistic

__all__ = ["KEF"]

#: bandwidths as multiples of the median distance, and weights of the function's norm: all pairs are tried
BANDWIDTHS = (0.1, 0.2, 0.35, 0.6)
WEIGHTS = (1e-4, 1e-3, 1e-2, 1e-1)

#: number of points differentiated at once
BLOCK = 500


class Kernels(nn.Module):
    """The energy -f(x) = -sum_j a_j k(x, c_j), k(x, c) = exp(-|x - c|^2 / (2 h^2)).

    ``centres: (M, D)``, ``weights: (M,)`` = a, ``bandwidth: ()`` = h in data units.
    """

    centres: Tensor
    weights: Tensor
    bandwidth: Tensor

    def __init__(self, centres: Tensor, weights: Tensor, bandwidth: float) -> None:
        super().__init__()
        self.register_buffer("centres", centres)
        self.register_buffer("weights", weights)
        self.register_buffer("bandwidth", torch.tensor(bandwidth, dtype=centres.dtype))

    def forward(self, x: Tensor) -> Tensor:
        """Return -f(x), ``(B, D)`` -> ``(B,)``."""
        x = x.to(self.centres.dtype)
        squares = x.square().sum(1, keepdim=True) - 2 * x @ self.centres.T + self.centres.square().sum(1)
        return -gaussian(squares, self.bandwidth) @ self.weights


def gaussian(squares: Tensor, bandwidth: float | Tensor) -> Tensor:
    """Return the kernel k at squared distances, exp(-squares / (2 h^2))."""
    return (-0.5 * squares / bandwidth**2).exp()


class Equations(NamedTuple):
    """The score matching loss of b exp(f) as a quadratic in a: J(a) = 1/2 a'Ga + g'a, up to a constant.

    ``G: (M, M)``, the mean over examples of sum_d d_d k_i d_d k_j; ``g: (M,)``, the mean of Lap k_j + <grad k_j, grad
    log b>.
    """

    G: Tensor
    g: Tensor

    def value(self, a: Tensor) -> float:
        """Return J(a)."""
        return float(0.5 * a @ self.G @ a + self.g @ a)


def equations(x: Tensor, base: Normal, centres: Tensor, bandwidth: float) -> Equations:
    """Compute G and g for examples ``x: (N, D)`` from the kernel's derivatives; ``centres: (M, D)``, all in float64."""
    M, dim = centres.shape
    G, g = torch.zeros(M, M, dtype=x.dtype), torch.zeros(M, dtype=x.dtype)
    for rows in x.split(BLOCK):
        offsets = rows[:, None] - centres
        squares = offsets.square().sum(2)
        kernel = gaussian(squares, bandwidth)
        slopes = -offsets / bandwidth**2 * kernel[..., None]
        laplacian = (squares / bandwidth**4 - dim / bandwidth**2) * kernel
        of_base = -(rows - base.mean) @ base.precision
        G += torch.einsum("nid,njd->ij", slopes, slopes)
        g += laplacian.sum(0) + torch.einsum("nid,nd->i", slopes, of_base)
    return Equations(G / len(x), g / len(x))


@dataclass(frozen=True, kw_only=True)
class KEF(OnNormal):
    """Kernel exponential family: p(x) prop. to b(x) exp f(x), f = sum_j a_j k(x, c_j)
    (Sriperumbudur et al. 2017; Sutherland et al. 2018).

    k is a Gaussian kernel at ``centres`` training examples c_j, and a minimises the score matching loss on at most
    ``rows`` training examples plus weight/2 a'Ka, K_ij = k(c_i, c_j): a = -(G + weight K)^-1 g. Bandwidth and weight
    are selected from four values each, by the lowest loss on at most 2,000 validation examples. b is that of ``ebm``.
    """

    losses: ClassVar[tuple[str, ...]] = ("none", "sm")

    centres: PositiveInt = 300
    rows: PositiveInt = 5_000

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> Tilted:
        """Return the fitted model, in double precision because its weights cancel; ``statistic`` is ignored."""
        train = data.splits.train
        base = self.measure(train)
        x = train[torch.randperm(len(train), generator=generator)[: self.rows]].double()
        network = fitted(x, data.splits.val[:2000].double(), base, x[: self.centres])
        return Tilted(base, network, NoStatistic(), train)


def fitted(x: Tensor, val: Tensor, base: Normal, centres: Tensor) -> Kernels:
    """Fit ``x: (N, D)`` with all bandwidths and weights; return the fit with the lowest loss on ``val: (V, D)``."""
    median = float(torch.pdist(centres).median()) if len(centres) > 1 else 1.0
    found: list[tuple[float, Kernels]] = []
    for bandwidth in (share * median for share in BANDWIDTHS):
        own, other = (equations(rows, base, centres, bandwidth) for rows in (x, val))
        gram = gaussian(torch.cdist(centres, centres).square(), bandwidth)
        for weight in WEIGHTS:
            a = -torch.linalg.lstsq(own.G + weight * gram, own.g, driver="gelsd").solution
            found.append((other.value(a), Kernels(centres, a, bandwidth)))
    return min(found, key=lambda pair: pair[0])[1]
