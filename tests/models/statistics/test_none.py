"""No statistic: all shapes hold with K = 0."""

import torch

from ebmbench.models.statistics.none import NoStatistic


def test_every_answer_has_the_shape_of_zero_statistics():
    x = torch.randn(5, 3, dtype=torch.float64)
    statistic = NoStatistic()
    assert statistic.size(3) == 0
    assert statistic.names(3) == []
    assert statistic.value(x).shape == (5, 0)
    assert statistic.hard(x).shape == (5, 0)
    assert statistic.gradient(x).shape == (5, 0, 3)
    assert statistic.laplacian(x).shape == (5, 0)
    assert statistic.under_noise(torch.zeros(0), 0.3, 3).shape == (0,)
    assert statistic.fit(x) is statistic
    assert statistic.value(x).dtype == statistic.gradient(x).dtype == torch.float64


def test_the_quadratic_form_is_zero():
    A, b, c = NoStatistic().quadratic(torch.zeros(0, dtype=torch.float64), 3)
    assert (A.shape, b.shape, c.shape) == ((3, 3), (3,), ())
    assert not A.any() and not b.any() and not c
