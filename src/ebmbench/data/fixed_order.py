"""Whitening by elementary operations in a fixed order: the same bits on every processor.

Tables with the setting ``copies: together`` are whitened by it. Those with ``anywhere`` are not, because it would move
the last digit of data that older runs were trained on (:data:`ebmbench.data.row_splits.RULES`).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ebmbench.data.columns import covariance_factor
from ebmbench.data.whitening import Whitening

# Matrix products and triangular solvers add their terms in an order that depends on the processor, so their last digit
# does, too, and with it one float32 in some hundred million. IEEE 754 defines each +, -, *, / and square root exactly.


class FixedOrderWhitening(Whitening):
    """Whitening map z = L⁻¹ (x - mean) whose float64 result does not depend on the processor."""

    __slots__ = ()

    @classmethod
    def of(cls, rows: Tensor) -> FixedOrderWhitening:
        """Fit the map to the mean and the covariance L L' (divided by N) of ``rows: (N, D)``, float64.

        Raises :class:`~ebmbench.data.columns.ColumnError` if the covariance is singular.
        """
        # it names the column to blame; its value is not used
        covariance_factor(rows)
        mean = pairwise_sum(rows) / len(rows)
        centred = rows - mean
        products = [pairwise_sum(centred[:, [column]] * centred) for column in range(rows.shape[1])]
        return cls(mean, cholesky(torch.stack(products) / len(rows)))

    def __call__(self, x: Tensor) -> Tensor:
        """Whiten ``x: (B, D)`` -> ``(B, D)`` by forward substitution, column after column."""
        left = (x - self.mean).T.contiguous()
        for column in range(len(left)):
            left[column] /= self.L[column, column]
            left[column + 1 :] -= self.L[column + 1 :, [column]] * left[column]
        return left.T


def pairwise_sum(rows: Tensor) -> Tensor:
    """Sum ``(N, D)`` over its rows -> ``(D,)``: the first half plus the second, until one row is left."""
    while len(rows) > 1:
        half = len(rows) // 2
        rows = torch.cat([rows[:half] + rows[half : 2 * half], rows[2 * half :]])
    return rows[0]


def cholesky(covariance: Tensor) -> Tensor:
    """Compute the lower triangular L with L L' = ``covariance: (D, D)``, positive definite, column after column."""
    left, factor = covariance.clone(), torch.zeros_like(covariance)
    for column in range(len(left)):
        pivot = math.sqrt(left[column, column].item())
        factor[column:, column] = left[column:, column] / pivot
        below = factor[column + 1 :, column]
        left[column + 1 :, column + 1 :] -= below[:, None] * below
    return factor
