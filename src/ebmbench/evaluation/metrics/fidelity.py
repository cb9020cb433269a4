"""Import torch-fidelity, and what else builds on torchvision, with any installed torchvision."""

from __future__ import annotations

import importlib
import sys
from functools import cache
from types import ModuleType

#: compiled operators whose absence prevents the import of torchvision, although nothing here uses them
OPERATORS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}


def torch_fidelity(module: str = "torch_fidelity") -> ModuleType:
    """Import torch-fidelity, or one of its modules by its dotted name."""
    return import_with_torchvision(module)


@cache
def import_with_torchvision(module: str) -> ModuleType:
    """Import a module that imports torchvision, by its dotted name.

    torchvision fails if its compiled part was built for another torch (such as one for CPUs only): in that case this
    function declares torchvision's operators without a body and imports it again.
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
    """Return the library that declares the operators; they exist as long as it does."""
    import torch

    library = torch.library.Library("torchvision", "DEF")
    for definition in OPERATORS.values():
        library.define(definition)
    return library
