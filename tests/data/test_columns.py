"""The factor of a covariance, and the columns that make it singular."""

import itertools

import pytest
import torch

from ebmbench.core.seeds import generator
from ebmbench.data.columns import ColumnError, check_finite, covariance_factor
from ebmbench.data.whitening import Whitening


def independent(n=500, dim=4):
    return torch.randn(n, dim, dtype=torch.float64, generator=generator("columns"))


def test_the_factor_is_that_of_the_covariance():
    rows = independent() @ independent(4)
    assert torch.equal(covariance_factor(rows), Whitening.of(rows).L)
    torch.testing.assert_close(covariance_factor(rows), torch.linalg.cholesky(torch.cov(rows.T, correction=0)))


def factorises(rows):
    """Whether the plain factorisation raises no error."""
    centred = rows - rows.mean(0)
    return not torch.linalg.cholesky_ex(centred.T @ centred / len(rows)).info


def test_a_constant_column_is_named_though_rounding_gives_it_a_variance():
    rows = independent()
    rows[:, 2] = -0.087
    assert factorises(rows)
    with pytest.raises(ColumnError, match=r"^column 2 has the value -0\.087 in every row") as error:
        covariance_factor(rows)
    assert error.value.line("abcd".__getitem__).startswith("column c has")


def test_a_linear_function_of_columns_is_named_with_them_at_every_scale():
    hidden = 0
    for place, scale in itertools.product((1, 2, 3), (1.0, 1e-9, 1e9)):
        rows = independent()
        rows[:, place] = scale * (rows[:, 0] - 3 * rows[:, place - 1]) + 5
        hidden += factorises(rows)
        with pytest.raises(ColumnError) as error:
            covariance_factor(rows)
        assert error.value.column == place
        assert set(error.value.others) == {0, place - 1}
    assert hidden, "rounding hides at least one of them from the plain factorisation"


def test_fewer_rows_than_columns_are_dependent():
    with pytest.raises(ColumnError, match="is a linear function of other columns"):
        covariance_factor(independent(3, 5))


def test_columns_that_differ_in_their_fifth_digit_are_independent():
    rows = independent()
    rows[:, 3] = rows[:, 0] + 1e-5 * rows[:, 3]
    z = Whitening.of(rows)(rows)
    assert (z.T @ z / len(z) - torch.eye(4)).abs().max() < 1e-4


def test_the_first_column_with_missing_or_infinite_values_is_named():
    rows = independent()
    check_finite(rows)
    rows[7, 3] = rows[5, 3] = rows[9, 1] = torch.inf
    with pytest.raises(ColumnError, match=r"^column 1: 1 value infinite, the first in row 10; 1 other columns"):
        check_finite(rows)
    rows[2:5, 3] = torch.nan
    with pytest.raises(ColumnError, match=r"^column 3: 3 values missing, the first in row 3$"):
        check_finite(rows)
