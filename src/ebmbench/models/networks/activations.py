"""Activation functions with closed-form derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

#: f', f'' and f''' at each value
Derivatives = tuple[Tensor, Tensor, Tensor]


class Activation(NamedTuple):
    """An elementwise function f with its derivatives.

    ``backward`` is autograd's own, (slope after, values before) -> slope before, to the last bit; ``derivatives``: the
    first three.
    """

    function: Callable[[Tensor], Tensor]
    backward: Callable[[Tensor, Tensor], Tensor]
    derivatives: Callable[[Tensor], Derivatives]


def _of_silu(x: Tensor) -> Derivatives:
    """Return SiLU's derivatives: s + x p, p (2 + x q), p (3 q + x (1 - 6 p)).

    s = sigmoid(x), p = s (1 - s), q = 1 - 2 s.
    """
    s = torch.sigmoid(x)
    p, q = s * (1 - s), 1 - 2 * s
    return torch.addcmul(s, x, p), p * (2 + x * q), p * (3 * q + x * (1 - 6 * p))


def _of_gelu(x: Tensor) -> Derivatives:
    """Return GELU's derivatives: Phi + x phi, phi (2 - x^2), phi x (x^2 - 4), with the normal cdf Phi and pdf phi."""
    square = x.square()
    phi = torch.exp(-0.5 * square) / math.sqrt(2 * math.pi)
    return torch.special.ndtr(x) + x * phi, phi * (2 - square), phi * x * (square - 4)


def _of_softplus(x: Tensor) -> Derivatives:
    """Return softplus's derivatives: s, p, p (1 - 2 s), with s = sigmoid(x), p = s (1 - s)."""
    s = torch.sigmoid(x)
    p = s * (1 - s)
    return s, p, p * (1 - 2 * s)


def _softplus_backward(slope: Tensor, x: Tensor) -> Tensor:
    return torch.ops.aten.softplus_backward(slope, x, 1.0, 20.0)


#: activation by the class of its torch module
WRITTEN_OUT: dict[type[nn.Module], Activation] = {
    nn.SiLU: Activation(functional.silu, torch.ops.aten.silu_backward, _of_silu),
    nn.GELU: Activation(functional.gelu, torch.ops.aten.gelu_backward, _of_gelu),
    nn.Softplus: Activation(functional.softplus, _softplus_backward, _of_softplus),
}
