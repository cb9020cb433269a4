"""torch-fidelity, imported beside whatever torchvision is there."""

from __future__ import annotations

import importlib
import sys
from functools import cache
from types import ModuleType

#: compiled operators whose absence stops torchvision from being imported, though nothing here uses them
OPERATORS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}


@cache
def torch_fidelity(module: str = "torch_fidelity") -> ModuleType:
    """torch-fidelity, or one of its modules by its dotted name.

    It imports torchvision, which fails where its compiled part was built for another torch (as where the one is for
    CPUs only): then its operators are declared without a body, and it is imported again.
    """
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::nms does not exist" not in str(error):
            raise
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        _declared()
        importlib.import_module("torchvision")
    return importlib.import_module(module)


@cache
def _declared() -> object:
    """The library that declares the operators, which lives as long as they do."""
    import torch

    library = torch.library.Library("torchvision", "DEF")
    for definition in OPERATORS.values():
        library.define(definition)
    return library
