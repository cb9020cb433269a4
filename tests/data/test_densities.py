"""Every 2D density against its own draws, and its integral over the box."""

import importlib
import math

import numpy as np
import pytest
import torch

from ebmbench.core import plugins
from ebmbench.core.midpoints import midpoints
from ebmbench.data.streams import stream
from ebmbench.data.toy import Toy
from tests.helpers.dataset_names import WITH_DEFAULTS

TOYS = (
    "checkerboard",
    "gaussians25",
    "gaussians8",
    "moons",
    "pinwheel",
    "ring8_unequal",
    "rings",
    "swissroll",
    "two_spirals",
)
DRAWS = 1_000_000
CELLS = 120


def cell_probabilities(toy):
    """(CELLS, CELLS): the mass of each cell of the box by 3 x 3 Gauss-Legendre points, exact to 1e-3 or better."""
    node, weight = np.polynomial.legendre.leggauss(3)
    side = 2 * toy.box / CELLS
    line = torch.from_numpy((side * (np.arange(CELLS)[:, None] + (1 + node) / 2) - toy.box).ravel())
    density = toy.log_prob(torch.cartesian_prod(line, line)).exp().reshape(CELLS, 3, CELLS, 3).numpy()
    return side**2 / 4 * np.einsum("iajb,a,b->ij", density, weight, weight)


def chi_square_z(probabilities, x, box):
    """(chi² - dof) / sqrt(2 dof) over the cells that expect 20 draws, all others taken together."""
    counts, _, _ = np.histogram2d(*x.double().numpy().T, bins=CELLS, range=[[-box, box]] * 2)
    expected = len(x) * probabilities
    enough = expected >= 20
    observed = np.append(counts[enough], len(x) - counts[enough].sum())
    expected = np.append(expected[enough], len(x) - expected[enough].sum())
    # a rest that expects less than 5 draws is no chi-square term
    keep = expected >= 5
    chi2 = ((observed - expected)[keep] ** 2 / expected[keep]).sum()
    return (chi2 - keep.sum()) / math.sqrt(2 * keep.sum())


@pytest.fixture(scope="module", params=TOYS)
def case(request):
    toy = plugins.load("dataset", request.param)
    return toy, cell_probabilities(toy), importlib.import_module(type(toy).__module__)


def draws(toy):
    return toy.sample(DRAWS, stream(toy, "test"))


def test_all_known_densities_of_the_plane_are_listed():
    known = [n for n in WITH_DEFAULTS if isinstance(plugins.load("dataset", n), Toy)]
    assert known == sorted(TOYS)


def test_log_prob_agrees_with_a_histogram_of_draws(case):
    toy, probabilities, _ = case
    x = draws(toy)
    assert x.shape == (DRAWS, 2)
    assert x.dtype == torch.float32
    assert toy.log_prob(x[:100]).dtype == torch.float64
    assert abs(chi_square_z(probabilities, x, toy.box)) < 4.5
    # draws of a density shifted by 0.05 do not pass
    assert chi_square_z(probabilities, x + torch.tensor([0.05, 0.0]), toy.box) > 20


def test_the_histogram_sees_a_noise_ten_percent_too_wide(case, monkeypatch):
    toy, probabilities, module = case
    if not hasattr(module, "SD"):
        assert chi_square_z(probabilities, 1.02 * draws(toy), toy.box) > 20
        return
    monkeypatch.setattr(module, "SD", 1.1 * module.SD)
    assert chi_square_z(probabilities, draws(toy), toy.box) > 20


def test_the_box_holds_all_but_a_millionth_of_the_mass(case):
    _, probabilities, module = case
    # the rings are so thin that only the midpoint grid below integrates them to 1e-6
    assert probabilities.sum() == pytest.approx(1, abs=1e-4 if module.__name__.endswith("rings") else 1e-6)
    # the same sum over a third of the side misses some
    assert probabilities[40:80, 40:80].sum() < 0.9


@pytest.mark.parametrize("name", ["checkerboard", "gaussians25", "rings"])
def test_midpoint_grid_integrates_to_one(name):
    """The grid that the data files hold: its cells of 1/30 are the edges of the board, and finer than any sd."""
    toy = plugins.load("dataset", name)
    total = toy.log_prob(midpoints(toy.box, 360)).exp().sum().item() * (2 * toy.box / 360) ** 2
    assert total == pytest.approx(1, abs=1e-12 if name == "checkerboard" else 1e-6)


