"""Ways to natural parameters: closed forms, stochastic approximation, the penalty's gradient."""

import math

import pytest
import torch
from targets import Quadratic, generator, standard_normal
from test_matching import Ring, base, ring_means, ring_rows

from ebmbench.arms.joint import ClosedForm, Joint
from ebmbench.arms.matched import Approximation, Matched
from ebmbench.arms.none import NoArm
from ebmbench.arms.penalty import Penalised, Penalty
from ebmbench.families.tilted import Tilted
from ebmbench.losses.dsm import DenoisingScoreMatching
from ebmbench.losses.ed import EnergyDiscrepancy
from ebmbench.losses.sm import ScoreMatching
from ebmbench.matching import standardised
from ebmbench.statistics.moments import Moments
from ebmbench.train import Streams, Task, TrainSettings, train


def skewed(n=20_000):
    draws = torch.randn(n, 2, generator=generator(1), dtype=torch.float64)
    return draws + 0.3 * draws.square() + 0.5 * draws.flip(1)


def expfam(rows):
    """No network: the normal distribution in the guise of an exponential family."""
    law = standard_normal(2)
    return Tilted(type(law)(rows.mean(0), 4 * torch.cov(rows.T)), None, Moments(), rows)


def law_of(model):
    found = model.closed_form()
    return found.mean, torch.linalg.inv(found.precision)


@pytest.mark.parametrize(("loss", "added"), [(ScoreMatching(), 0.0), (DenoisingScoreMatching(0.5), 0.25)])
def test_score_matching_of_moments_is_the_rows_normal_and_denoising_adds_its_variance(loss, added):
    x = skewed()
    model = expfam(x)
    matching = Joint().matching(loss, model, x, generator())
    assert isinstance(matching, ClosedForm) and matching.owned == [model.eta]
    matching.moved(model, x, generator(2))
    mean, covariance = law_of(model)
    torch.testing.assert_close(mean, x.mean(0), rtol=0, atol=0.03)
    torch.testing.assert_close(covariance, torch.cov(x.T) + added * torch.eye(2).double(), rtol=0.03, atol=0.03)


def test_training_of_statistics_alone_comes_to_the_same():
    x = skewed(4000)
    streams = Streams(generator(2), generator(3), 4, generator(9))
    settings = TrainSettings(steps=300, batch_size=512, checkpoints=1)
    task = Task(expfam(x), ScoreMatching(), (x, x), settings, streams, lambda _: {}, lambda *_: None, Joint())
    found = train(task)
    mean, covariance = law_of(found.model)
    assert found.status == "ok"
    torch.testing.assert_close(mean, x.mean(0), rtol=0, atol=0.1)
    torch.testing.assert_close(covariance, torch.cov(x.T), rtol=0.1, atol=0.1)
    # each step also solves the equations: one more score at each row
    assert found.clock.gradient_evaluations == 300 * 512 * (3 + 1)


def test_the_optimiser_does_it_where_there_is_no_closed_form_or_none_is_wanted():
    x = skewed(100)
    assert Joint().matching(EnergyDiscrepancy(), expfam(x), x, generator()) is None
    assert Joint(closed_form=False).matching(ScoreMatching(), expfam(x), x, generator()) is None
    assert NoArm().matching(ScoreMatching(), expfam(x), x, generator()) is None


def test_moments_are_matched_by_chains_beside_a_wrong_network():
    """Averaged over its last half, as training averages, the approximation matches where its last iterate errs more."""
    rows = ring_rows()
    model = Tilted(base(), Ring(), Moments(), rows)
    matching = Matched(chains=256).matching(EnergyDiscrepancy(), model, rows, generator(1))
    assert isinstance(matching, Approximation) and matching.owned == [model.eta]
    total, steps = torch.zeros(5, dtype=torch.float64), 1500
    for step in range(steps):
        matching.moved(model, rows[:10], generator(100 + step))
        if step >= steps // 2:
            total += model.eta.detach().double() / (steps - steps // 2)
    model.eta.data.copy_(total)
    grid = ring_means(model)[1]
    with torch.no_grad():
        p = model.log_density(grid).double().softmax(0)
    mismatch = p @ standardised(model, grid)
    assert mismatch.abs().max() < 0.05
    model.eta.data.zero_()
    with torch.no_grad():
        p = model.log_density(grid).double().softmax(0)
    assert (p @ standardised(model, grid)).abs().max() > 0.4


def test_the_penaltys_gradient_is_that_of_the_squared_mismatch():
    """U = a x^2 / 2 + b x on N(0, 1): the model is N(-b v, v), v = 1 / (1 + a)."""
    rows = 0.6 * torch.randn(2000, 1, generator=generator(4), dtype=torch.float64) + 0.5
    model = Tilted(standard_normal(), Quadratic(0.3, 0.2), Moments(), rows)
    matching = Penalty(strength=2.0, chains=8).matching(EnergyDiscrepancy(), model, rows, generator())
    assert isinstance(matching, Penalised)

    def penalty(a, b):
        v = 1 / (1 + a)
        mean = -b * v
        means = torch.stack([mean, v + mean.square()])
        return (((means - model.centre) / model.scale).square()).sum()

    a, b = (parameter.detach().clone().requires_grad_() for parameter in (model.network.a, model.network.b))
    exact = torch.autograd.grad(penalty(a, b), (a, b))
    v = 1 / 1.3
    exact_draws = -0.2 * v + math.sqrt(v) * torch.randn(400_000, 1, generator=generator(5), dtype=torch.float64)
    matching.walkers.move = lambda *_: exact_draws
    terms = matching.added(model, rows[:10], generator())
    found = torch.autograd.grad(terms.loss, (model.network.a, model.network.b))
    for estimate, gradient in zip(found, exact, strict=True):
        assert float(estimate) == pytest.approx(float(gradient), rel=0.03, abs=0.01)
    assert abs(float(exact[0])) > 0.1


@pytest.mark.parametrize(
    ("arm", "settings", "allowed"),
    [
        (Matched, {"chains": 1}, "chains 2 or more"),
        (Penalty, {"strength": -1.0}, "strength must be 0 or more"),
    ],
)
def test_impossible_settings_are_refused(arm, settings, allowed):
    with pytest.raises(ValueError, match=allowed):
        arm(**settings)
