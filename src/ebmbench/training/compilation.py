"""Compiled networks: fewer and larger kernels on a GPU, where small networks wait for the host."""

from __future__ import annotations

import torch

from ebmbench.models.interface import Model
from ebmbench.training.losses.interface import DifferentiatesTwice, Loss
from ebmbench.training.settings import TrainSettings


def is_worth_compiling(settings: TrainSettings, loss: Loss, device: torch.device) -> bool:
    """Return whether training compiles the networks: asked for, on a GPU, and each network is differentiated once.

    On a CPU compiled networks are slower (docs/explanation/speed.md), and torch differentiates none of them twice.
    """
    twice = isinstance(loss, DifferentiatesTwice) or settings.gradient_penalty > 0
    return settings.compile == "auto" and device.type == "cuda" and not twice


def compile_networks(model: Model, backend: str = "inductor") -> None:
    """Compile every network of ``model`` in place, by a ``backend`` of ``torch.compile``.

    This takes effect at the first call for each shape. Copies of the model, such as the moving average, are not
    compiled, and the names of the parameters stay.
    """
    for name, module in model.named_modules():
        if name.rpartition(".")[2] == "network":
            module.compile(backend=backend)