def test_rows_are_the_seed_s_own_and_do_not_depend_on_other_sizes():
    small = plugins.load("dataset", "gaussians8", train=10, val=20, test=30)
    splits = small.splits(0)
    assert [len(part) for part in splits[:3]] == [10, 20, 30]
    assert splits.log_det == 0
    assert torch.equal(splits.test, small.splits(0).test)
    assert not torch.equal(splits.test, small.splits(1).test)
    assert torch.equal(splits.test, plugins.load("dataset", "gaussians8", train=7, val=9, test=30).splits(0).test)


def test_no_rows_are_refused():
    with pytest.raises(plugins.UserError, match="dataset moons: val = 0; allowed: 1 or more"):
        plugins.load("dataset", "moons", val=0)


def test_no_row_of_the_checkerboard_has_density_zero():
    toy = plugins.load("dataset", "checkerboard")
    assert (toy.log_prob(draws(toy)) == -math.log(32)).all()
    # neighbours of the edges: the board is half open
    edge = torch.tensor([[0.0, 0.0], [-1e-9, 0.0], [2.0, 1.0], [-4.0, 1.0], [4.0, 1.0]], dtype=torch.float64)
    assert toy.log_prob(edge).isfinite().tolist() == [True, False, False, True, False]


def test_entropy_of_gaussians25():
    toy = plugins.load("dataset", "gaussians25")
    log_p = toy.log_prob(toy.sample(200_000, stream(toy, "test")))
    exact = math.log(25) + 1 + math.log(2 * math.pi * (0.2 / 1.414) ** 2)
    assert exact == pytest.approx(2.1450, abs=1e-4)
    # the variance of log p of a Gaussian in 2D is 1
    assert -log_p.mean().item() == pytest.approx(exact, abs=4 / math.sqrt(200_000))


def test_rings_are_a_density_per_area():
    toy = plugins.load("dataset", "rings")
    angle = torch.linspace(0, 6, 7, dtype=torch.float64)
    for radius in (0.8, 3.2):
        x = radius * torch.stack([angle.cos(), angle.sin()], dim=-1)
        exact = 0.25 / (0.05 * math.sqrt(2 * math.pi)) / (2 * math.pi * radius)
        np.testing.assert_allclose(toy.log_prob(x).exp(), exact, rtol=1e-12)
    r = torch.linspace(1e-9, 6, 60_001, dtype=torch.float64)
    on_axis = torch.stack([r, torch.zeros_like(r)], dim=-1)
    per_area = toy.log_prob(on_axis).exp()
    assert torch.trapezoid(per_area * 2 * math.pi * r, r).item() == pytest.approx(1, abs=1e-9)
    assert torch.trapezoid(per_area, r).item() < 0.5


@pytest.mark.parametrize(
    ("name", "modes"),
    [("gaussians25", 25), ("gaussians8", 8), ("ring8_unequal", 8), ("checkerboard", 8), ("rings", 4)],
)
def test_modes_have_their_weights(name, modes):
    toy = plugins.load("dataset", name)
    n = 100_000
    share = torch.bincount(toy.component(toy.sample(n, stream(toy, "test"))), minlength=modes) / n
    weights = torch.full((modes,), 1 / modes)
    if name == "ring8_unequal":
        # neighbouring Gaussians (2.3 apart, sd 0.5) overlap by 1.1 %: the share of a mode moves by that much
        weights = torch.tensor([4, 3, 2, 1, 1, 1, 2, 3]) / 17
        assert (share - 1 / modes).abs().max() > 0.05
    assert share.shape == (modes,)
    assert (share - weights).abs().max() < 0.006


@pytest.mark.parametrize("name", ["moons", "pinwheel", "swissroll", "two_spirals"])
def test_no_modes_where_none_are_defined(name):
    assert plugins.load("dataset", name).component(torch.zeros(3, 2)) is None


def test_component_outside_the_support_is_the_nearest_one():
    board = plugins.load("dataset", "checkerboard")
    assert board.component(torch.tensor([[9.0, 9.0]])) == board.component(torch.tensor([[3.0, 3.0]]))
    # beside the edge of the square [0, 2]² and well away from all other dark squares
    assert board.component(torch.tensor([[2.1, 1.0]])) == board.component(torch.tensor([[1.0, 1.0]]))
    rings = plugins.load("dataset", "rings")
    assert rings.component(torch.tensor([[0.0, 0.1], [0.0, 1.1], [0.0, 1.3], [9.0, 0.0]])).tolist() == [0, 0, 1, 3]
