"""The meta device in the place of a GPU: tensors have a shape and a device, and no values that a host could read.

Reading a value raises, as does an operation on tensors of two devices, so that a training step which runs there makes
no transfer from a GPU and leaves no tensor behind on the CPU.
"""

from contextlib import contextmanager
from dataclasses import replace

import pytest
import torch
from torch.overrides import TorchFunctionMode


class _WithoutGenerators(TorchFunctionMode):
    """Draws on the meta device take no generator, because there are none for it."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if "generator" in kwargs and _device(args, kwargs).type == "meta":
            del kwargs["generator"]
        return func(*args, **kwargs)


def _device(args, kwargs):
    if kwargs.get("device") is not None:
        return torch.device(kwargs["device"])
    tensors = [value for value in args if isinstance(value, torch.Tensor)]
    return tensors[0].device if tensors else torch.device("cpu")


@contextmanager
def meta_device():
    """Within it code for a GPU runs on the meta device: with random draws, and mixed precision as on the CPU."""
    enabled, autocast = torch.is_autocast_enabled, torch.autocast
    with pytest.MonkeyPatch.context() as patch, _WithoutGenerators():
        patch.setattr(torch, "is_autocast_enabled", lambda device: enabled(_known(device)))
        patch.setattr(torch, "autocast", lambda device, **settings: autocast(_known(device), **settings))
        yield


def _known(device):
    return "cpu" if device == "meta" else device


def moved(job):
    """A training job whose model and data are on the meta device."""
    return replace(job, model=job.model.to("meta"), data=tuple(rows.to("meta") for rows in job.data))
