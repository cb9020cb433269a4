"""Natural parameters of each noise level in closed form, on two modes of which the network has the weights wrong."""

import pytest
import torch

from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.loop import train
from ebmbench.training.losses.dsm import DenoisingScoreMatching, denoising_errors
from ebmbench.training.losses.dsm_levels import MultiLevelDenoising
from ebmbench.training.losses.tilt_equations import denoising_at_levels
from ebmbench.training.moment_matching.joint import ClosedForm, Joint
from ebmbench.training.moment_matching.matched import Matched
from ebmbench.training.moment_matching.penalty import Penalty
from ebmbench.training.settings import TrainSettings
from tests.helpers.noisy_modes import (
    FIRST,
    SIDE,
    THREE,
    exact_equations,
    falling,
    log_density,
    model,
    rows,
    score,
    set_etas,
)
from tests.helpers.targets import generator

A, SIGMAS = 1.5, falling(3.0, 0.3, 3)


def nodes(n=600):
    """Equally likely points of the noisy data at each level, with E[noise | point] = -sigma s(point): no sampling."""
    noisy, noise, level = [], [], []
    for place, sigma in enumerate(SIGMAS):
        x = torch.linspace(-20, 20, 40_001, dtype=torch.float64)[:, None]
        mass = log_density(x, sigma.expand(len(x)), A).exp().cumsum(0)
        marks = (torch.arange(n, dtype=torch.float64) + 0.5) / n * mass[-1]
        points = x[torch.searchsorted(mass, marks)]
        noisy.append(points)
        noise.append(-sigma * score(points, sigma.expand(n), A))
        level.append(torch.full((n,), place))
    return torch.cat(noisy), torch.cat(noise), torch.cat(level)


def loss_of(made, noisy, noise, level):
    """The mean over rows of 1/2 |sigma grad U - e|^2, by the model's own energy."""
    sigma, points = SIGMAS[level], noisy.clone().requires_grad_()
    slope = torch.autograd.grad(made.energy_at(points, sigma).sum(), points, create_graph=True)[0]
    return denoising_errors(slope, noise, sigma[:, None]).mean()


def least(made, values, parameters, put):
    """The least loss over ``parameters``, which ``put`` writes into the model, by a search of its own."""
    search = torch.optim.LBFGS(
        [parameters], max_iter=400, tolerance_grad=1e-11, tolerance_change=1e-14, line_search_fn="strong_wolfe"
    )

    def closure():
        put(parameters.detach())
        found = loss_of(made, *values)
        above, smallest = torch.autograd.grad(found, made.natural_parameters())
        slopes = torch.cat([above, smallest[None]])
        parameters.grad = slopes if parameters.ndim == 2 else slopes.sum(0)
        return found.detach()

    search.step(closure)
    put(parameters.detach())
    return float(loss_of(made, *values).detach())


def sources(made):
    """E_q [J (s - s_q)] at each level, by quadrature: what moves E[T] away along the reverse process."""
    gram, right = exact_equations(made, A)
    etas = torch.cat([made.eta_above, made.eta[None]]).detach()
    return (gram @ etas[..., None])[..., 0] - right


@pytest.mark.parametrize("statistic", [SIDE, FIRST, THREE], ids=["side", "first", "three"])
def test_the_closed_form_is_where_the_loss_of_every_level_is_least(statistic):
    made, values = model(A, statistic, SIGMAS), nodes()
    K = len(made.eta)
    found = denoising_at_levels(made, *values)
    closed = -torch.linalg.solve(found.gram, found.slope)
    searched = torch.zeros(3, K, dtype=torch.float64)
    smallest = least(made, values, searched, lambda etas: set_etas(made, etas))
    torch.testing.assert_close(closed, searched, rtol=1e-4, atol=1e-4)
    assert float(loss_of(set_etas(made, closed), *values).detach()) <= smallest + 1e-12
    # the points stand for the exact distribution
    exact = torch.linalg.solve(*exact_equations(made, A))
    torch.testing.assert_close(closed, exact, rtol=0.02, atol=0.02)
    assert float(sources(set_etas(made, exact)).abs().max()) < 1e-10
    # one eta for all levels does worse, and leaves a source at each of them
    one = torch.zeros(K, dtype=torch.float64)
    shared = least(made, values, one, lambda eta: set_etas(made, eta.expand(3, K)))
    assert shared > smallest + 1e-3
    assert float(sources(made).abs().amax(1).min()) > 5e-3


def test_the_arm_solves_every_level_from_its_own_rows():
    made = model(A, FIRST, SIGMAS)
    matching = Joint().matching(MultiLevelDenoising(), made, rows(10, A), generator())
    assert isinstance(matching, ClosedForm)
    assert [id(eta) for eta in matching.owned] == [id(made.eta_above), id(made.eta)]
    cost = matching.moved(made, rows(150_000, A), generator(2))
    exact = torch.linalg.solve(*exact_equations(made, A))
    found = torch.cat([made.eta_above, made.eta[None]]).detach()
    torch.testing.assert_close(found, exact, rtol=0, atol=0.05)
    # one eta for all would be seen
    assert float(exact.max() - exact.min()) > 0.15
    assert cost.gradient_evaluations == cost.energy_evaluations == 150_000


def test_levels_are_averaged_over_batches_and_those_not_met_yet_stay_at_nought():
    made = model(A, SIDE, SIGMAS)
    matching, x = Joint().matching(MultiLevelDenoising(), made, rows(10, A), generator()), rows(400, A)
    matching.moved(made, x[:1], generator(3))
    found = torch.cat([made.eta_above, made.eta[None]]).detach()
    assert found.any(1).tolist().count(True) == 1
    for step in range(200):
        matching.moved(made, x[2 * step : 2 * step + 2], generator(step))
    averaged = torch.cat([made.eta_above, made.eta[None]]).detach()
    assert averaged.any(1).all() and averaged.isfinite().all()


def trained(loss, arm, statistic=FIRST, steps=30):
    made, x = model(A, statistic, SIGMAS), rows(500, A)
    streams = Streams(generator(2), generator(3), 4, generator(9))
    settings = TrainSettings(steps=steps, batch_size=60, checkpoints=1, ema=0.0)
    return train(TrainingJob(made, loss, (x, x), settings, streams, lambda _: {}, lambda *_: None, arm))


def test_training_moves_all_levels_by_the_equations_or_by_the_optimiser():
    by_equations, by_optimiser = (trained(MultiLevelDenoising(dual), Joint()) for dual in (0.0, 0.1))
    for found in (by_equations, by_optimiser, trained(MultiLevelDenoising(), Joint(closed_form=False))):
        assert found.status == "ok" and found.model.eta_above.all() and found.model.eta.all()
    # a score a row for the loss, and one for the equations
    assert by_equations.costs.gradient_evaluations == 2 * by_optimiser.costs.gradient_evaluations == 2 * 30 * 60
    # Adam has gone 30 small steps; the equations are solved at each
    assert 0 < float(by_optimiser.model.eta_above.abs().max()) < 0.1 < float(by_equations.model.eta_above.abs().max())


def test_a_loss_of_one_level_and_other_arms_leave_the_levels_above_alone():
    assert not trained(DenoisingScoreMatching(0.3), Joint()).model.eta_above.any()
    penalised = trained(MultiLevelDenoising(), Penalty(chains=8), steps=3).model
    assert not penalised.eta_above.any() and not penalised.eta.any()
    matched = Matched(chains=8).matching(MultiLevelDenoising(), model(A, FIRST, SIGMAS), rows(50, A), generator())
    assert len(matched.owned) == 1 and matched.owned[0].shape == (1,)
