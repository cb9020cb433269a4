"""Tilts to prescribed means against closed forms; in sample and on fresh draws; means that nothing has."""

import math

import pytest
import torch

from ebmbench.inference import exponential_tilting as tilting
from ebmbench.inference.exponential_tilting import InfeasibleError, project


def draws(n, seed=1, dim=2):
    return torch.randn(n, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def grid(half=12.0, n=4001):
    x = torch.linspace(-half, half, n, dtype=torch.float64)
    return x, -0.5 * x.square()


def test_a_tilted_normal_is_the_normal_with_the_means_asked_for():
    """N(0, 1) to mean m and second moment s: <eta, T> = m/v x + (1 - 1/v) x^2 / 2, KL in closed form."""
    x, log_p = grid()
    m, v = 0.7, 0.5
    found = project(torch.stack([x, x.square()], 1), log_p, torch.tensor([m, m * m + v], dtype=torch.float64))
    torch.testing.assert_close(found.eta, torch.tensor([m / v, 0.5 - 0.5 / v], dtype=torch.float64), rtol=0, atol=1e-9)
    assert found.gain == pytest.approx(0.5 * (v + m * m - 1 - math.log(v)), abs=1e-10)


def test_positive_eta_raises_the_mean():
    x, log_p = grid()
    assert float(project(x[:, None], log_p, torch.tensor([0.7], dtype=torch.float64)).eta) == pytest.approx(
        0.7, abs=1e-10
    )


@pytest.mark.parametrize(("a", "share"), [(0.5, 0.7788), (1.0, 0.3679), (1.5, 0.1054), (2.0, 0.0183)])
def test_effective_share_of_a_tilt_is_that_of_its_weights(a, share):
    x, log_p = grid()
    # weights exp(a x) of equally weighted draws: their effective share is exp(-a^2)
    p = (log_p - log_p.logsumexp(0)).exp()
    w = torch.exp(a * x)
    assert float((p @ w) ** 2 / (p @ w.square())) == pytest.approx(share, abs=5e-5)
    if a > 1:
        return  # draws do not reach far enough
    points = torch.special.ndtri((torch.arange(200_000, dtype=torch.float64) + 0.5) / 200_000)[:, None]
    found = project(points, torch.zeros(200_000).double(), torch.tensor([a], dtype=torch.float64))
    assert found.n_eff / 200_000 == pytest.approx(share, rel=0.02)
    assert float(found.eta) == pytest.approx(a, abs=2e-3)


def test_the_gain_is_what_the_likelihood_gains():
    """KL(q || p) - KL(q || p*) = gain, for any q with the means asked for (Pythagoras)."""
    x, log_p = grid()
    log_q = torch.logaddexp(math.log(0.7) - 0.5 * ((x + 2) / 0.7).square(), math.log(0.3) - 0.5 * (x - 1.5).square())
    q, p = ((log - log.logsumexp(0)).exp() for log in (log_q, log_p))
    values = torch.stack([x, x.square(), torch.sigmoid(2 * x)], 1)
    found = project(values, log_p, q @ values)
    gained = float((q * (found.log_weights - p.log())).sum())
    assert found.gain == pytest.approx(gained, abs=1e-10) and found.gain > 0.1
    other = project(values, log_p, q @ values + 0.05)
    assert abs(float((q * (other.log_weights - p.log())).sum()) - other.gain) > 1e-3


def test_means_are_matched_in_sample_and_on_fresh_draws():
    x, target = draws(20_000), torch.tensor([0.3, -0.2, 1.2], dtype=torch.float64)

    def statistics(rows):
        return torch.cat([rows, rows[:, :1].square()], 1)

    found = project(statistics(x), torch.zeros(len(x)).double(), target)
    torch.testing.assert_close(found.log_weights.exp() @ statistics(x), target, rtol=0, atol=1e-11)
    fresh = draws(20_000, seed=2)
    weights = (statistics(fresh) @ found.eta).softmax(0)
    values = statistics(fresh)
    error = ((weights[:, None] * (values - target)).square().sum(0)).sqrt()
    # both samples err
    assert (((weights @ values) - target).abs() / (math.sqrt(2) * error) < 3).all()


def test_means_beyond_the_points_are_an_error():
    x = draws(500).clamp(-1, 1)
    with pytest.raises(InfeasibleError, match="at the edge of what the points can have, or beyond"):
        project(x, torch.zeros(500).double(), torch.tensor([1.2, 0.0], dtype=torch.float64))
    with pytest.raises(InfeasibleError, match="at the edge of what the points can have"):
        project(x, torch.zeros(500).double(), torch.tensor([1.0, 0.0], dtype=torch.float64))
    # just inside of the edge there is a tilt
    assert float(project(x, torch.zeros(500).double(), torch.tensor([0.99, 0.0], dtype=torch.float64)).eta[0]) > 1


@pytest.mark.parametrize("odds", [2.0, 4.0, 6.0, 12.0, -12.0])
@pytest.mark.parametrize("mean", [0.02, 0.5, 0.9])
def test_rare_points_are_weighed_up_however_far_newtons_first_step_leads(odds, mean):
    """Two points, T = 0 and 1 with log-odds a: eta = logit(c) - a. The dual is flat far from there."""
    values, log_weights = torch.tensor([[0.0], [1.0]]).double(), torch.tensor([0.0, odds]).double()
    found = project(values, log_weights, torch.tensor([mean], dtype=torch.float64))
    assert float(found.eta) == pytest.approx(math.log(mean / (1 - mean)) - odds, abs=1e-9)


def test_statistics_that_repeat_each_other_are_matched_all_the_same():
    x = draws(3000)
    doubled = torch.cat([x, x[:, :1] + x[:, 1:]], 1)
    target = torch.tensor([0.2, 0.1, 0.3], dtype=torch.float64)
    found = project(doubled, torch.zeros(3000).double(), target)
    torch.testing.assert_close(found.log_weights.exp() @ doubled, target, rtol=0, atol=1e-9)


def steps_to_nearly_equal_statistics(monkeypatch):
    """Newton steps to tilt two statistics that differ by two parts in a million, and the largest error of the means."""
    x = draws(3000)
    values = torch.stack([x[:, 0], x[:, 0] + 2e-6 * x[:, 1]], 1)
    target = torch.tensor([0.2, 0.2 + 6e-7], dtype=torch.float64)
    taken, further = [], tilting._Dual.further
    with monkeypatch.context() as patch:
        patch.setattr(tilting._Dual, "further", lambda *place: taken.append(place) or further(*place))
        found = project(values, torch.zeros(3000).double(), target)
    return len(taken), float((found.log_weights.exp() @ values - target).abs().max())


def test_statistics_that_nearly_repeat_each_other_take_few_steps(monkeypatch):
    steps, error = steps_to_nearly_equal_statistics(monkeypatch)
    assert steps < 12 and error < 1e-10
    # without the rule for errors that rounding leaves the search goes on to the end
    monkeypatch.setattr(tilting, "_stalled", lambda errors: False)
    assert steps_to_nearly_equal_statistics(monkeypatch)[0] == tilting.STEPS


def far_from_ones_means():
    """Points, and means that are .7 away from theirs."""
    x = draws(4000, dim=5) * torch.tensor([1.0, 1.0, 0.3, 0.1, 0.02], dtype=torch.float64)
    values = torch.cat([x, x[:, :2].square()], 1)
    return values, values.mean(0) + 0.7 * torch.tensor([0.6, -0.4, 0.05, 0.02, 0.01, 0.5, 0.3], dtype=torch.float64)


@pytest.mark.parametrize("radius", [0.01, 0.1, 0.3])
def test_within_a_ball_the_means_come_to_its_surface_along_eta(radius):
    """The optimum's conditions: c - E T = r eta / |eta|, and gain = KL + r |eta|."""
    values, target = far_from_ones_means()
    start = torch.zeros(len(values)).double()
    found = project(values, start, target, radius)
    left = target - found.log_weights.exp() @ values
    torch.testing.assert_close(left, radius * found.eta / found.eta.norm(), rtol=0, atol=1e-9)
    kl = float(found.log_weights.exp() @ (found.log_weights + math.log(len(values))))
    assert found.gain == pytest.approx(kl + radius * float(found.eta.norm()), abs=1e-9)


def test_no_distribution_in_the_ball_is_nearer():
    """Tilts to other means in the ball cost more; to the same means beyond it, less."""
    values, target = far_from_ones_means()
    start, radius = torch.zeros(len(values)).double(), 0.2

    def cost(means):
        try:
            found = project(values, start, means)
        except InfeasibleError:
            return math.inf
        return float(found.log_weights.exp() @ (found.log_weights + math.log(len(values))))

    best = project(values, start, target, radius)
    own = best.log_weights.exp() @ values
    assert cost(own) == pytest.approx(best.gain - radius * float(best.eta.norm()), abs=1e-9)
    ways = draws(20, seed=3, dim=7)
    others = target + radius * ways / ways.norm(dim=1, keepdim=True)
    costs = [cost(means) for means in others]
    assert cost(own) < min(costs) < math.inf
    assert cost(target + 1.1 * (own - target)) < cost(own)


def test_a_ball_that_holds_the_means_already_leaves_the_distribution_alone():
    values, target = far_from_ones_means()
    far = float((values.mean(0) - target).norm())
    found = project(values, torch.zeros(len(values)).double(), target, far * 1.001)
    assert float(found.eta.norm()) == 0 and found.gain == 0
    barely = project(values, torch.zeros(len(values)).double(), target, far * 0.999)
    assert float(barely.eta.norm()) > 0


def test_more_statistics_than_points_bear_are_matched_within_a_ball_alone():
    """40 noisy copies of two statistics on 60 points: exact means are out of reach, those within errors are not."""
    x = draws(60, dim=2)
    noisy = torch.cat([x] * 20, 1) + 0.05 * draws(60, seed=4, dim=40)
    target = torch.full((40,), 0.2, dtype=torch.float64) + 0.1 * draws(1, seed=5, dim=40)[0]
    with pytest.raises(InfeasibleError):
        project(noisy, torch.zeros(60).double(), target)
    found = project(noisy, torch.zeros(60).double(), target, 1.0)
    assert float((found.log_weights.exp() @ noisy - target).norm()) == pytest.approx(1.0)
    assert found.n_eff > 30


def test_a_ball_beyond_the_points_is_an_error():
    x = draws(500).clamp(-1, 1)
    far = torch.tensor([1.2, 0.0], dtype=torch.float64)
    with pytest.raises(InfeasibleError, match="at the edge of what the points can have, or beyond"):
        project(x, torch.zeros(500).double(), far, 0.1)
    assert float(project(x, torch.zeros(500).double(), far, 0.3).eta[0]) > 0
