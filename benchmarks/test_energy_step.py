"""One step of the energy by KALE in Fenchel's form: this suite's training loop beside a plain transcription.

The shape is that of red wine: D = 11, N = 100 rows, M = 2,000 draws of the base, base and energy both five affine
couplings of width 100, gradient penalty .1, the log-partition moved along its own gradient (Arbel, Zhou and Gretton
2021). The transcription is the published construction written down as it reads: scale and shift networks of their own,
which see the whole masked row; the base drawn by its inverse and then evaluated at the draws; one energy, which is
differentiated twice for the penalty. Steps of both alternate within one session, and what is taken is processor time,
so that other work on the machine falls on both alike.

Run ``python -m pytest benchmarks/test_energy_step.py`` with the packages of envs/benchmark.txt.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
import time
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn

pytest.importorskip("pytest_benchmark", reason="needs the packages of envs/benchmark.txt")

from ebmbench.core.seeds import generator
from ebmbench.data.interface import Splits
from ebmbench.models.families.gebm_combined import GEBMCombined
from ebmbench.models.families.nvp import NVP
from ebmbench.models.interface import TrainingData
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.loop import train
from ebmbench.training.losses.kale_f import KALEFenchel
from ebmbench.training.settings import TrainSettings

#: D, N, M / N and the train rows of red wine; the couplings of each flow and their width
DIM, BATCH, NU, ROWS = 11, 100, 20, 1279
COUPLINGS, WIDTH = 5, 100

RATE, PENALTY = 1e-4, 0.1

#: steps of each that are timed, and that come before
STEPS, WARM_UP = 40, 10

#: what a step of the suite may cost, as a share of the transcription's
TARGET = 0.5


class Coupling(nn.Module):
    """u = x exp(s(m x)) + t(m x) on the coordinates where the mask m is 0; s of tanh units, t of ReLU units."""

    def __init__(self, parity: int) -> None:
        super().__init__()
        self.mask = (torch.arange(DIM) % 2 == parity).float()
        self.s, self.t = self._network(nn.Tanh), self._network(nn.ReLU)

    @staticmethod
    def _network(activation: type[nn.Module]) -> nn.Sequential:
        hidden = nn.Linear(DIM, WIDTH), activation(), nn.Linear(WIDTH, WIDTH), activation()
        return nn.Sequential(*hidden, nn.Linear(WIDTH, DIM))

    def _map(self, x: Tensor) -> tuple[Tensor, Tensor]:
        given = self.mask * x
        return (1 - self.mask) * self.s(given), (1 - self.mask) * self.t(given)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """u, and log |du/dx|."""
        s, t = self._map(x)
        return x * s.exp() + t, s.sum(-1)

    def inverse(self, u: Tensor) -> Tensor:
        """x."""
        s, t = self._map(u)
        return (u - t) * (-s).exp()


class PlainNVP(nn.Module):
    """Couplings from data to standard normal latents."""

    def __init__(self) -> None:
        super().__init__()
        self.couplings = nn.ModuleList(Coupling(k % 2) for k in range(COUPLINGS))

    def log_density(self, x: Tensor) -> Tensor:
        """``(B, D)`` -> ``(B,)``."""
        log_det = torch.zeros(len(x))
        for coupling in self.couplings:
            x, more = coupling(x)
            log_det = log_det + more
        return log_det - 0.5 * x.square().sum(-1) - 0.5 * DIM * math.log(2 * math.pi)

    def decode(self, z: Tensor) -> Tensor:
        """``(B, D)`` latents -> data."""
        for coupling in reversed(self.couplings):
            z = coupling.inverse(z)
        return z


class Transcription:
    """E = log b - log p - a, a = -sum_k mean |theta_k|; c and p's parameters moved by Adam."""

    def __init__(self, rows: Tensor, stream: torch.Generator) -> None:
        self.rows, self.stream = rows, stream
        self.b, self.p = PlainNVP().requires_grad_(False), PlainNVP()
        self.c = nn.Parameter(self.constant().detach())
        self.optimiser = torch.optim.Adam([*self.p.parameters(), self.c], lr=RATE, betas=(0.5, 0.9))

    def constant(self) -> Tensor:
        """a, ``()``."""
        return -sum(parameter.abs().mean() for parameter in self.p.parameters())

    def energy(self, x: Tensor) -> Tensor:
        """``(B, D)`` -> ``(B,)``."""
        return self.b.log_density(x) - self.p.log_density(x) - self.constant()

    def draws(self, n: int) -> Tensor:
        """Of the base, ``(n, D)``."""
        with torch.no_grad():
            return self.b.decode(torch.randn(n, DIM, generator=self.stream))

    def penalty(self, x: Tensor, y: Tensor) -> Tensor:
        """Mean squared slope of E between rows and as many draws."""
        share = torch.rand(len(x), 1, generator=self.stream)
        between = (share * x + (1 - share) * y[: len(x)]).requires_grad_()
        (slope,) = torch.autograd.grad(self.energy(between).sum(), between, create_graph=True)
        return slope.square().sum(-1).mean()

    def step(self) -> None:
        """One step of the energy and of c."""
        x = self.rows[torch.randint(len(self.rows), (BATCH,), generator=self.stream)]
        y = self.draws(NU * BATCH)
        s, t = self.energy(x), self.energy(y)
        loss = (s + self.c).mean() + (-(t + self.c)).exp().mean() - 1 + PENALTY * self.penalty(x, y)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()


