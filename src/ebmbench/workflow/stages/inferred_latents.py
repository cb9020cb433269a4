"""Reconstructions of test examples from inferred latents, and the joint energies of both."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.evaluation.contract import RECONSTRUCTION
from ebmbench.inference.samplers.target import BLOCK
from ebmbench.models.distributions.decoder import Reconstructing
from ebmbench.models.interface import Model

#: number of reconstructed test examples that are kept
KEPT = 1000


def inferred(model: Model, test: Tensor, generator: torch.Generator) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Reconstruct test examples ``test: (N, D)``: return tensors and the entry of sampling.json.

    The tensors are the first 1,000 reconstructions and the joint energies ``(N,)`` of all examples. Both results are
    empty for a model that infers no latents.
    """
    if not isinstance(model, Reconstructing):
        return {}, {}
    parts = [model.reconstruct(rows, generator) for rows in test.split(BLOCK)]
    first = torch.cat([part.x for part in parts[: -(-KEPT // BLOCK)]])[:KEPT]
    cost = Cost()
    for part in parts:
        cost = cost.plus(part.cost)
    tensors = {RECONSTRUCTION: first.float(), "joint_energy": torch.cat([part.energy for part in parts]).float()}
    return tensors, {RECONSTRUCTION: {"status": "ok", "reason": "", **cost._asdict()}}
