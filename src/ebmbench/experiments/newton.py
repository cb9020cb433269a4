"""Where a convex loss of a few parameters is least: Newton's method, with derivatives by automatic differentiation."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

#: parameters ``(K,)`` -> ``()``, in nats; convex and twice differentiable
Loss = Callable[[Tensor], Tensor]

#: Newton steps, half steps within one, and the gradient at which they end: at once, or where rounding stops them
STEPS, HALVINGS, CLOSE, ROUNDED = 30, 40, 1e-11, 1e-7

#: share of what its slope promises by which a step must go down: less lets whole steps end where a loss is flat
DESCENT = 0.25

#: relative error of a loss's value by rounding
ROUNDING = 1e-10

#: nats that a step may promise: a loss that falls further has no least value
FAR = 1e4


class Expansion(NamedTuple):
    """A loss at ``at: (K,)``: its ``value: ()``, its ``gradient: (K,)`` and its ``curvature: (K, K)``, the Hessian."""

    at: Tensor
    value: Tensor
    gradient: Tensor
    curvature: Tensor


def expanded(loss: Loss, at: Tensor) -> Expansion:
    """The loss, its gradient and its Hessian at ``at: (K,)``."""
    with torch.enable_grad():
        point = at.detach().clone().requires_grad_()
        value = loss(point)
        (gradient,) = torch.autograd.grad(value, point, create_graph=True)
        rows = [torch.autograd.grad(one, point, retain_graph=True)[0] for one in gradient]
    return Expansion(at, value.detach(), gradient.detach(), torch.stack(rows))


def least(loss: Loss, start: Tensor) -> Tensor:
    """Where a convex loss is least, by Newton's method with halved steps from ``start: (K,)``.

    Raises ``ArithmeticError`` where it falls without end, or where no least value is found.
    """
    here = expanded(loss, start)
    for _ in range(STEPS):
        there = _further(loss, here) if float(here.gradient.abs().max()) > CLOSE else None
        if there is None:
            break
        here = there
    if not float(here.gradient.abs().max()) <= ROUNDED:
        raise ArithmeticError(f"no least value was found in {STEPS} steps")
    return here.at


def _further(loss: Loss, here: Expansion) -> Expansion | None:
    """Where the first of Newton's halved steps leads that goes down enough; None where none does.

    Near the end rounding hides how far down a step goes: there the whole one will do if it halves the gradient. Raises
    ``ArithmeticError`` where the loss falls without end.
    """
    root, failed = torch.linalg.cholesky_ex(here.curvature)
    direction = -torch.cholesky_solve(here.gradient[:, None], root)[:, 0]
    slope = float(here.gradient @ direction)
    if failed or not slope > -FAR:
        raise ArithmeticError("the loss has no least value")
    rounding = ROUNDING * (1 + float(here.value.abs()))
    for halving in range(HALVINGS):
        share = 0.5**halving
        there = expanded(loss, here.at + share * direction)
        flatter = float(there.gradient.abs().max()) < 0.5 * float(here.gradient.abs().max())
        hidden = halving == 0 and float((there.value - here.value).abs()) < rounding
        if there.value <= here.value + DESCENT * share * slope or (hidden and flatter):
            return there
    return None
