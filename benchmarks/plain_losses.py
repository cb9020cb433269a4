"""Losses written down as their formulas read, and those of other packages, each as a training step of its own.

Every step draws a batch, evaluates the loss, and moves a network of four layers of 128 SiLU units by Adam as torch has
it by default: what a reader of the paper, or of the package's first page, would write.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from ebmbench.models.peers import package

DIM, WIDTH, DEPTH, BATCH, RATE = 2, 128, 4, 128, 1e-3

#: of the losses that have them: t and M, sigma, steps and their size, noise a row, chains
T, M, SIGMA, K, STEP, NU, BUFFER = 0.25, 4, 0.1, 10, 0.01, 4, 10_000

Loss = Callable[[nn.Module, Tensor], Tensor]


class Energy(nn.Module):
    """U, ``(B, 2)`` -> ``(B,)``."""

    def __init__(self) -> None:
        super().__init__()
        sizes = [DIM, *[WIDTH] * DEPTH]
        hidden = [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), nn.SiLU())]
        self.layers = nn.Sequential(*hidden, nn.Linear(WIDTH, 1))

    def forward(self, x: Tensor) -> Tensor:
        """U(x)."""
        return self.layers(x).squeeze(-1)


class Step:
    """A training step of ``energy`` by ``loss`` on batches of ``rows: (N, 2)``."""

    def __init__(self, energy: nn.Module, loss: Loss, rows: Tensor) -> None:
        self.energy, self.loss, self.rows = energy, loss, rows
        self.optimiser = torch.optim.Adam(energy.parameters(), lr=RATE)

    def __call__(self) -> None:
        """One step."""
        x = self.rows[torch.randint(len(self.rows), (BATCH,))]
        self.optimiser.zero_grad()
        self.loss(self.energy, x).backward()
        self.optimiser.step()


def slope(U: nn.Module, x: Tensor, graph: bool = True) -> tuple[Tensor, Tensor]:
    """x with a gradient, and grad U there."""
    x = x.detach().requires_grad_()
    return x, torch.autograd.grad(U(x).sum(), x, create_graph=graph)[0]


def ed(U: nn.Module, x: Tensor) -> Tensor:
    """log(1/M + 1/M sum_j exp(U(x) - U(x_j)))."""
    y = x + math.sqrt(T) * torch.randn_like(x)
    negatives = y[:, None] + math.sqrt(T) * torch.randn(len(x), M, DIM)
    contrasts = U(x)[:, None] - U(negatives.flatten(0, 1)).unflatten(0, (len(x), M))
    return torch.cat([torch.zeros(len(x), 1), contrasts], 1).logsumexp(1).mean() - math.log(M)


def dsm(U: nn.Module, x: Tensor) -> Tensor:
    """1/2 |sigma grad U(x + sigma e) - e|^2."""
    noise = torch.randn_like(x)
    return 0.5 * (SIGMA * slope(U, x + SIGMA * noise)[1] - noise).square().sum(1).mean()


def ssm(U: nn.Module, x: Tensor) -> Tensor:
    """1/2 |grad U|^2 - v' H v."""
    points, gradient = slope(U, x)
    v = torch.randn_like(x)
    along = torch.autograd.grad((gradient * v).sum(), points, create_graph=True)[0]
    return (0.5 * gradient.square().sum(1) - (along * v).sum(1)).mean()


def sm(U: nn.Module, x: Tensor) -> Tensor:
    """1/2 |grad U|^2 - Lap U."""
    points, gradient = slope(U, x)
    laplacian = sum(torch.autograd.grad(gradient[:, d].sum(), points, create_graph=True)[0][:, d] for d in range(DIM))
    return (0.5 * gradient.square().sum(1) - laplacian).mean()


def moved(U: nn.Module, x: Tensor) -> Tensor:
    """x after K Langevin steps."""
    for _ in range(K):
        x = x - STEP / 2 * slope(U, x, graph=False)[1] + math.sqrt(STEP) * torch.randn_like(x)
    return x


def cd(U: nn.Module, x: Tensor) -> Tensor:
    """mean U(x) - mean U(z)."""
    return U(x).mean() - U(moved(U, x)).mean()


class PCD:
    """mean U(x) - mean U(z), z moved on from where they stopped, one in twenty begun anew."""

    def __init__(self) -> None:
        self.chains = torch.randn(BUFFER, DIM)

    def __call__(self, U: nn.Module, x: Tensor) -> Tensor:
        """The contrast."""
        chosen = torch.randint(BUFFER, (len(x),))
        start = torch.where(torch.rand(len(x), 1) < 0.05, torch.randn_like(x), self.chains[chosen])
        self.chains[chosen] = moved(U, start)
        return U(x).mean() - U(self.chains[chosen]).mean()


def nce(U: nn.Module, x: Tensor) -> Tensor:
    """Data against NU draws of N(0, I) a row, by logistic regression."""
    normal = torch.distributions.MultivariateNormal(torch.zeros(DIM), torch.eye(DIM))
    y = normal.sample((NU * len(x),))
    data, noise = (-U(points) - normal.log_prob(points) - math.log(NU) for points in (x, y))
    return softplus(-data).mean() + NU * softplus(noise).mean()


def of_ebmkit() -> dict[str, Loss]:
    """The losses of ebmkit, on any energy."""
    ebm = package("ebmkit", "ebm")
    chain = ebm.LangevinDynamics(step_size=STEP / 2, steps=K)
    losses = {
        "ed": ebm.EnergyDiscrepancy(math.sqrt(T), M),
        "dsm": ebm.DenoisingScoreMatching(SIGMA),
        "ssm": ebm.SlicedScoreMatching(),
        "sm": package("ebmkit", "ebm.losses").ExactScoreMatching(),
        "cd": ebm.ContrastiveDivergence(chain),
        "pcd": ebm.ContrastiveDivergence(chain, ebm.ReplayBuffer(BUFFER, (DIM,))),
        "nce": ebm.NoiseContrastiveEstimation(noise_ratio=NU),
    }
    return {name: lambda U, x, loss=loss: loss(U, x).loss for name, loss in losses.items()}


def of_torchebm(energy: Any) -> dict[str, Loss]:
    """The losses of torchebm, on one energy of its own kind; of slices one a row, as elsewhere."""
    losses, samplers = package("torchebm", "torchebm.losses"), package("torchebm", "torchebm.samplers")
    chain = samplers.LangevinDynamics(energy, step_size=STEP / 2)
    found = {
        "dsm": losses.DenoisingScoreMatching(energy, SIGMA),
        "ssm": losses.SlicedScoreMatching(energy, 1),
        "sm": losses.ScoreMatching(energy),
    }
    plain = {name: lambda U, x, loss=loss: loss(x) for name, loss in found.items()}
    contrast = losses.ContrastiveDivergence(energy, chain, K)
    kept = losses.ContrastiveDivergence(energy, chain, K, persistent=True, buffer_size=BUFFER, init_steps=0)
    return plain | {"cd": lambda U, x: contrast(x)[0], "pcd": lambda U, x: kept(x)[0]}


def torchebm_energy() -> nn.Module:
    """The network as a model of torchebm."""

    class Model(package("torchebm", "torchebm.core").BaseModel):
        """U, as torchebm asks for it."""

        def __init__(self) -> None:
            super().__init__()
            self.energy = Energy()

        def forward(self, x: Tensor) -> Tensor:
            """U(x)."""
            return self.energy(x)

    return Model()
