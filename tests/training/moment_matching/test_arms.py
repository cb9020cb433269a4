"""Ways to natural parameters: closed forms, stochastic approximation, the penalty's gradient."""

import math

import pytest
import torch

from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.families.ebm import EBM
from ebmbench.models.statistics.modes import Modes
from ebmbench.models.statistics.moments import Moments
from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.loop import train
from ebmbench.training.losses.dsm import DenoisingScoreMatching
from ebmbench.training.losses.ed import EnergyDiscrepancy
from ebmbench.training.losses.sm import ScoreMatching
from ebmbench.training.moment_matching import matched, penalty
from ebmbench.training.moment_matching.joint import ClosedForm, Joint
from ebmbench.training.moment_matching.matched import GAIN, Approximation, Matched
from ebmbench.training.moment_matching.none import NoMatching
from ebmbench.training.moment_matching.penalty import RISE, Penalty, PenaltyState
from ebmbench.training.moment_matching.running_averages import Covariance
from ebmbench.training.moment_solver import standardised
from ebmbench.training.settings import TrainSettings
from tests.helpers.ring_of_modes import MODES, WEIGHTS, Ring, base, ring_means, ring_rows
from tests.helpers.targets import Quadratic, generator, standard_normal, training_data


def skewed(n=20_000):
    draws = torch.randn(n, 2, generator=generator(1), dtype=torch.float64)
    return draws + 0.3 * draws.square() + 0.5 * draws.flip(1)


def expfam(rows):
    """No network: the normal distribution in the guise of an exponential family."""
    distribution = standard_normal(2)
    return Tilted(type(distribution)(rows.mean(0), 4 * torch.cov(rows.T)), None, Moments(), rows)


def distribution_of(model):
    found = model.closed_form()
    return found.mean, torch.linalg.inv(found.precision)


@pytest.mark.parametrize(("loss", "added"), [(ScoreMatching(), 0.0), (DenoisingScoreMatching(0.5), 0.25)])
def test_score_matching_of_moments_is_the_rows_normal_and_denoising_adds_its_variance(loss, added):
    x = skewed()
    model = expfam(x)
    matching = Joint().matching(loss, model, x, generator())
    assert isinstance(matching, ClosedForm) and matching.owned == [model.eta]
    matching.moved(model, x, generator(2))
    mean, covariance = distribution_of(model)
    torch.testing.assert_close(mean, x.mean(0), rtol=0, atol=0.03)
    torch.testing.assert_close(covariance, torch.cov(x.T) + added * torch.eye(2).double(), rtol=0.03, atol=0.03)


def test_training_of_statistics_alone_comes_to_the_same():
    x = skewed(4000)
    streams = Streams(generator(2), generator(3), 4, generator(9))
    settings = TrainSettings(steps=300, batch_size=512, checkpoints=1)
    task = TrainingJob(expfam(x), ScoreMatching(), (x, x), settings, streams, lambda _: {}, lambda *_: None, Joint())
    found = train(task)
    mean, covariance = distribution_of(found.model)
    assert found.status == "ok"
    torch.testing.assert_close(mean, x.mean(0), rtol=0, atol=0.1)
    torch.testing.assert_close(covariance, torch.cov(x.T), rtol=0.1, atol=0.1)
    # each step also solves the equations: one more score at each row
    assert found.costs.gradient_evaluations == 300 * 512 * (3 + 1)


@pytest.mark.parametrize(("apart", "softness"), [(200.0, 1.0), (2.0, 8.0)])
def test_statistics_that_are_flat_at_every_row_stay_at_nought(apart, softness):
    """An indicator of modes that are 4000 of its widths apart has no slope where the rows are, in any precision."""
    sides = apart * torch.tensor([-0.5, 0.5], dtype=torch.float64)[:, None]
    x = (sides + 0.05 * torch.randn(2, 50, generator=generator(1), dtype=torch.float64)).reshape(-1, 1)
    model = Tilted(type(standard_normal())(x.mean(0), torch.cov(x.T).reshape(1, 1)), None, Modes(2, softness), x)
    matching = Joint().matching(ScoreMatching(), model, x, generator())
    matching.moved(model, x, generator())
    flat = apart > 100
    assert (float(matching.gram) == 0) == flat
    assert (float(model.eta.detach()) == 0) == flat


def test_equations_can_be_solved_at_some_steps_only():
    x = skewed(200)
    often, seldom = (expfam(x) for _ in range(2))
    each, third = (
        Joint(every=every).matching(ScoreMatching(), model, x, generator())
        for every, model in ((1, often), (3, seldom))
    )
    costs, etas = [], []
    for step in range(6):
        costs.append(third.moved(seldom, x, generator(step)).gradient_evaluations)
        etas.append(seldom.eta.detach().clone())
        if step in (2, 5):
            each.moved(often, x, generator(step))
    assert costs == [0, 0, 200, 0, 0, 200]
    assert not etas[1].any() and etas[2].any() and torch.equal(etas[2], etas[4])
    assert torch.equal(often.eta, seldom.eta)


