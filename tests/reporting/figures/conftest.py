"""A small grid of runs as the contract's files, with the collected tables beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from ebmbench.core.cells import Cell, Job
from ebmbench.core.columns import CURVES, SCORES, STATISTICS
from ebmbench.core.files import write_csv, write_json
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.style import _RC
from ebmbench.workflow.stages.collect import collect
from ebmbench.workflow.stages.tables import write_tables as write_tables
from tests.helpers import image_runs
from tests.helpers.paths import ROOT

SCHEMAS = ROOT / "src/ebmbench/core/schemas"

SEEDS = (0, 1, 2)


@pytest.fixture(autouse=True)
def quick_fonts(request, monkeypatch):
    """Let a pdf draw its letters: to cut out of a font what a figure needs takes half of the time of drawing it."""
    if "real_fonts" not in request.fixturenames:
        monkeypatch.setitem(_RC, "pdf.fonttype", 3)


@pytest.fixture
def real_fonts():
    """For a test of the fonts themselves."""


@pytest.fixture
def saved_figures(monkeypatch):
    """A function that has a module of figures keep what it would save; it returns the growing list."""

    def of(module):
        figures = []
        monkeypatch.setattr(module, "save", lambda figure, *_: figures.append(figure))
        return figures

    return of


class Suite(NamedTuple):
    run_dirs: list[Path]
    data_files: list[Path]
    tables: Path


def midpoints(n: int, box: float) -> np.ndarray:
    """Grid points, first coordinate slowest, ``(n n, 2)``."""
    axis = -box + (np.arange(n) + 0.5) * 2 * box / n
    return np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)


def log_gaussian(x: np.ndarray, sd: float) -> np.ndarray:
    return -0.5 * (x**2).sum(1) / sd**2 - math.log(2 * math.pi * sd**2)


def true_log_density(dataset: str, x: np.ndarray) -> np.ndarray:
    """A Gaussian of sd 1 for ``ball``, else six Gaussians of sd 0.3 on a circle of radius 3 for ``ring``."""
    if dataset == "ball":
        return log_gaussian(x, 1.0)
    angles = np.arange(6) * math.pi / 3
    centres = 3 * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return np.logaddexp.reduce([log_gaussian(x - c, 0.3) - math.log(6) for c in centres])


def write_data(root: Path, dataset: str, n: int, box: float = 5.0) -> Path:
    path = root / "data" / dataset / "seeds0-2.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({"grid/log_prob": true_log_density(dataset, midpoints(n, box))}, path)
    facts = {
        "dataset": dataset,
        "dim": 2,
        "digest": {str(seed): "d" * 8 for seed in SEEDS},
        "sizes": {str(seed): [100, 10, 20] for seed in SEEDS},
        "log_det": {str(seed): 0.0 for seed in SEEDS},
        "grid": {"n": n, "box": box},
        "facts": {"coordinates": "native"},
    }
    write_json(path.with_suffix(".json"), facts)
    return path.with_suffix(".json")


def kl_of(rank: int, seed: int) -> float:
    return 0.01 * (rank + 1) * (1 + 0.1 * seed)


def tensors_of(cell: Cell, seed: int, rank: int, n: int, box: float = 5.0) -> dict[str, np.ndarray]:
    """The true density stretched by 5 % a rank, off by a log Z of 1.5."""
    log_prob = true_log_density(cell.dataset, midpoints(n, box) / (1 + 0.05 * rank)) + 1.5
    log_z = {f"{seed}/log_z": np.array(1.5), f"{seed}/log_z_stderr": np.array(0.01)}
    return log_z | {f"{seed}/grid": log_prob.astype(np.float32)}


def score_rows(cell: Cell, seed: int, rank: int, status: str) -> list[dict]:
    kl = kl_of(rank, seed)
    values = {("kl", "exact"): kl, ("nll", "test"): 2.1 + kl, ("moments_mismatch_mean", "test"): 2 * kl}
    values[("moments_mismatch_floor", "test")] = 0.008
    head = {**cell._asdict(), "seed": seed, "status": status, "run": cell.run(seed), "beta": 1.0}
    ok = status == "ok"
    model = [
        head
        | {"metric": metric, "split": split, "distribution": "model"}
        | ({"value": value, "stderr": 0.001, "n": 20} if ok else {})
        for (metric, split), value in values.items()
    ]
    return model + [sampler_row(row, cell, seed) for row in model if "mismatch" in row["metric"]]


def sampler_row(row: dict, cell: Cell, seed: int) -> dict:
    """The sampler's samples are 1.5 times as far off as the model's own; one run of ebm · ed is unconverged."""
    factor = 1.5 if row["metric"].endswith("mean") else 1.0
    value = {"value": factor * row["value"]} if "value" in row else {}
    mark = "unconverged" if (cell.loss, cell.stats, seed) == ("ed", "none", 1) else None
    return row | value | {"distribution": "sampler", "mark": mark}


def curve_rows(seed: int, rank: int, status: str) -> list[dict]:
    """Six checkpoints; two of a run that failed, four of seed 2 of the second method."""
    last = 2 if status != "ok" else 4 if (seed, rank) == (2, 1) else 6
    return [
        {"seed": seed, "step": 10 * step, "seconds": 0.1 * (rank + 1) * step, "energy_evaluations": 640 * step}
        | {"gradient_evaluations": 64 * step * rank, "kl": kl_of(rank, seed) + math.exp(-1.2 * step)}
        | {"mse_log_density": 5 * math.exp(-step) + rank, "mse_log_density_data_z": math.exp(-step) + 0.1 * seed}
        for step in range(last)
    ]


def write_run(
    root: Path, cell: Cell, n: int, rank: int, statuses: dict[int, str], settings: Mapping[str, object]
) -> Path:
    """The folder of a job of three seeds, with a status each; a run that is not ok ended at step 200 + 10 seed."""
    folder = Job(cell, "0-2").folder(root)
    folder.mkdir(parents=True)
    tensors, scores, curves, runs, sampling = {}, [], [], {}, {}
    for seed, status in statuses.items():
        runs[str(seed)] = {"status": status, "reason": "", "seconds": 2.0 + rank, "peak_memory_mb": 300.5}
        runs[str(seed)]["steps"] = 1000 if status == "ok" else 200 + 10 * seed
        sampling[str(seed)] = {"likelihood": {"status": status}, "samples": {"status": status, "n_eff": 90.0}}
        tensors |= tensors_of(cell, seed, rank, n) if status == "ok" else {}
        scores += score_rows(cell, seed, rank, status)
        curves += curve_rows(seed, rank, status)
    if tensors:
        save_file(tensors, folder / "log_prob.safetensors")
    provenance = {"device": "cpu", "data_digest": {str(seed): f"digest{seed}" for seed in SEEDS}}
    written = {"cell": cell._asdict(), "runs": runs, "provenance": provenance, "settings": {"loss": dict(settings)}}
    write_json(folder / "run.json", written)
    write_json(folder / "sampling.json", {"runs": sampling})
    write_csv(folder / "scores.csv", pd.DataFrame(scores).reindex(columns=list(SCORES)))
    write_csv(folder / "statistics.csv", pd.DataFrame(columns=list(STATISTICS)))
    write_csv(folder / "curves.csv", pd.DataFrame(curves).reindex(columns=list(CURVES)))
    return folder


def statuses_of(rank: int, methods: int) -> dict[int, str]:
    """The last method diverges in every seed, the fourth runs out of time in seed 1."""
    if rank == methods - 1:
        return dict.fromkeys(SEEDS, "diverged")
    return {seed: "timeout" if (rank, seed) == (3, 1) else "ok" for seed in SEEDS}


def write_suite(root: Path, methods: Mapping[tuple[str, str, str], Mapping[str, object]], n: int) -> Suite:
    """Data sets ``ball`` and ``ring``, every method with its loss's settings on both, collected and tabulated."""
    data_files = [write_data(root, dataset, n) for dataset in ("ball", "ring")]
    run_dirs = [
        write_run(root, Cell(dataset, *method), n, rank, statuses_of(rank, len(methods)), settings)
        for dataset in ("ball", "ring")
        for rank, (method, settings) in enumerate(methods.items())
    ]
    skipped = pd.DataFrame(columns=["dataset", "family", "loss", "stats", "reason"])
    collect(run_dirs, skipped, root / "tables", SCHEMAS)
    write_tables(root / "tables", data_files)
    return Suite(run_dirs, data_files, root / "tables")


