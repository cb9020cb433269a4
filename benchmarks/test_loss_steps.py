"""A training step by each loss: this suite's loop beside the formula written down, ebmkit and torchebm.

The same network, batch, optimiser and settings (:mod:`plain_losses`); the suite's step has the moving average and the
base measure besides. Steps of all alternate within one session, in blocks, and what is taken is processor time, so that
other work on the machine falls on all alike; in the table are medians and their ratio. No time is asserted.

Run ``python -m pytest benchmarks/test_loss_steps.py`` with the packages of envs/benchmark.txt and envs/peers.txt.
"""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
import torch

pytest.importorskip("pytest_benchmark", reason="needs the packages of envs/benchmark.txt")
pytest.importorskip("ebm", reason="needs the packages of envs/peers.txt")
pytest.importorskip("torchebm", reason="needs the packages of envs/peers.txt")

from benchmarks import plain_losses as plain
from ebmbench.core import plugins
from ebmbench.core.seeds import generator
from ebmbench.data.interface import Splits
from ebmbench.models.families.ebm import EBM
from ebmbench.models.interface import TrainingData
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.loop import train
from ebmbench.training.settings import TrainSettings

#: the suite's entries, with the settings of :mod:`plain_losses`
OURS: dict[str, dict[str, Any]] = {
    "ed": {"t": plain.T, "M": plain.M},
    "dsm": {"sigma": plain.SIGMA},
    "ssm": {},
    "sm": {},
    "cd": {"k": plain.K, "step": plain.STEP},
    "pcd": {"k": plain.K, "step": plain.STEP, "buffer": plain.BUFFER},
    "nce": {"nu": plain.NU},
}

TRANSCRIBED = {"ed": plain.ed, "dsm": plain.dsm, "ssm": plain.ssm, "sm": plain.sm, "cd": plain.cd, "nce": plain.nce}

#: steps before the first that is timed, steps a block, and blocks
WARM_UP, BLOCK, BLOCKS = 20, 10, 30

ROWS = 5000


def suite(name: str, rows: torch.Tensor, report: Callable[..., None]) -> TrainingJob:
    """The suite's training by a loss, which calls ``report`` after each step."""
    splits = Splits(rows, rows[:100], rows[:100], 0.0)
    data = TrainingData(None, splits)
    model = EBM(width=plain.WIDTH, depth=plain.DEPTH).build(data, NoStatistic(), generator("steps", name))
    steps = WARM_UP + BLOCK * BLOCKS
    settings = TrainSettings(steps=steps, batch_size=plain.BATCH, learning_rate=plain.RATE, checkpoints=1)
    named = [generator("steps", name, part) for part in ("batches", "noise", "matching")]
    loss = plugins.load("loss", name, **OURS[name])
    return TrainingJob(
        model, loss, (splits.train, splits.val), settings, Streams(*named[:2], 0, named[2]), lambda _: {}, report
    )


def steps_beside(name: str, rows: torch.Tensor) -> dict[str, plain.Step]:
    """Training steps by the same loss elsewhere."""
    of_torchebm = plain.torchebm_energy()
    found = {
        "plain": (plain.Energy(), (TRANSCRIBED | {"pcd": plain.PCD()})[name]),
        "ebmkit": (plain.Energy(), plain.of_ebmkit()[name]),
        "torchebm": (of_torchebm, plain.of_torchebm(of_torchebm).get(name)),
    }
    return {of: plain.Step(energy, loss, rows) for of, (energy, loss) in found.items() if loss is not None}


def measure(name: str, rows: torch.Tensor) -> dict[str, float]:
    """Seconds of a step, the median over blocks, by whom."""
    beside = steps_beside(name, rows)
    for step in beside.values():
        for _ in range(WARM_UP):
            step()
    seconds: dict[str, list[float]] = {of: [] for of in ["ours", *beside]}
    since = time.process_time()

    def report(done: int, *_: Any) -> None:
        nonlocal since
        if done < WARM_UP or (done - WARM_UP) % BLOCK:
            return
        if done > WARM_UP:
            seconds["ours"].append((time.process_time() - since) / BLOCK)
        for of, step in beside.items():
            begun = time.process_time()
            for _ in range(BLOCK):
                step()
            seconds[of].append((time.process_time() - begun) / BLOCK)
        since = time.process_time()

    train(dataclasses.replace(suite(name, rows, report)))
    return {of: statistics.median(values) for of, values in seconds.items()}


@pytest.mark.parametrize("name", OURS)
def test_step(benchmark: Any, table: list[dict[str, Any]], name: str) -> None:
    """Milliseconds a step by each, and ours over the fastest other package's."""
    torch.manual_seed(0)
    rows = torch.randn(ROWS, plain.DIM)
    seconds = benchmark.pedantic(measure, (name, rows), rounds=1)
    peers = [seconds[of] for of in ("ebmkit", "torchebm") if of in seconds]
    ratios = {"ours_over_plain": seconds["ours"] / seconds["plain"], "ours_over_peers": seconds["ours"] / min(peers)}
    benchmark.extra_info.update(ratios)
    table.append({"loss": name} | {f"{of}_ms": 1e3 * value for of, value in seconds.items()} | ratios)
    assert all(value > 0 for value in seconds.values())
