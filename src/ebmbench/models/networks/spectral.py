"""Spectral normalisation, exact and without state."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def _at_most_one(weight: Tensor) -> Tensor:
    """W / max(1, s), s the largest singular value of W, of filters as a matrix with a row an output channel."""
    return weight / torch.linalg.matrix_norm(weight.flatten(1), ord=2).clamp_min(1.0)


class _Linear(nn.Linear):
    """A linear map whose ``weight`` is that of its parameter, held to norm 1."""

    @property
    def weight(self) -> Tensor:
        """The weight that the layer uses."""
        return _at_most_one(self._parameters["weight"])


class _Conv2d(nn.Conv2d):
    """The same of filters."""

    @property
    def weight(self) -> Tensor:
        """The weight that the layer uses."""
        return _at_most_one(self._parameters["weight"])


#: classes of a module's own: those that torch makes for its parametrisations cannot be pickled
HELD = {nn.Linear: _Linear, nn.Conv2d: _Conv2d}


def spectrally_normalised(network: nn.Module) -> nn.Module:
    """``network`` with every linear map and filter held to a largest singular value of 1   (Miyato et al. 2018).

    The value is computed, not iterated for: nothing has to be carried along when weights are averaged. It bounds the
    network's slope by the product of its activations' (1.1 for SiLU, 1 for softplus); that of a layer of k x k filters
    may be k times as large.
    """
    for layer in network.modules():
        layer.__class__ = HELD.get(type(layer), type(layer))
    return network
