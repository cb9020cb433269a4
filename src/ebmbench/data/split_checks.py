"""Checks of a data set's splits against what its class declares."""

from __future__ import annotations

import math

from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.data.interface import SPLITS, Dataset, KnownDensity, Splits


def check_splits(dataset: Dataset, name: str, seed: int, splits: Splits) -> None:
    """Raise :class:`UserError` unless the splits have the declared dimension, finite samples and a label for each.

    ``name``: the data set's name in the message. Each split must be a tensor ``(N, D)`` of a floating type with N > 0.
    """
    for split in SPLITS:
        samples = getattr(splits, split)
        _check_form(samples, dataset.dim, f"dataset {name}: the {split} samples of seed {seed}")
        # the files hold float32, in which 1e39 is infinite
        bad = (~samples.float().isfinite()).any(0).nonzero().flatten()
        if len(bad):
            raise UserError(
                f"dataset {name}: column {bad[0].item()} of the {split} samples of seed {seed} holds a NaN or an "
                "infinite value; every value must be finite"
            )
    for what, parts in (("labels", splits.labels), ("groups", splits.groups)):
        for split, values in {} if parts is None else parts._asdict().items():
            number = len(getattr(splits, split))
            _check_one_each(values, number, f"dataset {name}: the {split} {what} of seed {seed}")
    if not math.isfinite(splits.log_det):
        raise UserError(f"dataset {name}: log_det of seed {seed} is {splits.log_det}; allowed: a finite number")


def checked_log_prob(dataset: KnownDensity, name: str, points: Tensor) -> Tensor:
    """Compute the log-density at ``points: (B, D)``; raise :class:`UserError` unless it has the shape ``(B,)``."""
    found = dataset.log_prob(points)
    _check_one_each(found, len(points), f"dataset {name}: log_prob")
    return found


def _check_form(samples: Tensor, dim: int, what: str) -> None:
    if not isinstance(samples, Tensor):
        raise UserError(f"{what} are of type {type(samples).__name__}; allowed: a tensor (N, {dim})")
    if samples.ndim != 2 or samples.shape[1] != dim:
        found = f"{samples.shape[1]} columns" if samples.ndim == 2 else f"the shape {tuple(samples.shape)}"
        raise UserError(f"{what} have {found}; allowed: (N, {dim}), as dim = {dim} is declared")
    if not samples.is_floating_point():
        raise UserError(f"{what} are of type {samples.dtype}; allowed: floating-point numbers")
    if not len(samples):
        raise UserError(f"{what} are none; allowed: 1 or more")


def _check_one_each(values: Tensor, number: int, what: str) -> None:
    if values.shape != (number,):
        raise UserError(f"{what}: the shape is {tuple(values.shape)}; allowed: ({number},), one value for each sample")
