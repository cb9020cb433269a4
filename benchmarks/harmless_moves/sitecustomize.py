"""Move the initial weights of every training by 1e-6 of themselves, to see how far values move for no reason.

Python imports this module at its start where the folder is on PYTHONPATH; ``make smoke_tolerances`` puts it there. It
changes how the stage ``train`` builds a model, once that stage is imported, and nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

STAGE = "ebmbench.workflow.stages.train"

#: standard deviation of the move, relative to each weight: some tens of the spacing of float32
RELATIVE = 1e-6


def moved(build: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``build`` with each weight of the model that it builds multiplied by 1 + 1e-6 times a standard normal."""
    import torch

    def built(*arguments: Any, **named: Any) -> Any:
        model = build(*arguments, **named)
        generator = torch.Generator().manual_seed(1)
        with torch.no_grad():
            for weight in model.parameters():
                noise = torch.randn(weight.shape, generator=generator, dtype=weight.dtype)
                weight.mul_(1 + RELATIVE * noise.to(weight.device))
        return model

    return built


class MovingLoader(Loader):
    """Load a module by another loader, then replace its function ``build``."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave it to the other loader."""
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module and replace ``build``."""
        self.loader.exec_module(module)
        module.__dict__["build"] = moved(module.__dict__["build"])


class MovingFinder(MetaPathFinder):
    """Find the training stage, and no other module."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the stage's specification with a loader that moves weights."""
        spec = PathFinder.find_spec(fullname, path, target) if fullname == STAGE else None
        if spec is not None and spec.loader is not None:
            spec.loader = MovingLoader(spec.loader)
        return spec


sys.meta_path.insert(0, MovingFinder())
