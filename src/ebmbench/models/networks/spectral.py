"""Exact spectral normalisation without state."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def _at_most_one(weight: Tensor) -> Tensor:
    """Return W / max(1, s), s the largest singular value of W; of filters as a matrix, one row per output channel."""
    return weight / torch.linalg.matrix_norm(weight.flatten(1), ord=2).clamp_min(1.0)


class _Restricted(nn.Module):
    """A layer whose attribute ``weight`` is its weight parameter restricted to norm 1."""

    def __getattr__(self, name: str) -> Tensor | nn.Module:
        found = super().__getattr__(name)
        return _at_most_one(found) if name == "weight" and isinstance(found, Tensor) else found


class _Linear(_Restricted, nn.Linear):
    """A linear map that uses its weight parameter restricted to norm 1."""


class _Conv2d(_Restricted, nn.Conv2d):
    """A convolution that uses its filters restricted to norm 1."""


#: named classes of this module, because the classes that torch creates for its parametrisations cannot be pickled
HELD = {nn.Linear: _Linear, nn.Conv2d: _Conv2d}


def spectrally_normalised(network: nn.Module) -> nn.Module:
    """Restrict every linear map and filter of ``network`` to a largest singular value of 1   (Miyato et al. 2018).

    The singular value is computed exactly, not by power iteration: there is no state to carry along when weights are
    averaged. The restriction bounds the network's slope by the product of its activations' slopes (1.1 for SiLU, 1 for
    softplus); the slope of a layer of k x k filters may be k times as large. Returns ``network``.
    """
    for layer in network.modules():
        layer.__class__ = HELD.get(type(layer), type(layer))
    return network
