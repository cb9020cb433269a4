"""Losses of other packages are what their descriptions say: those of ours that have the same formula."""

import math
import sys

import pytest
import torch

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.models.interface import Density
from tests.helpers.contract_models import built
from tests.helpers.targets import generator

pytest.importorskip("ebm", reason="needs the packages of envs/peers.txt")
pytest.importorskip("torchebm", reason="needs the packages of envs/peers.txt")

ROWS = 20_000


class Quartic(Density):
    """U(x) = sum_d x_d^4 / 4 + x_0 x_1 / 2: its gradient, Hessian and Laplacian differ from row to row."""

    dim = 2

    def log_density(self, x):
        return -(x.pow(4).sum(1) / 4 + x[:, 0] * x[:, 1] / 2)


@pytest.fixture(scope="module")
def x():
    return torch.randn(ROWS, 2, generator=generator(1), dtype=torch.float64)


def value(name, x, model=None, stream=2, **settings):
    terms = plugins.load("loss", name, **settings)(model or Quartic(), x, generator(stream))
    return float(terms.loss.detach())


def spread(name, x, **settings):
    """The standard error of a loss, from the values of tenths of the rows."""
    values = torch.tensor([value(name, part, **settings) for part in x.chunk(10)])
    return float(values.std()) / math.sqrt(10)


def closeness(x, theirs, ours, factor=1.0, offset=0.0):
    """How many standard errors ``factor`` times their loss and ``offset`` is apart from ours."""
    error = math.hypot(factor * spread(theirs[0], x, **theirs[1]), spread(ours[0], x, **ours[1]))
    return abs(factor * value(theirs[0], x, **theirs[1]) + offset - value(ours[0], x, **ours[1])) / error


@pytest.mark.parametrize(
    ("theirs", "ours", "factor", "offset"),
    [
        (("ebmkit_ed", {"sigma": 0.5, "M": 3, "w": 0.5}), ("ed", {"t": 0.25, "M": 3, "w": 0.5}), 1.0, -math.log(3)),
        # ours is weighed by the noise's variance
        (("ebmkit_dsm", {"sigma": 0.3}), ("dsm", {"sigma": 0.3}), 0.3**2, 0.0),
        (("torchebm_dsm", {"sigma": 0.3}), ("dsm", {"sigma": 0.3}), 0.3**2, 0.0),
        (("ebmkit_ssm", {"projections": 2}), ("ssm", {}), 1.0, 0.0),
        (("torchebm_ssm", {"projections": 2}), ("ssm", {}), 1.0, 0.0),
        (("torchebm_cd", {"penalty": 0.0}), ("cd", {}), 1.0, 0.0),
        (("ebmkit_pcd", {}), ("cd", {}), 1.0, 0.0),
    ],
    ids=lambda of: of[0] if isinstance(of, tuple) else "",
)
def test_a_peers_loss_is_ours_on_the_same_rows(x, theirs, ours, factor, offset):
    assert closeness(x, theirs, ours, factor, offset) < 4
    # another setting gives other numbers: the comparison has power
    other = {"ed": {"t": 1.0}, "dsm": {"sigma": 0.5}, "cd": {"step": 0.04}}.get(ours[0])
    if other:
        assert closeness(x, theirs, (ours[0], ours[1] | other), factor, offset) > 8


def test_exact_score_matching_is_ours_to_rounding(x):
    assert value("ebmkit_sm", x) == pytest.approx(value("sm", x), rel=1e-12)


def test_noise_contrast_is_ours_on_the_same_noise_distribution():
    model = built("ebm", 2).double()
    rows = torch.randn(ROWS, 2, generator=generator(3), dtype=torch.float64)
    values = [[value(name, rows, model, stream, nu=2) for stream in range(8)] for name in ("ebmkit_nce", "nce")]
    means = [sum(of) / 8 for of in values]
    error = math.hypot(*(torch.tensor(of).std() / math.sqrt(8) for of in values))
    assert abs(means[0] - means[1]) < 4 * error
    assert error < 0.002 < abs(value("nce", rows, model, nu=3) - means[0])


@pytest.mark.parametrize("name", ["torchebm_dsm", "ebmkit_dsm", "dsm"])
def test_denoising_is_best_at_the_energy_of_the_noisy_rows_not_at_its_negative(x, name):
    """For rows of N(0, I) with noise sigma it is U = |x|^2 / (2 (1 + sigma^2)); torchebm 0.8.0 preferred -U."""

    class Normal(Density):
        dim = 2

        def __init__(self, sign):
            super().__init__()
            self.sign = sign

        def log_density(self, x):
            return -self.sign * x.square().sum(1) / (2 * (1 + 0.5**2))

    losses = {sign: value(name, x, Normal(sign), sigma=0.5) for sign in (-1.0, 0.0, 1.0)}
    assert losses[1.0] < losses[0.0] < losses[-1.0]


def test_chains_of_ebmkit_begin_at_noise_and_those_of_its_buffer_go_on():
    far = torch.full((64, 2), 5.0, dtype=torch.float64)
    # from rows far out ten short steps stay there, from N(0, I) they stay near 0
    slow = {"step_size": 1e-4}
    assert value("torchebm_cd", far, penalty=0.0, **slow) < 50 < 300 < value("ebmkit_cd", far, **slow)
    loss = plugins.load("loss", "ebmkit_pcd", buffer=8, restart=0.0, steps=1, step_size=1e-6)
    own = loss.with_state(far.float(), generator(4))
    before = own.chains.data.clone()
    own(Quartic(), far.float(), generator(5))
    assert 0 < float((own.chains.data - before).abs().max()) < 0.1


def test_a_package_that_is_not_there_is_reported_in_one_line(monkeypatch, x):
    monkeypatch.setitem(sys.modules, "ebm", None)
    with pytest.raises(UserError, match=r"ebmkit is not installed.*envs/peers.txt") as caught:
        value("ebmkit_ed", x)
    assert "\n" not in str(caught.value)
