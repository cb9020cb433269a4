"""Write arrays from outside the grid as the files of a job, so that the same code scores them as every other method."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ebmbench.core.cells import Cell
from ebmbench.core.files import write_json, write_tensors
from ebmbench.evaluation.contract import RunOutcome
from ebmbench.evaluation.external_samples.archive import ExternalSamples

OK = RunOutcome("ok", "")
NO_DENSITY = RunOutcome("skipped", "no log-densities were given")
NO_SAMPLES = RunOutcome("skipped", "no samples were given")


def write_run_files(
    given: Mapping[int, ExternalSamples | RunOutcome], cell: Cell, sizes: Mapping[str, int], folder: Path
) -> None:
    """Write run.json, sampling.json, samples.safetensors and log_prob.safetensors of a job of ``cell``.

    ``given``: the arrays of each seed, or its outcome if it failed; ``sizes``: number of examples of each split, and of
    cells of the ``grid``. The samples count as independent samples of the model itself; a run without any (0 rows) has
    no scores of samples. Missing log-densities are NaN in the file, which scoring rejects metric by metric.
    """
    found = {seed: of for seed, of in given.items() if isinstance(of, ExternalSamples)}
    outcomes = {str(seed): _trained(of)._asdict() for seed, of in given.items()}
    write_json(folder / "run.json", {"cell": cell._asdict(), "runs": outcomes})
    write_json(folder / "sampling.json", {"runs": {str(seed): _sampling(of) for seed, of in found.items()}})
    samples = {f"{seed}/samples": torch.from_numpy(of.samples).float() for seed, of in found.items() if len(of.samples)}
    write_tensors(folder / "samples.safetensors", samples)
    densities = {name: tensor for seed, of in found.items() for name, tensor in _log_prob(of, seed, sizes).items()}
    if densities:
        write_tensors(folder / "log_prob.safetensors", densities)


def _trained(given: ExternalSamples | RunOutcome) -> RunOutcome:
    return OK if isinstance(given, ExternalSamples) else given


def _sampling(given: ExternalSamples) -> dict[str, Any]:
    """Return the entry of sampling.json."""
    drawn = {**OK._asdict(), "kind": "exact", "sampler": "given", "n_eff": len(given.samples)}
    normalised = {**OK._asdict(), "method": "given"}
    return {
        "samples": drawn if len(given.samples) else NO_SAMPLES._asdict(),
        "likelihood": normalised if given.log_prob else NO_DENSITY._asdict(),
    }


def _log_prob(given: ExternalSamples, seed: int, sizes: Mapping[str, int]) -> dict[str, Tensor]:
    """Return the tensors of log_prob.safetensors, none without log-densities."""
    if not given.log_prob:
        return {}
    missing = {name: torch.full((size,), torch.nan, dtype=torch.float64) for name, size in sizes.items()}
    known = {name: torch.from_numpy(values) for name, values in given.log_prob.items()}
    constants = {name: torch.zeros((), dtype=torch.float64) for name in ("log_z", "log_z_stderr")}
    return {f"{seed}/{name}": tensor for name, tensor in (missing | known | constants).items()}