class Seconds(NamedTuple):
    """Of processor time, of each step."""

    ours: list[float]
    plain: list[float]


def suite(rows: Tensor) -> TrainingJob:
    """The same, as the suite trains it."""
    data = TrainingData(None, Splits(rows, rows[:BATCH], rows[:BATCH], 0.0))
    base = NVP(COUPLINGS, WIDTH).build(data, NoStatistic(), generator("energy step", "base"))
    family = GEBMCombined(couplings=COUPLINGS, width=WIDTH)
    model = family.build(data._replace(base=base), NoStatistic(), generator("energy step", "model"))
    settings = TrainSettings(
        steps=WARM_UP + STEPS,
        batch_size=BATCH,
        learning_rate=RATE,
        anneal=False,
        checkpoints=1,
        gradient_penalty=PENALTY,
    )
    named = [generator("energy step", name) for name in ("batches", "noise", "matching")]
    streams = Streams(*named[:2], 0, named[2])
    splits = data.splits
    return TrainingJob(
        model, KALEFenchel(NU), (splits.train, splits.val), settings, streams, lambda _: {}, lambda *_: None
    )


def measure(task: TrainingJob, transcription: Transcription) -> Seconds:
    """Time both, a step of the transcription between any two of the suite's."""
    seconds, since = Seconds([], []), time.process_time()

    def report(*_: Any) -> None:
        nonlocal since
        begun = time.process_time()
        seconds.ours.append(begun - since)
        transcription.step()
        since = time.process_time()
        seconds.plain.append(since - begun)

    train(dataclasses.replace(task, report=report))
    return Seconds(seconds.ours[WARM_UP:], seconds.plain[WARM_UP:])


def test_the_transcription_is_the_published_construction() -> None:
    """It has the published number of parameters, and c = a is its log-partition."""
    torch.manual_seed(0)
    transcription = Transcription(torch.zeros(1, DIM), generator("energy step", "check"))
    assert sum(parameter.numel() for parameter in transcription.p.parameters()) == 124_110
    with torch.no_grad():
        energy = transcription.energy(transcription.draws(20_000))
        log_partition = torch.logsumexp(-energy, 0) - math.log(len(energy))
    assert float(log_partition) == pytest.approx(float(transcription.constant()), abs=0.05)


def test_energy_step(benchmark: Any) -> None:
    """Medians over steps, and their ratio."""
    torch.manual_seed(0)
    rows = torch.randn(ROWS, DIM, generator=generator("energy step", "rows"))
    transcription = Transcription(rows, generator("energy step", "plain"))
    seconds = benchmark.pedantic(measure, (suite(rows), transcription), rounds=1)
    assert len(seconds.ours) == len(seconds.plain) == STEPS
    ours, plain = map(statistics.median, seconds)
    benchmark.extra_info.update(ours=ours, plain=plain, ratio=ours / plain)
    assert ours <= TARGET * plain, f"{1e3 * ours:.1f} ms a step, {1e3 * plain:.1f} ms plain: {ours / plain:.2f} of it"