def test_the_optimiser_does_it_where_there_is_no_closed_form_or_none_is_wanted():
    x = skewed(100)
    assert Joint().matching(EnergyDiscrepancy(), expfam(x), x, generator()) is None
    assert Joint(closed_form=False).matching(ScoreMatching(), expfam(x), x, generator()) is None
    assert NoMatching().matching(ScoreMatching(), expfam(x), x, generator()) is None


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


@pytest.mark.parametrize("spread", [1.0, 1e-3])
def test_a_step_along_what_hardly_varies_over_the_chains_is_held_back(spread):
    """x and x^2 at draws around 1 vary together, and x^2 - 2x hardly: (S + .1 I)^-1 d is at most 10 |d|."""
    rows = 1 + 0.2 * torch.randn(4000, 1, generator=generator(1), dtype=torch.float64)
    model = Tilted(standard_normal(), None, Moments(), rows)
    matching = Matched(chains=500).matching(EnergyDiscrepancy(), model, rows, generator(1))
    matching.covariance.decay = 0.0
    draws = 1.1 + spread * 0.2 * torch.randn(500, 1, generator=generator(2), dtype=torch.float64)
    matching.persistent_chains.move = lambda *_: draws
    matching.moved(model, rows, generator(3))
    values = standardised(model, draws)
    d, s = -values.mean(0), torch.cov(values.T)
    expected = GAIN * torch.linalg.solve(s + 0.1 * torch.eye(2, dtype=torch.float64), d)
    torch.testing.assert_close(model.eta.detach().double(), expected, rtol=1e-6, atol=1e-9)
    assert model.eta.detach().norm() <= GAIN * d.norm() / 0.1


@pytest.mark.parametrize("left", [0.5, 0.1])
def test_steps_for_ever_leave_half_of_what_holds_a_model_together(left, monkeypatch):
    """A network that keeps the variance at 1 / 20, whatever eta does: matching 1 would widen the base without end."""
    monkeypatch.setattr(matched, "LEFT", left)
    rows = torch.randn(1000, 1, generator=generator(1), dtype=torch.float64)
    model = Tilted(standard_normal(), Quadratic(19.0, 0.0), Moments(), rows)
    matching = Matched(chains=100).matching(EnergyDiscrepancy(), model, rows, generator(1))
    for step in range(200):
        matching.moved(model, rows, generator(step))
        model.network.a.data.copy_(19.0 - model._quadratic().A[0, 0].detach())
    assert model.normalisable(left) and not model.normalisable(left / 0.8)


def test_the_moving_covariance_counts_the_unit_matrix_as_one_step():
    found, values = Covariance(2, 0.9, 1e-3, torch.device("cpu")), skewed(50)
    for _ in range(9):
        found.add(values)
    expected = (torch.eye(2, dtype=torch.float64) + 9 * torch.cov(values.T)) / 10
    torch.testing.assert_close(found.value, expected, rtol=1e-12, atol=1e-12)
    found.add(0 * values)
    torch.testing.assert_close(found.value, 0.9 * expected, rtol=1e-12, atol=1e-12)
    found.value = expected
    vector = torch.tensor([1.0, -2.0], dtype=torch.float64)
    ridge = 1e-3 * torch.eye(2, dtype=torch.float64)
    torch.testing.assert_close((expected + ridge) @ found.solve(vector), vector, rtol=0, atol=1e-12)
    one = Covariance(1, 0.9, 1e-3, torch.device("cpu"))
    one.add(values[:, :1])
    assert one.value.shape == (1, 1)


def test_a_factor_of_the_covariance_grows_no_older_than_ten_steps():
    found, vector = Covariance(2, 0.9, 1e-3, torch.device("cpu")), torch.ones(2, dtype=torch.float64)
    ridge = 1e-3 * torch.eye(2, dtype=torch.float64)
    ages = []
    for step in range(400):
        found.add(skewed(50) * (1 + step / 400))
        held = found.solve(vector)
        new = torch.linalg.solve(found.value + ridge, vector)
        ages.append(0 if torch.allclose(held, new, rtol=1e-9) else ages[-1] + 1)
    assert max(ages[:19]) == 0 and max(ages[:100]) <= 5 and max(ages) == 9


def test_chains_that_diverge_give_no_direction_and_no_error():
    found = Covariance(3, 0.9, 1e-3, torch.device("cpu"))
    values = torch.randn(20, 3, generator=generator(1), dtype=torch.float64)
    values[0, 1] = torch.inf
    found.add(values)
    assert found.solve(torch.ones(3, dtype=torch.float64)).isnan().all()


def penalised(draws):
    """A model N(-b v, v), v = 1 / (1 + a), by U = a x^2 / 2 + b x on N(0, 1), and its penalty with these ``draws``."""
    rows = 0.6 * torch.randn(2000, 1, generator=generator(4), dtype=torch.float64) + 0.5
    model = Tilted(standard_normal(), Quadratic(0.3, 0.2), Moments(), rows)
    matching = Penalty(strength=2.0, chains=8).matching(EnergyDiscrepancy(), model, rows, generator())
    assert isinstance(matching, PenaltyState) and matching.owned == [model.eta]
    matching.persistent_chains.move = lambda *_: draws
    return model, matching, rows


