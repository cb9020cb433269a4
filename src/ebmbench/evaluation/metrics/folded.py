"""Mean absolute value of a normal variable: the bias of a mean absolute difference."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def folded_mean(mean: Tensor, sd: Tensor) -> Tensor:
    """Return E|X| = sd sqrt(2/pi) exp(-mean^2 / 2 sd^2) + mean erf(mean / sd sqrt 2) for X ~ N(mean, sd^2).

    Leone, Nelson and Nottingham 1961. It is |mean| if sd is 0.
    """
    ratio = _ratio(mean, sd)
    return sd * math.sqrt(2 / math.pi) * (-(ratio**2)).exp() + mean * torch.erf(ratio)


def folded_slope(mean: Tensor, sd: Tensor) -> Tensor:
    """Return the derivative of :func:`folded_mean` with respect to the mean, erf(mean / sd sqrt 2)."""
    return torch.erf(_ratio(mean, sd))


def beyond(mean: Tensor, sd: Tensor, bound: Tensor) -> Tensor:
    """Return P(|X| > bound) for X ~ N(mean, sd^2); it is 0 or 1 if sd is 0."""
    tiny = torch.finfo(mean.dtype).tiny
    above, below = ((sign * mean - bound) / sd.clamp(min=tiny) for sign in (1.0, -1.0))
    return torch.special.ndtr(above) + torch.special.ndtr(below)


def _ratio(mean: Tensor, sd: Tensor) -> Tensor:
    return mean / (sd * math.sqrt(2)).clamp(min=torch.finfo(mean.dtype).tiny)
