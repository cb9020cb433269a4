"""Evaluate an extractor's network on many images."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

#: images per block on an accelerator, whose memory holds the layers of many
AT_ONCE = 256


@torch.no_grad()
def features_in_blocks(
    network: Callable[[Tensor], Tensor], pixels: Tensor, device: torch.device, on_cpu: int
) -> Tensor:
    """Return the features ``(N, F)`` of ``pixels: (N, C, side, side)``, which ``network`` computes on ``device``.

    The images are moved there, and their features back to the CPU, block by block; ``on_cpu``: images per block on a
    CPU, where the layers of a block should fit into a core's cache. Convolutions have float32's full precision on every
    device, so that distances of two machines can be compared.
    """
    size = on_cpu if device.type == "cpu" else AT_ONCE
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        return torch.cat([_on_host(network(rows.to(device))) for rows in pixels.split(size)])


def _on_host(features: Tensor) -> Tensor:
    return features.cpu()
