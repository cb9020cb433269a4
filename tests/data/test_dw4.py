"""Four particles: log Z by two quadratures and by annealing, and exact samples."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from ebmbench.data import dw4
from ebmbench.data.streams import stream
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.likelihoods.smc import SMC
from ebmbench.inference.samplers.chains import Length, run
from ebmbench.inference.samplers.hmc import HMC
from ebmbench.inference.samplers.target import Target
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.statistics.none import NoStatistic
from tests.helpers.four_particles import distance_probabilities, log_z_by_angles, log_z_by_convolution

DRAWS = 3000
TRUTH = dw4.DW4()
#: mean energy, minus the derivative of log Z with respect to the inverse temperature
MEAN_ENERGY = -22.5415


@pytest.fixture(scope="module")
def draws():
    return TRUTH.sample(DRAWS, stream(TRUTH, "test"))


def scaled(factor):
    return lambda d: factor * dw4.pair(torch.as_tensor(d)).numpy()


def test_both_quadratures_know_a_harmonic_energy():
    """sum over pairs of d² / 2 = 2 |x|²: the coordinates are normal with variance 1/4."""
    exact = 3 * math.log(math.pi / 2)
    assert log_z_by_convolution(lambda d: d**2 / 2, radii=400) == pytest.approx(exact, abs=2e-4)
    assert log_z_by_angles(lambda d: d**2 / 2, radii=100, angles=64) == pytest.approx(exact, abs=3e-3)


def test_log_z_by_two_quadratures():
    by_convolution, by_angles = log_z_by_convolution(scaled(1.0)), log_z_by_angles(scaled(1.0))
    assert by_convolution == pytest.approx(dw4.LOG_Z, abs=1e-6)
    assert by_angles == pytest.approx(dw4.LOG_Z, abs=1e-6)
    # another energy, and sums too coarse, are seen
    assert abs(log_z_by_angles(scaled(1.001)) - dw4.LOG_Z) > 0.01
    assert abs(log_z_by_angles(scaled(1.0), angles=64) - dw4.LOG_Z) > 1e-3


def test_mean_energy_and_entropy():
    rise = (log_z_by_angles(scaled(1.001)) - log_z_by_angles(scaled(0.999))) / 0.002
    assert -rise == pytest.approx(MEAN_ENERGY, abs=1e-3)
    # as the docstring says
    assert dw4.LOG_Z - rise == pytest.approx(7.1257, abs=1e-3)


@pytest.mark.slow
def test_finer_quadratures_agree_to_twelve_digits():
    assert log_z_by_convolution(scaled(1.0), step=0.1, radii=200) == pytest.approx(dw4.LOG_Z, abs=1e-12)
    assert log_z_by_angles(scaled(1.0), radii=100, angles=256) == pytest.approx(dw4.LOG_Z, abs=1e-12)


class Excess(nn.Module):
    """U = E + log b: tilts the base b to exp(-E)."""

    def __init__(self, base):
        super().__init__()
        self.base = base

    def forward(self, x):
        return dw4.energy(x) + self.base.log_density(x)


@pytest.mark.slow
def test_annealing_from_a_normal_agrees_with_the_quadrature_and_with_the_exact_draws(draws):
    base = Normal(torch.zeros(6, dtype=torch.float64), 2.13 * torch.eye(6, dtype=torch.float64))
    model = Tilted(base, Excess(base), NoStatistic(), draws.double()).double()
    found = SMC(particles=2048).normalise(Problem(model, draws.double()), 4000, stream(TRUTH, "annealed"))
    assert found.log_z.stderr < 0.02
    assert abs(found.log_z.value - dw4.LOG_Z) < 4 * found.log_z.stderr
    annealed, exact = dw4.energy(found.samples.double()), dw4.energy(draws.double())
    error = math.hypot(annealed.std() / math.sqrt(found.n_eff), exact.std() / math.sqrt(DRAWS))
    assert abs(annealed.mean() - exact.mean()) < 4 * error < 0.3


def settled(n, generator):
    """Starts of chains: normal points, moved downhill until their energies are those of a well."""
    x = 2 * torch.randn(n, 6, dtype=torch.float64, generator=generator)
    for _ in range(300):
        slope = torch.autograd.grad(dw4.energy(x.requires_grad_()).sum(), x)[0]
        x = x.detach() - (0.01 * slope).clamp(-0.1, 0.1)
    return x


@pytest.mark.slow
def test_hamiltonian_chains_have_the_energies_of_the_exact_samples():
    # two seconds, which only this test needs
    from arviz_stats.base import array_stats

    generator = stream(TRUTH, "chains")
    target = Target(lambda x: -dw4.energy(x))
    chains = run(HMC(0.1, leapfrog=10), target, settled(100, generator), Length(1000, 400, 5), generator)
    energies = dw4.energy(chains.draws.flatten(0, 1)).reshape(chains.draws.shape[:2]).T.numpy()
    axes = {"chain_axis": 0, "draw_axis": 1}
    assert array_stats.rhat(energies, **axes) < 1.02
    exact = dw4.energy(TRUTH.sample(20_000, stream(TRUTH, "energies")).double()).numpy()
    for method, of in (("mean", np.mean), ("sd", np.std)):
        error = float(array_stats.mcse(energies, method=method, **axes))
        among_exact = float(array_stats.mcse(exact[None], method=method, **axes))
        assert abs(of(energies) - of(exact)) < 4 * math.hypot(error, among_exact) < 0.1
    assert abs(energies.mean() - MEAN_ENERGY) < 4 * float(array_stats.mcse(energies, method="mean", **axes))


def test_coordinates_are_an_orthonormal_basis_of_the_centred_configurations():
    basis = dw4.basis()
    np.testing.assert_allclose(basis @ basis.T, torch.eye(3), atol=1e-15)
    np.testing.assert_allclose(basis.sum(1), 0, atol=1e-15)
    particles = torch.randn(5, 4, 2, dtype=torch.float64, generator=stream(TRUTH, "points"))
    x = torch.einsum("kp,bpa->bka", basis, particles).flatten(1)
    exact = sum(dw4.pair((particles[:, i] - particles[:, j]).norm(dim=-1)) for i, j in dw4.PAIRS)
    np.testing.assert_allclose(dw4.energy(x), exact, rtol=1e-12)
    # turning all particles, and naming them in another order, changes nothing
    turned = particles[:, [2, 0, 3, 1]].flip(-1)
    np.testing.assert_allclose(dw4.energy(torch.einsum("kp,bpa->bka", basis, turned).flatten(1)), exact, rtol=1e-12)


def energy_z(x):
    energy = dw4.energy(x.double())
    return float((energy.mean() - MEAN_ENERGY) / (energy.std() / math.sqrt(len(energy))))


def test_draws_have_the_mean_energy(draws):
    assert draws.shape == (DRAWS, 6) and draws.dtype == torch.float32
    assert abs(energy_z(draws)) < 4
    # draws two percent too far apart have not
    assert abs(energy_z(1.02 * draws)) > 6


def distances_z(x, r, cumulative):
    """Kolmogorov's distance of each pair's distances from the exact distribution, times sqrt(n)."""
    particles = torch.einsum("kp,bka->bpa", dw4.basis(), x.double().unflatten(1, (3, 2)))
    pairs = [(particles[:, i] - particles[:, j]).norm(dim=-1) for i, j in dw4.PAIRS]
    return max(stats.kstest(d, lambda at: np.interp(at, r, cumulative)).statistic * math.sqrt(len(x)) for d in pairs)


def test_every_pair_is_at_the_distances_of_the_quadrature(draws):
    r, probability = distance_probabilities(scaled(1.0), radii=100)
    ends = np.append(0.0, r + r[0]), np.append(0.0, probability.cumsum())
    # 2.2 is exceeded by chance once in 8,000
    assert distances_z(draws, *ends) < 2.2
    assert distances_z(1.02 * draws, *ends) > 3
    # the same distribution for every pair, so a wrong order of the particles in the scheme would be seen
    assert probability[np.abs(r - 4) < 0.2].sum() < 0.02


def test_the_envelope_is_above_the_density_everywhere_and_the_bound_on_the_energy_holds():
    d = torch.linspace(1e-6, dw4.REACH - 1e-6, 400_001, dtype=torch.float64)
    cell = (d / dw4.REACH * dw4.CELLS).long()
    ratio = d * (dw4.LEAST - dw4.pair(d)).exp() / dw4.distances().height[cell]
    assert ratio[d.sub(2.5).abs() < 0.5].min() > 0.95 and ratio.max() <= 1
    assert dw4.pair(d).min() == pytest.approx(dw4.LEAST, abs=1e-9) and (dw4.pair(d) >= dw4.LEAST).all()
    # farther apart than the envelope reaches there is next to nothing
    assert math.log(dw4.REACH) - dw4.pair(torch.tensor(dw4.REACH)) < -150
