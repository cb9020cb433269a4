"""Hand-made runs on hand-made images of 8 x 8 pixels, whose nearest train images and distances are known."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from ebmbench.core.cells import Cell, Job
from ebmbench.core.files import write_json, write_tensors

SEEDS = (0, 1)
TRAIN, TEST, DRAWS = 40, 30, 24

#: added to the first pixel of a train image: its distance
TEST_AWAY, DRAW_AWAY = 1.0, 0.5

LEBM, VAE, FLOW, GEBM, LOST = (
    ("lebm", "ed", "none"),
    ("vae", "elbo", "none"),
    ("flow", "ml", "none"),
    ("gebm_images", "kale_f", "none"),
    ("lebm", "cd", "none"),
)


def train_rows(seed: int) -> Tensor:
    """Far from each other, but for the first pixel, which is dark."""
    rows = torch.rand(TRAIN, 64, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    rows[:, 0] = -1
    return rows


def away(rows: Tensor, n: int, distance: float) -> Tensor:
    """The last n rows, each so far from where it was."""
    moved = rows[-n:].clone()
    moved[:, 0] += distance
    return moved


def write_data(root: Path, name: str, odd: bool = False) -> Path:
    """``odd``: the last half of the test rows is of a class that was left out, and far from all others."""
    path, tensors = root / "data" / name / "seeds0-1.safetensors", {}
    for seed in SEEDS:
        train = train_rows(seed)
        test = away(train, TEST, TEST_AWAY)
        if odd:
            test[TEST // 2 :] = 1.0
            tensors[f"{seed}/test_odd"] = torch.arange(TEST) >= TEST // 2
        tensors |= {f"{seed}/train": train, f"{seed}/val": train[:2].clone(), f"{seed}/test": test}
    write_tensors(path, tensors)
    facts = {"dataset": name, "dim": 64, "grid": None, "sizes": {str(seed): [TRAIN, 2, TEST] for seed in SEEDS}}
    write_json(path.with_suffix(".json"), facts)
    return path.with_suffix(".json")


def write_run(root: Path, name: str, method: tuple[str, str, str], dataset: dict[str, object]) -> Path:
    """lebm has a result at seed 1 alone, vae and flow at both, vae's draws are train images; the others diverged."""
    cell = Cell(name, *method)
    folder, ok = Job(cell, "0-1").folder(root), {"status": "ok", "reason": ""}
    runs, sampled, tensors = {}, {}, {}
    for seed in SEEDS:
        lost = method in (GEBM, LOST) or (method, seed) == (LEBM, 0)
        runs[str(seed)] = {"status": "diverged", "reason": "loss", "steps": 7 + seed} if lost else ok
        if lost:
            sampled[str(seed)] = {"likelihood": {"status": "diverged"}}
            sampled[str(seed)] |= {"reconstruction": {"status": "diverged"}} if method in (LEBM, LOST) else {}
            continue
        train, known = train_rows(seed), {**ok, "sampler": "exact", "kind": "exact", "beta": 1.0, "mark": ""}
        entry = {"likelihood": ok, "samples": known}
        tensors[f"{seed}/samples"] = away(train, DRAWS, 0.0)
        if method == LEBM:
            entry["samples"] = known | {"sampler": "ula", "kind": "biased", "mark": "unconverged", "steps": 60}
            entry |= {"model": {**ok, "sampler": "SMC"}, "base": {**ok, "sampler": "exact"}}
            tensors[f"{seed}/samples"] = away(train, DRAWS, DRAW_AWAY)
            tensors |= {f"{seed}/model": away(train, DRAWS, 0.25), f"{seed}/base": away(train, DRAWS, 1.5)}
        if method != FLOW:
            entry["reconstruction"] = ok
            tensors[f"{seed}/reconstruction"] = away(train, TEST, TEST_AWAY)[:20] * 0.5
            tensors[f"{seed}/joint_energy"] = torch.zeros(TEST)
        sampled[str(seed)] = entry
    write_json(folder / "run.json", {"cell": cell._asdict(), "runs": runs, "settings": {"dataset": dataset}})
    write_json(folder / "sampling.json", {"runs": sampled})
    write_tensors(folder / "samples.safetensors", tensors)
    return folder