METHODS = [("ebm", "ed", "none"), ("ebm", "ed", "moments"), ("flow", "ml", "none"), ("kde", "none", "none")]


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    methods = {method: {} for method in [*METHODS, ("ebm", "cd", "none")]}
    return write_suite(tmp_path_factory.mktemp("suite"), methods, n=24)


@pytest.fixture
def inputs_with(suite: Suite, tmp_path: Path) -> Callable[..., Inputs]:
    """The suite's files with the tables given by name in place of its own."""

    def of(**tables: pd.DataFrame) -> Inputs:
        for path in suite.tables.glob("*.csv"):
            write_csv(tmp_path / "tables" / path.name, tables.get(path.stem, pd.read_csv(path, keep_default_na=False)))
        return Inputs(suite.run_dirs, suite.data_files, tmp_path / "tables")

    return of


#: (t, w, M) of energy discrepancy; with t = 1 and w = 50 there is no M = 32
SWEPT = {
    "ed_near_1": (0.0025, 1.0, 1),
    "ed_near_32": (0.0025, 1.0, 32),
    "ed_free_1": (1.0, 0.0, 1),
    "ed_free_32": (1.0, 0.0, 32),
    "ed_heavy_1": (1.0, 50.0, 1),
}


@pytest.fixture(scope="session")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """Energy discrepancy at several settings: one run of ed_free_32 timed out, and all of ed_heavy_1 diverged."""
    methods: dict[tuple[str, str, str], dict[str, object]] = {
        ("ebm", loss, "none"): {"kind": "ed", "t": t, "M": M, "w": w} for loss, (t, w, M) in SWEPT.items()
    }
    heavy = methods.pop(("ebm", "ed_heavy_1", "none"))
    methods |= {("ebm", "sm", "none"): {"kind": "sm"}, ("ebm", "ed_heavy_1", "none"): heavy}
    return write_suite(tmp_path_factory.mktemp("swept"), methods, n=24)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """Runs on two sets of images, one with a class left out, and on a table of 8 x 8 numbers that are no pixels."""
    root = tmp_path_factory.mktemp("pictures")
    kinds = {"table": {"kind": "digits"}, "digits": {"kind": "digit_images"}, "but4": {"kind": "digit_images"}}
    data_files = [image_runs.write_data(root, name, odd=name == "but4") for name in kinds]
    methods = [image_runs.LEBM, image_runs.VAE, image_runs.FLOW, image_runs.GEBM]
    cells = [
        ("table", image_runs.FLOW),
        *(("digits", method) for method in methods),
        ("but4", image_runs.VAE),
        ("but4", image_runs.LOST),
    ]
    run_dirs = [image_runs.write_run(root, name, method, kinds[name]) for name, method in cells]
    head = {"split": "test", "distribution": "model", "metric": "reconstruction_mse", "seeds": 2}
    rows = [
        {
            **dict(zip(Cell._fields, ("digits", *method), strict=True)),
            **head,
            "mean": mean,
            "ci_low": 0.1,
            "ci_high": high,
        }
        for method, mean, high in ((image_runs.VAE, 0.2, 0.3), (image_runs.LEBM, 0.4, math.nan))
    ]
    write_csv(root / "tables" / "summary.csv", pd.DataFrame(rows))
    return Inputs(run_dirs, data_files, root / "tables", named=True)
