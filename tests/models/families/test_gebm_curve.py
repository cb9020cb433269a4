"""An energy on the data's curve: its base, what it begins as, what an exact and a wrong energy make of it, training."""

import math

import pytest
import torch
from torch import nn

from ebmbench.core.errors import UserError
from ebmbench.data.closed_curve import ClosedCurve
from ebmbench.data.manifold import TURN
from ebmbench.data.moons import Moons
from ebmbench.evaluation.metrics.manifold import DISTANCE, TV, Curve, manifold, nearest, shares, tv_floor
from ebmbench.inference.likelihoods.importance import Importance
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.samplers.target import of_model
from ebmbench.models.families.gebm_curve import GEBMCurve
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training.losses.kale_dv import KALEDonskerVaradhan
from tests.helpers.targets import generator, training_data

DATA = ClosedCurve(train=4000, val=1, test=1)
ROWS = DATA.splits(0).train
CURVE = Curve(*DATA.cells(720))


class Angular(nn.Module):
    """U(x) = -k log(2 pi p(a)), a the angle of x in the plane: at k = 1 the model on the curve is that of the data."""

    def __init__(self, k: float = 1.0) -> None:
        super().__init__()
        self.k = k

    def forward(self, x):
        angle = torch.atan2(x[:, 1], x[:, 0])
        return -self.k * (TURN * DATA.angle_density(angle)).log().to(x.dtype)


class Radial(nn.Module):
    """U(x) = k (|x| / r - 1), r the curve's radius at the angle of x: 0 on the curve."""

    def __init__(self, k: float) -> None:
        super().__init__()
        self.k = k

    def forward(self, x):
        angle = torch.atan2(x[:, 1], x[:, 0])
        return self.k * (x.norm(dim=1) / DATA.embed(angle).norm(dim=1) - 1)


def model(network=None, dim=2, offset=0.0):
    data = ClosedCurve(dim=dim)
    rows = training_data(ROWS if dim == 2 else torch.randn(9, dim), dataset=data)
    made = GEBMCurve(offset, width=32, depth=2).build(rows, NoStatistic(), generator(1))
    made.network = network or made.network
    return made


def kale(made):
    """The lower bound of KL(data || base), on 4,000 rows and 20,000 draws."""
    return -float(KALEDonskerVaradhan(nu=5)(made, ROWS, generator(2)).loss)


def exact_kl():
    return float((CURVE.mass * (CURVE.mass * len(CURVE.mass)).log()).sum())


@pytest.mark.parametrize(("dim", "offset"), [(2, 0.0), (10, 0.0), (2, 0.2), (10, -0.3)])
def test_the_base_is_the_curve_scaled_and_its_angle_uniform(dim, offset):
    curve = Curve(*ClosedCurve(dim=dim).cells(1800))
    x = model(dim=dim, offset=offset).base.sample(2000, generator(3))
    assert x.shape == (2000, dim) and x.dtype == torch.float32
    found = nearest(curve, x.double() / (1 + offset))
    assert float(found.distance.max()) < 1e-4
    assert float((shares(found.cell, len(curve.mass)) - 1 / 20).abs().max()) < 5 * math.sqrt(0.05 / 2000)
    assert offset == 0 or float(nearest(curve, x).distance.min()) > 0.05


@pytest.mark.parametrize("offset", [0.0, 0.2])
def test_it_begins_as_its_base_which_stands_still(offset):
    made = model(offset=offset)
    x = made.base.sample(50, generator(4))
    assert torch.equal(made.log_weight(x), torch.zeros(50))
    assert list(made.base.parameters()) == [] and sum(p.numel() for p in made.network.parameters()) > 1000
    target = of_model(made)
    z = target.base.sample(7, generator(5))
    assert z.shape == (7, 1) and torch.equal(target.decode(z), made.base.decode(z))


def test_the_exact_energy_gives_the_datas_distribution_and_others_do_not():
    def drawn(k):
        found = Importance(10_000).normalise(Problem(model(Angular(k)), ROWS), 2000, generator(6))
        return found, manifold(CURVE, found.samples, found.n_eff, 2000)

    found, scores = drawn(1.0)
    assert found.log_z.value == pytest.approx(0, abs=4 * found.log_z.stderr)
    assert scores[DISTANCE].value < 1e-4
    assert scores[TV].value < tv_floor(CURVE, found.n_eff) + 0.01
    for k in (-1.0, 0.0, 0.5):
        assert drawn(k)[1][TV].value > 0.1


def test_on_the_curve_the_bound_is_the_exact_divergence_and_no_energy_exceeds_it():
    error = 4 * 1.2 / math.sqrt(4000)
    assert kale(model(Angular())) == pytest.approx(exact_kl(), abs=error)
    assert exact_kl() == pytest.approx(0.314, abs=0.001)
    for other in (Angular(0.5), Angular(-1.0), Radial(50.0)):
        assert kale(model(other)) < exact_kl() - 0.05


@pytest.mark.parametrize("k", [1.0, 10.0, 100.0])
def test_off_the_curve_the_bound_grows_with_the_slope_beyond_any_divergence(k):
    """Data and base are singular: the energy k (|x| / r - 1) parts them by .2 k nats."""
    assert kale(model(Radial(k), offset=0.2)) == pytest.approx(0.2 * k, rel=1e-3)


def test_a_few_steps_bring_the_mass_where_the_data_have_it():
    made, loss = model(), KALEDonskerVaradhan(nu=4)
    before = manifold(CURVE, made.base.sample(2000, generator(7)), 2000, 2000)[TV].value
    optimiser = torch.optim.Adam(made.network.parameters(), 0.01)
    for step in range(100):
        optimiser.zero_grad()
        rows = ROWS[torch.randint(len(ROWS), (128,), generator=generator(step))]
        loss(made, rows, generator(step)).loss.backward()
        optimiser.step()
    found = Importance(10_000).normalise(Problem(made.requires_grad_(False), ROWS), 2000, generator(8))
    after = manifold(CURVE, found.samples, found.n_eff, 2000)
    assert before > 0.3 and after[TV].value < 0.12 and after[DISTANCE].value < 1e-4


def test_a_data_set_that_is_not_on_a_curve_is_refused_in_one_line():
    with pytest.raises(UserError, match="needs a data set on a known curve, as closed_curve: exclude the cell"):
        GEBMCurve().build(training_data(torch.randn(9, 2), dataset=Moons()), NoStatistic(), generator())


@pytest.mark.parametrize(
    ("settings", "allowed"),
    [
        ({"width": 0}, "width = 0; allowed: 1 or more"),
        ({"floor": 0.0}, "floor = 0.0; allowed: above 0"),
        ({"offset": -1.0}, "offset = -1.0; allowed: above -1"),
    ],
)
def test_impossible_settings_are_refused(settings, allowed):
    with pytest.raises(ValueError, match=allowed):
        GEBMCurve(**settings)
