"""Statistics of rows, held where they are few."""

import pytest
import torch

from ebmbench.evaluation.metrics import statistic_rows
from ebmbench.evaluation.metrics.statistic_rows import StatisticRows
from ebmbench.models.blocks import ROWS

X = torch.randn(2 * ROWS + 10, 3, generator=torch.Generator().manual_seed(0))


class CountedEnergy:
    """x^2, and how many rows it was asked for."""

    asked = 0

    def __call__(self, x):
        self.asked += len(x)
        return x.square()


@pytest.mark.parametrize(("held", "looks"), [(3 * len(X), 1), (3 * len(X) - 1, 3)])
def test_they_are_computed_once_where_they_are_few_and_again_where_not(monkeypatch, held, looks):
    monkeypatch.setattr(statistic_rows, "HELD", held)
    values = CountedEnergy()
    rows = StatisticRows(values, X)
    first = [rows.all() for _ in range(3)]
    assert all(torch.equal(found, X.double().square()) for found in first)
    assert values.asked == looks * len(X)


def test_a_look_that_ends_early_holds_nothing():
    rows = StatisticRows(lambda x: x, X)
    next(rows.blocks())
    assert torch.equal(rows.all(), X.double())
