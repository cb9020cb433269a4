"""Spectral normalisation, exact and without state."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import register_parametrization


class _AtMostOne(nn.Module):
    """W -> W / max(1, s), s the largest singular value of W, of filters as a matrix with a row an output channel."""

    def forward(self, weight: Tensor) -> Tensor:
        """The weight that the layer uses."""
        return weight / torch.linalg.matrix_norm(weight.flatten(1), ord=2).clamp_min(1.0)


def spectrally_normalised(network: nn.Module) -> nn.Module:
    """``network`` with every linear map and filter held to a largest singular value of 1   (Miyato et al. 2018).

    The value is computed, not iterated for: nothing has to be carried along when weights are averaged. It bounds the
    network's slope by the product of its activations' (1.1 for SiLU, 1 for softplus); that of a layer of k x k filters
    may be k times as large.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            register_parametrization(layer, "weight", _AtMostOne())
    return network
