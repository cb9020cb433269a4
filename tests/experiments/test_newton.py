"""Newton's method on functions whose least value is known, and on some that have none."""

import math

import pytest
import torch

from ebmbench.experiments.newton import expanded, least


def at(*values):
    return torch.tensor(values, dtype=torch.float64)


def test_a_quadratic_form_takes_one_step():
    matrix, shift = at(3.0, 1.0, 1.0, 2.0).reshape(2, 2), at(0.5, -1.0)
    calls = []

    def loss(x):
        calls.append(x)
        return 0.5 * x @ matrix @ x + shift @ x

    torch.testing.assert_close(least(loss, at(40.0, -7.0)), -torch.linalg.solve(matrix, shift), rtol=0, atol=1e-12)
    assert len(calls) == 2
    found = expanded(loss, at(1.0, 1.0))
    assert torch.equal(found.curvature, matrix) and torch.equal(found.gradient, matrix.sum(1) + shift)


@pytest.mark.parametrize("start", [0.5, -10.0])
def test_steps_that_overshoot_are_halved(start):
    """Whole steps of sqrt(1 + x^2) lead from x to -x^3: further away from everywhere beyond 1."""
    assert float(least(lambda x: (1 + (x - 2).square()).sqrt().sum(), at(start))) == pytest.approx(2, abs=1e-9)


def test_a_likelihood_is_found():
    """log(1 + e^x) - p x is least at the logit of p."""
    found = least(lambda x: torch.nn.functional.softplus(x).sum() - 0.1 * x.sum(), at(4.0, -3.0))
    torch.testing.assert_close(found, at(*[math.log(0.1 / 0.9)] * 2), rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "loss",
    [
        lambda x: 3 * x.sum() + 1e-15 * x.square().sum(),
        lambda x: -x.square().sum(),
        lambda x: x.exp().sum() * math.nan,
    ],
    ids=["linear", "concave", "nan"],
)
def test_what_has_no_least_value_is_an_error(loss):
    with pytest.raises(ArithmeticError, match="no least value"):
        least(loss, at(1.0))
