"""Score matching, exact and sliced: closed forms, fixed points, and each against the other."""

import pytest
import torch

from ebmbench.models.families.ebm import EBM
from ebmbench.models.interface import Density
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training.losses.sm import ScoreMatching
from ebmbench.training.losses.ssm import FEW, SlicedScoreMatching, _axes
from tests.helpers.contract_models import data
from tests.helpers.targets import Energy, Precision, generator


def rows(dim, n=200):
    return torch.randn(n, dim, generator=generator(1), dtype=torch.float64)


def quartic():
    """U = sum x^4 + x_0 x_1^2: the gradient and the trace of the Hessian are polynomials."""
    return Energy(lambda x: (x**4).sum(-1) + x[:, 0] * x[:, 1].square(), 3)


def by_hand(x):
    slope = 4 * x**3
    slope[:, 0] += x[:, 1].square()
    slope[:, 1] += 2 * x[:, 0] * x[:, 1]
    trace = (12 * x.square()).sum(-1) + 2 * x[:, 0]
    return 0.5 * slope.square().sum(-1), trace


def test_value_of_a_polynomial_energy():
    x = rows(3)
    norm, trace = by_hand(x)
    loss = float(ScoreMatching()(quartic(), x, generator()).loss.detach())
    assert loss == pytest.approx(float((norm - trace).mean()), abs=1e-10)
    # a plus sign before the trace, as for log-densities, would be seen
    assert abs(loss - float((norm + trace).mean())) > 1


@pytest.mark.parametrize("dim", [1, 4])
def test_fixed_point_is_the_precision_of_the_rows(dim):
    x = 1.7 * rows(dim)
    precision = dim / float(x.square().sum(-1).mean())
    model = Precision(precision, dim)
    ScoreMatching()(model, x, generator()).loss.backward()
    assert float(model.value.grad) == pytest.approx(0, abs=1e-10)
    wrong = Precision(1.1 * precision, dim)
    ScoreMatching()(wrong, x, generator()).loss.backward()
    assert float(wrong.value.grad) > 0.01


def test_sliced_is_exact_in_one_dimension():
    x, energy = rows(1), Energy(lambda x: (x**4).sum(-1), 1)
    exact = float(ScoreMatching()(energy, x, generator()).loss.detach())
    assert float(SlicedScoreMatching()(energy, x, generator(3)).loss.detach()) == pytest.approx(exact, abs=1e-10)


def test_sliced_is_unbiased_and_more_slices_have_less_noise():
    x, exact = rows(3), float(ScoreMatching()(quartic(), rows(3), generator()).loss.detach())

    def losses(slices):
        return torch.stack(
            [SlicedScoreMatching(slices)(quartic(), x, generator(seed)).loss.detach() for seed in range(200)]
        )

    one, eight = losses(1), losses(8)
    for found in (one, eight):
        assert abs(float(found.mean()) - exact) < 4 * float(found.std()) / 200**0.5
    assert float(eight.std()) == pytest.approx(float(one.std()) / 8**0.5, rel=0.25)


def test_gradient_reaches_the_parameters_through_both_terms():
    x, model = rows(2), Precision(0.5, 2)
    ScoreMatching()(model, x, generator()).loss.backward()
    expected = 0.5 * float(x.square().sum(-1).mean()) - 2
    assert float(model.value.grad) == pytest.approx(expected, abs=1e-10)


def test_costs():
    assert ScoreMatching()(quartic(), rows(3, 10), generator())[2:] == (10, 40)
    assert SlicedScoreMatching(2)(quartic(), rows(3, 10), generator())[2:] == (10, 30)


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match="slices = 0; allowed: 1 or more"):
        SlicedScoreMatching(0)


def gradients(model, loss, x):
    found = loss(model, x, generator(5)).loss
    return [
        found.detach(),
        *torch.autograd.grad(found, [p for p in model.parameters() if p.numel()], allow_unused=True),
    ]


@pytest.mark.parametrize("loss", [ScoreMatching(), SlicedScoreMatching(), SlicedScoreMatching(slices=3)], ids=str)
@pytest.mark.parametrize("dim", [1, 2, 5, FEW + 1])
def test_going_forward_gives_what_automatic_differentiation_gives(loss, dim, monkeypatch):
    model = EBM(width=9, depth=2).build(data(dim), NoStatistic(), generator(2)).double()
    written_out = gradients(model, loss, rows(dim, 30))
    monkeypatch.setattr(type(model), "directional_derivatives", Density.directional_derivatives)
    for ours, theirs in zip(written_out, gradients(model, loss, rows(dim, 30)), strict=True):
        assert ours is theirs is None or torch.allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dim", [1, 2, 7])
def test_axes_are_orthonormal_and_begin_with_the_slice(dim):
    v = 2.0 * torch.randint(2, (20, dim), generator=generator(3)).double() - 1
    axes = _axes(v)
    torch.testing.assert_close(axes[0], v / dim**0.5)
    eye = torch.eye(dim, dtype=torch.float64).expand(20, -1, -1)
    torch.testing.assert_close(torch.einsum("rbd,sbd->brs", axes, axes), eye)
