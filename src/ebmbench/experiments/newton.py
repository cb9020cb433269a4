"""Newton's method for the minimum of a convex loss of a few parameters, with automatic differentiation."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

#: parameters ``(K,)`` -> ``()``, in nats; convex and twice differentiable
Loss = Callable[[Tensor], Tensor]

#: maximal Newton steps and halvings within one; largest gradient at which the search ends at once, and at which it may
#: end if rounding stops it
STEPS, HALVINGS, CLOSE, ROUNDED = 30, 40, 1e-11, 1e-7

#: fraction of the decrease predicted by the slope that a step must reach: with less, full steps could end where a loss
#: is flat
DESCENT = 0.25

#: relative rounding error of a loss's value
ROUNDING = 1e-10

#: largest decrease in nats that a step may predict: beyond it the loss has no minimum
FAR = 1e4


class Expansion(NamedTuple):
    """A loss at ``at: (K,)``: its ``value: ()``, its ``gradient: (K,)`` and its ``curvature: (K, K)``, the Hessian."""

    at: Tensor
    value: Tensor
    gradient: Tensor
    curvature: Tensor


def expanded(loss: Loss, at: Tensor) -> Expansion:
    """Compute the loss, its gradient and its Hessian at ``at: (K,)``."""
    with torch.enable_grad():
        point = at.detach().clone().requires_grad_()
        value = loss(point)
        (gradient,) = torch.autograd.grad(value, point, create_graph=True)
        rows = [torch.autograd.grad(one, point, retain_graph=True)[0] for one in gradient]
    return Expansion(at, value.detach(), gradient.detach(), torch.stack(rows))


def least(loss: Loss, start: Tensor) -> Tensor:
    """Compute the minimiser of a convex loss by Newton's method with halved steps from ``start: (K,)``.

    Raises ``ArithmeticError`` if the loss is unbounded below, or if no minimum is found.
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
    """Return the expansion after the first halved Newton step with a sufficient decrease; None if there is none.

    Near the minimum rounding hides the decrease: a full step is then accepted if it halves the gradient. Raises
    ``ArithmeticError`` if the loss is unbounded below.
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
