"""Write a user's arrays as the files of a run, so that the same code scores them as every other method."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from ebmbench.core.cells import Cell
from ebmbench.core.files import write_json, write_tensors
from ebmbench.evaluation.external_samples.archive import ExternalSamples

NO_DENSITY = {"status": "skipped", "reason": "no log-densities were given"}


def write_run_files(given: ExternalSamples, cell: Cell, seed: int, sizes: Mapping[str, int], folder: Path) -> None:
    """Write run.json, sampling.json, samples.safetensors and log_prob.safetensors of one run of ``cell``.

    The samples count as independent samples of the model itself. Missing log-densities are NaN in the file, which
    scoring rejects metric by metric.
    """
    write_json(folder / "run.json", {"cell": cell._asdict(), "runs": {str(seed): {"status": "ok", "reason": ""}}})
    drawn = {"status": "ok", "reason": "", "kind": "exact", "sampler": "given", "n_eff": len(given.samples)}
    normalised = {"status": "ok", "reason": "", "method": "given"} if given.log_prob else NO_DENSITY
    write_json(folder / "sampling.json", {"runs": {str(seed): {"samples": drawn, "likelihood": normalised}}})
    write_tensors(folder / "samples.safetensors", {f"{seed}/samples": torch.from_numpy(given.samples).float()})
    if given.log_prob:
        missing = {name: torch.full((size,), torch.nan, dtype=torch.float64) for name, size in sizes.items()}
        known = {name: torch.from_numpy(values) for name, values in given.log_prob.items()}
        constants = {name: torch.zeros((), dtype=torch.float64) for name in ("log_z", "log_z_stderr")}
        tensors = {f"{seed}/{name}": tensor for name, tensor in (missing | known | constants).items()}
        write_tensors(folder / "log_prob.safetensors", tensors)
