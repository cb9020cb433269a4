"""Second derivatives in x by forward mode: a function's value, slopes and curvature pass through its layers together.

At a point x with directions v_1 ... v_R, of which the first S count for the curvature, a layer carries (h, dh_1 ...
dh_R, c): its value, its slope along each direction, and the sum over the S of its second derivative along them, as one
batch of R + 2 (Griewank and Walther 2008, chapter 13). With the D unit vectors the last c is the Laplacian. One pass
replaces a backward pass and R more through its graph; only one graph of first order remains to be differentiated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from ebmbench.models.networks.activations import Activation


class Jet(NamedTuple):
    """Slopes ``(R, B)`` along R directions, and the sum of second derivatives along the first S of them, ``(B,)``."""

    slopes: Tensor
    curvature: Tensor

    def minus(self, other: Jet) -> Jet:
        """Return the jet of the difference of two functions."""
        return Jet(self.slopes - other.slopes, self.curvature - other.curvature)


def units(x: Tensor) -> Tensor:
    """Return the unit vectors at each of the points ``x: (B, D)``, as directions ``(D, B, D)``."""
    return torch.eye(x.shape[1], dtype=x.dtype, device=x.device)[:, None].expand(-1, len(x), -1)


def through(maps: Sequence[nn.Linear], activation: Activation, x: Tensor, directions: Tensor, bent: int) -> Jet:
    """Return the jet of the perceptron of ``maps`` with one output; differentiable once in its parameters, not in x.

    ``x: (B, D)``, ``directions: (R, B, D)``, of which the first ``bent`` count for the curvature.
    """
    carried = torch.cat([x[None], directions, torch.zeros_like(x)[None]])
    for layer in maps[:-1]:
        carried = _Activated.apply(functional.linear(carried, layer.weight), layer.bias, activation, bent)
    last = functional.linear(carried[1:], maps[-1].weight).squeeze(-1)
    return Jet(last[:-1], last[-1])


class _Context(Protocol):
    """Parts of torch's context of an autograd function that :class:`_Activated` uses, and the number S that it adds."""

    bent: int

    @property
    def saved_tensors(self) -> tuple[Tensor, ...]: ...

    def save_for_backward(self, *tensors: Tensor) -> None: ...


class _Activated(torch.autograd.Function):
    """A layer's activation: f(h + bias), f' dh_r, f' c + f'' sum_{s <= S} dh_s^2 for an input of ``(R + 2, B, W)``."""

    @staticmethod
    def forward(ctx: _Context, before: Tensor, bias: Tensor, activation: Activation, bent: int) -> Tensor:
        h, along, curvature = before[0] + bias, before[1:-1], before[-1]
        first, second, third = activation.derivatives(h)
        squares = along[:bent].square().sum(0)
        after = torch.empty_like(before)
        after[0] = activation.function(h)
        torch.mul(along, first, out=after[1:-1])
        torch.addcmul(first * curvature, second, squares, out=after[-1])
        ctx.save_for_backward(before, first, second, third, squares)
        ctx.bent = bent
        return after

    @staticmethod
    @once_differentiable
    def backward(ctx: _Context, slope: Tensor) -> tuple[Tensor, Tensor, None, None]:
        before, first, second, third, squares = ctx.saved_tensors
        along, curvature = before[1:-1], before[-1]
        of_along, of_curvature = slope[1:-1], slope[-1]
        bend = of_curvature * second
        result = torch.empty_like(before)
        torch.mul(of_along, first, out=result[1:-1])
        result[1 : 1 + ctx.bent].addcmul_(2 * bend, along[: ctx.bent])
        torch.mul(of_curvature, first, out=result[-1])
        of_value = slope[0] * first + (of_along * along).sum(0) * second
        result[0] = of_value.addcmul_(bend, curvature).addcmul_(of_curvature * third, squares)
        return result, result[0].sum(0), None, None
