"""The likelihood of a refined base is -log b + E + A: against quadrature, and against the exact flow behind it."""

import math

import pytest
import torch
from torch import nn

from ebmbench.core.midpoints import midpoints
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.families.gebm_combined import GEBMCombined
from ebmbench.models.families.nvp import NVP
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training.losses.base_samples import energies
from ebmbench.training.losses.kale import log_partition
from tests.helpers.targets import generator, standard_normal, training_data

DRAWS = 2_000_000


class Energy(nn.Module):
    """E(x) of ``x: (B, 1)``."""

    def __init__(self, of):
        super().__init__()
        self.of = of

    def forward(self, x):
        return self.of(x[:, 0])


ENERGIES = {
    "wave": lambda x: 0.4 * torch.sin(3 * x) + 5,
    "quadratic": lambda x: 0.2 * (x - 1).square() - 2,
    "kink": lambda x: nn.functional.softplus(4 * x) / 6,
    "steps": lambda x: 0.3 * torch.tanh(2 * x + 1) - 0.5 * torch.tanh(x - 2),
}


def refined(energy):
    return Tilted(standard_normal(), Energy(energy), NoStatistic(), rows())


def rows(n=500):
    return 0.5 + 0.7 * torch.randn(n, 1, generator=generator(1), dtype=torch.float64)


def quadrature(energy):
    """-mean log q over the rows, q = N(0, 1) exp(-E) normalised on a line, without the suite's own code."""
    line = torch.linspace(-12, 12, 40_001, dtype=torch.float64)

    def unnormalised(x):
        return -0.5 * x.square() - energy(x)

    log_z = torch.logsumexp(unnormalised(line), 0) + math.log(float(line[1] - line[0]))
    return float((log_z - unnormalised(rows()[:, 0])).mean())


@pytest.mark.parametrize("name", ENERGIES)
def test_in_one_dimension_it_is_that_of_quadrature(name):
    """NLL = mean(-log b(x) + E(x)) + A_M within .001 nats, with A_M from draws of b."""
    made, x = refined(ENERGIES[name]), rows()
    _, base = energies("test", made, x[:1], DRAWS, generator(2))
    A, exact = log_partition(base), quadrature(ENERGIES[name])
    log_b, energy = made.base.log_density(x), -made.log_weight(x)
    assert float((energy - log_b).mean() + A) == pytest.approx(exact, abs=1e-3)
    assert torch.allclose(made.energy(x), energy - log_b)
    # a mean instead of a log mean exp, no log-partition, an energy of the other sign, no base
    wrong = [
        (energy - log_b).mean() - base.mean(),
        (energy - log_b).mean(),
        (-energy - log_b).mean() + log_partition(-base),
        energy.mean() + A,
    ]
    assert min(abs(float(value) - exact) for value in wrong) > 0.01


@pytest.fixture(scope="module")
def combined():
    """p a flow of couplings, as an energy on another, in double precision; and rows."""
    x = torch.randn(2000, 2, generator=generator(3)) @ torch.tensor([[1.0, 0.6], [0.0, 0.8]])
    base = NVP(couplings=2, width=8).build(training_data(x), NoStatistic(), generator(4))
    made = GEBMCombined(couplings=2, width=8).build(training_data(x, base=base), NoStatistic(), generator(5)).double()
    with torch.no_grad():
        stream = generator(6)
        for parameter in made.network.density.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=stream))
    return made.requires_grad_(False), x.double()


def assert_exact(made, energy, x):
    """E has log-partition a, b exp(-E - a) integrates to one, and its likelihood is that of p."""
    box, n, a = 9.0, 241, float(made.log_z())
    grid = midpoints(box, n).double()
    integral = (made.base.log_density(grid) - energy(grid)).logsumexp(0) + 2 * math.log(2 * box / n)
    assert float(integral) == pytest.approx(a, abs=1e-4)
    A = log_partition(energy(made.base.sample(DRAWS // 40, generator(7))))
    assert float(A) == pytest.approx(a, abs=0.02)
    nll = float((energy(x) - made.base.log_density(x)).mean()) + a
    assert nll == pytest.approx(-float(made.closed_form().log_density(x).mean()), abs=1e-9)


def test_the_combined_energy_has_its_log_partition_its_integral_and_its_likelihood(combined):
    made, x = combined
    assert float(made.log_z()) < -0.2
    assert_exact(made, lambda x: -made.log_weight(x), x)


@pytest.mark.parametrize("wrong", ["no constant", "other sign", "no base", "shifted"])
def test_other_energies_are_not_exact(combined, wrong):
    made, x = combined
    found = {
        "no constant": lambda x: -made.log_weight(x) + made.log_z(),
        "other sign": lambda x: made.log_weight(x),
        "no base": lambda x: -made.log_weight(x) - made.base.log_density(x),
        "shifted": lambda x: -made.log_weight(x + 0.1),
    }[wrong]
    with pytest.raises(AssertionError):
        assert_exact(made, found, x)