def test_the_penaltys_gradient_is_that_of_the_squared_mismatch_in_units_of_the_models_spread():
    v = 1 / 1.3
    draws = -0.2 * v + math.sqrt(v) * torch.randn(400_000, 1, generator=generator(5), dtype=torch.float64)
    model, matching, rows = penalised(draws)

    def mismatch(a, b):
        variance = 1 / (1 + a)
        mean = -b * variance
        return (torch.stack([mean, variance + mean.square()]) - model.centre) / model.scale

    def gradient(metric):
        a, b = (parameter.detach().clone().requires_grad_() for parameter in (model.network.a, model.network.b))
        d = mismatch(a, b)
        return torch.autograd.grad(0.5 * 2.0 * d @ metric @ d, (a, b))

    S = torch.cov(model.standardised(draws).T)
    matching.covariance.value, matching.steps = S, RISE
    terms = matching.added(model, rows[:10], generator())
    found = torch.autograd.grad(terms.loss, (model.network.a, model.network.b))
    exact, plain = gradient(torch.linalg.inv(S)), gradient(torch.eye(2, dtype=torch.float64))
    for estimate, right, wrong in zip(found, exact, plain, strict=True):
        assert float(estimate) == pytest.approx(float(right), rel=0.03, abs=0.01)
        assert abs(float(estimate) - float(wrong)) > 0.1


def test_few_chains_tell_no_mismatch_where_there_is_none_on_average():
    """With one half for both factors, errors of the means and of the covariance would go together."""
    distribution = standard_normal()
    model, matching, rows = penalised(None)
    model.network.a.data.zero_()
    model.network.b.data.zero_()
    model.centre.copy_(torch.tensor([0.0, 1.0]))
    model.scale.copy_(torch.tensor([1.0, 2**0.5]))
    streams = generator(6)
    found, wrong = [], []
    for _ in range(2000):
        draws = distribution.sample(8, streams)
        matching.persistent_chains.move = lambda *_, draws=draws: draws
        matching.covariance, matching.steps = Covariance(2, 0.9, 1e-3, torch.device("cpu")), RISE
        found.append(torch.autograd.grad(matching.added(model, rows[:10], generator()).loss, model.network.a)[0])
        values = model.standardised(draws)
        along = (values - values.mean(0)) @ matching.covariance.solve(values.mean(0))
        wrong.append(-(along * draws[:, 0].square() / 2).sum() / 7)
    for slopes, least, most in ((found, 0.0, 3.0), (wrong, 6.0, 1e9)):
        slopes = torch.stack(slopes)
        z = float(slopes.mean().abs() / slopes.std()) * len(slopes) ** 0.5
        assert least <= z < most


def test_the_strength_rises():
    draws = torch.randn(8, 1, generator=generator(5), dtype=torch.float64)
    model, matching, rows = penalised(draws)

    def slope(steps):
        matching.covariance, matching.steps = Covariance(2, 0.9, 1e-3, torch.device("cpu")), steps
        return float(torch.autograd.grad(matching.added(model, rows[:10], generator()).loss, model.network.b)[0])

    assert slope(RISE - 1) == pytest.approx(slope(2 * RISE), rel=1e-12)
    assert slope(RISE - 1) == pytest.approx(RISE * slope(0), rel=1e-12)
    assert slope(0) != 0


def test_a_short_training_is_not_lost_to_the_penalty(monkeypatch):
    """At strength 1, beside a loss with small gradients; squares of plain mismatches, at once, would lose it."""
    rows = ring_rows().float()
    grid = torch.cartesian_prod(*[torch.linspace(-7, 7, 141)] * 2)
    log_q = (WEIGHTS.log() - 0.5 * (grid[:, None] - MODES).square().sum(2) / 0.25).logsumexp(1)
    q = (log_q - log_q.logsumexp(0)).exp()

    def kl(arm):
        model = EBM(width=16, depth=2).build(training_data(rows), Moments(), generator(1))
        streams = Streams(generator(2), generator(3), 4, generator(9))
        settings = TrainSettings(steps=150, checkpoints=1, learning_rate=4e-3)
        task = TrainingJob(
            model, EnergyDiscrepancy(), (rows, rows[:10]), settings, streams, lambda _: {}, lambda *_: None, arm
        )
        log_p = train(task).model.log_density(grid).double().log_softmax(0).detach()
        return float(q @ (q.log() - log_p))

    alone, beside = kl(NoMatching()), kl(Penalty(chains=128))
    assert beside < alone + 0.13
    monkeypatch.setattr(penalty, "RISE", 1)
    monkeypatch.setattr(Covariance, "solve", lambda self, vector: vector)
    assert kl(Penalty(chains=128)) > alone + 0.18


@pytest.mark.parametrize(
    ("arm", "settings", "allowed"),
    [
        (Matched, {"chains": 1}, "chains = 1; allowed: 2 or more"),
        (Penalty, {"strength": -1.0}, "strength = -1.0; allowed: 0 or more"),
    ],
)
def test_impossible_settings_are_refused(arm, settings, allowed):
    with pytest.raises(ValueError, match=allowed):
        arm(**settings)
