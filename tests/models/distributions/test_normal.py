"""The normal base measure: what it keeps beside its buffers."""

import copy

import pytest
import torch

from ebmbench.models.distributions.normal import Normal


def of_variances(*variances):
    return Normal(torch.zeros(len(variances), dtype=torch.float64), torch.diag(torch.tensor(variances).double()))


def test_the_least_precision_is_that_of_the_widest_direction():
    assert float(of_variances(4.0, 0.25).least_precision) == pytest.approx(0.25)


def test_the_least_precision_follows_a_loaded_state_and_is_no_part_of_it():
    narrow, wide = of_variances(1.0, 0.25), of_variances(100.0, 0.25)
    copied = copy.deepcopy(narrow)
    copied.load_state_dict(wide.state_dict())
    assert float(copied.least_precision) == pytest.approx(0.01)
    assert float(narrow.least_precision) == pytest.approx(1.0)
    assert "least_precision" not in wide.state_dict()
