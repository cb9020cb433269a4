"""Every plug-in keeps the contract of its axis: found by listing, so a new one is tested without a new test."""

import pytest
import torch
from targets import generator, training_data

from ebmbench import alternation, plugins, sets
from ebmbench.data.base import Dataset, KnownDensity
from ebmbench.errors import UserError
from ebmbench.families.generalized import WithoutDensity
from ebmbench.families.model import Density, Sampleable
from ebmbench.families.nvp import NVP
from ebmbench.likelihoods.base import Problem
from ebmbench.samplers.base import Direct
from ebmbench.samplers.target import of_model
from ebmbench.statistics.base import Statistic
from ebmbench.statistics.moments import Moments
from ebmbench.statistics.none import NoStatistic

#: real tables come from elsewhere: their own tests cover them without a network
FETCHED = {"redwine", "whitewine", "magic", "parkinsons", "power", "hepmass", "miniboone"}


def draws_nothing(name, model):
    return name == "sm" or (name == "ml" and model.log_z() is not None)


#: small enough for a second a family
SMALL = {
    "kde": {"centres": 200, "bandwidths": 3},
    "flow": {"transforms": 1, "width": 16},
    "nvp": {"couplings": 2, "width": 8},
    "ebm": {"width": 16, "depth": 2},
    "gebm_flow": {"width": 16, "depth": 2},
    "gebm_combined": {"couplings": 2, "width": 8},
    "gebm_curve": {"width": 16, "depth": 2},
    "ebm_noise": {"width": 16, "depth": 2, "sigma_max": 1.0, "levels": 3},
}

SMALL_WAYS = {
    "quadrature": {"grid": 90},
    "ais": {"populations": 4, "particles": 32, "temperatures": 10, "refresh": 2},
    "smc": {"populations": 4, "particles": 32, "temperatures": 10, "refresh": 2},
    "importance": {"points": 2000, "base_share": 0.5, "steps": 5},
}

DIMENSIONS = [2, 3]


def rows(dim, n=400):
    return torch.randn(n, dim, generator=generator(1)) @ torch.tril(torch.ones(dim, dim))


#: families that need a law on a curve
ON_CURVE = {"gebm_curve"}


def data(dim, on_curve=False):
    from ebmbench.data.closed_curve import ClosedCurve
    from ebmbench.data.moons import Moons

    # for a family that builds on a trained model, anything that has a density and draws
    base = NVP(couplings=2, width=8).build(training_data(rows(dim)), NoStatistic(), generator(7))
    known = Moons() if dim == 2 else None
    return training_data(rows(dim), rows(dim, 100), ClosedCurve(dim=dim) if on_curve else known, base)


def built(name, dim, statistic=None):
    statistic = statistic or (Moments() if name == "expfam" else NoStatistic())
    return plugins.load("family", name, **SMALL.get(name, {})).build(
        data(dim, name in ON_CURVE), statistic, generator(2)
    )


def has_network(name):
    return getattr(built(name, 2), "network", None) is not None


#: families of networks' energies: each loss but none is for one of them or more
ENERGIES = [name for name in plugins.available("family") if has_network(name)]

LOSSES = [name for name in plugins.available("loss") if name != "none"]


@pytest.mark.parametrize("dim", DIMENSIONS)
@pytest.mark.parametrize("name", plugins.available("family"))
def test_family(name, dim):
    model, x = built(name, dim), rows(dim, 50)
    assert model.dim == dim
    if isinstance(model, Density):
        values = model.log_density(x)
        assert values.shape == (50,)
        assert torch.isfinite(values).all()
        assert torch.equal(model.energy(x), -values)
        again = built(name, dim)
        again.load_state_dict(model.state_dict())
        assert torch.equal(again.log_density(x), values)
    if isinstance(model, Sampleable):
        draws = model.sample(30, generator(3))
        assert draws.shape == (30, dim)
        assert torch.equal(draws, model.sample(30, generator(3)))
        assert not torch.equal(draws, model.sample(30, generator(4)))
    if isinstance(model, WithoutDensity):
        assert model.log_weight(x).shape == (50,)
        assert model.base.sample(30, generator(3)).shape == (30, dim)
        with pytest.raises(UserError, match="no density"):
            model.energy(x)
    assert isinstance(model, Density | Sampleable | WithoutDensity)


class Counting(torch.nn.Module):
    """A network that counts the points it is asked for."""

    def __init__(self, inner):
        super().__init__()
        self.inner, self.points = inner, 0

    def forward(self, x, *condition):
        self.points += len(x)
        return self.inner(x, *condition)

    def __getattr__(self, name):
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self.inner, name)


def energy(family, dim, statistic):
    """A model whose network counts, a little away from where training begins (which may be U = 0)."""
    model, stream = built(family, dim, statistic), generator(9)
    with torch.no_grad():
        for parameter in trained(model):
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=stream))
    model.network = Counting(model.network)
    return model


def trained(model):
    return [parameter for parameter in model.parameters() if parameter.numel() and parameter.requires_grad]


def refusal(loss, model, x):
    """The line in which a loss refuses a model, None where it takes it."""
    try:
        loss(model, x, generator(5))
    except UserError as error:
        return str(error)
    return None


@pytest.mark.parametrize("statistic", [NoStatistic(), Moments()], ids=["none", "moments"])
@pytest.mark.parametrize("dim", DIMENSIONS)
@pytest.mark.parametrize("family", ENERGIES)
@pytest.mark.parametrize("name", LOSSES)
def test_loss(name, family, dim, statistic):
    loss, x = plugins.load("loss", name), rows(dim, 20)
    line = refusal(loss, energy(family, dim, statistic), x)
    if line is not None:
        # a loss may be out of reach in this dimension or family, and says so in one line that names the remedy
        assert "exclude the cell" in line and "\n" not in line
        return
    model, kept = energy(family, dim, statistic), x.clone()
    terms = loss(model, x, generator(5))
    assert terms.loss.shape == ()
    assert torch.isfinite(terms.loss)
    assert model.network.points == terms.energy_evaluations
    assert torch.equal(x, kept)
    terms.loss.backward()
    # a loss may see the smallest noise level alone, and not the others' natural parameters
    others = {id(eta) for eta in model.natural_parameters() if eta is not model.eta}
    unmoved = {id(parameter) for parameter in alternation.moving(model)} | others
    gradients = [parameter.grad for parameter in trained(model) if id(parameter) not in unmoved]
    # the network's last bias is a free constant of the energy: a loss may leave it alone
    assert sum(gradient is None or not gradient.any() for gradient in gradients) <= 1
    assert torch.equal(loss(model, x, generator(5)).loss, terms.loss)
    assert draws_nothing(name, model) or not torch.equal(loss(model, x, generator(6)).loss, terms.loss)


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_takes_a_family_in_the_plane(name):
    loss = plugins.load("loss", name)
    assert None in [refusal(loss, built(family, 2), rows(2, 20)) for family in ENERGIES]


@pytest.mark.parametrize("family", ENERGIES)
@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_lowers_the_energy_of_the_data(name, family):
    """Steps on data far from the base's centre must make the data likelier than what it is moved away from."""
    x = 0.3 * torch.randn(256, 2, generator=generator(1)) + 2.0
    model, loss = built(family, 2), plugins.load("loss", name)
    if refusal(loss, model, x) is not None:
        return
    away = x - torch.tensor([4.0, 0.0])

    def contrast():
        energy = (lambda x: -model.log_weight(x)) if isinstance(model, WithoutDensity) else model.energy
        return float((energy(x).mean() - energy(away).mean()).detach())

    optimiser, before = torch.optim.Adam(model.parameters(), 0.01), contrast()
    for step in range(60):
        optimiser.zero_grad()
        loss(model, x, generator(step)).loss.backward()
        optimiser.step()
    assert contrast() < before - 0.3


@pytest.mark.parametrize("name", plugins.available("stats"))
def test_arm(name):
    """An arm that is trained leaves a model that it can be sampled from, and eta to the optimiser or to itself."""
    arm, known = plugins.load("stats", name), plugins.fields("stats", name)
    if "set" in known:
        assert sets.parts_of(arm.set, sets.STANDARD, "here")
    if "run" in known:
        assert arm.run == "none" and not hasattr(arm, "matching")
        return
    model, x = energy("ebm", 2, Moments()), rows(2)
    state = arm.matching(plugins.load("loss", "dsm"), model, x, generator(1))
    if state is not None:
        added = state.added(model, x[:20], generator(2))
        assert added is None or (added.loss.shape == () and added.loss.requires_grad and added.energy_evaluations > 0)
        before = model.eta.detach().clone()
        cost = state.moved(model, x[:20], generator(3))
        assert torch.equal(model.eta, before) == (cost.energy_evaluations == 0) and torch.isfinite(model.eta).all()
        assert model.eta.requires_grad
    model.requires_grad_(False)
    settled = arm.finished(Problem(model, x, 12.0), generator(4))
    assert settled is None or settled.status in ("ok", "failed")


#: statistics of images want square ones, of one channel or three
STATISTICS = [
    (name, dim)
    for name in plugins.available("statistic")
    for dim in ([16, 27] if name.startswith("image_") else DIMENSIONS)
]


@pytest.mark.parametrize(("name", "dim"), STATISTICS)
def test_statistic(name, dim):
    statistic, x = plugins.load("statistic", name).fit(rows(dim)), rows(dim, 7).double()
    K = statistic.size(dim)
    assert len(statistic.names(dim)) == len(set(statistic.names(dim))) == K
    values = statistic.value(x)
    assert values.shape == statistic.hard(x).shape == (7, K)
    assert values.dtype == statistic.hard(x).dtype == torch.float64
    assert torch.allclose(statistic.gradient(x), Statistic.gradient(statistic, x), atol=1e-10)
    assert torch.allclose(statistic.laplacian(x), Statistic.laplacian(statistic, x), atol=1e-9)
    noisy = statistic.under_noise(values.mean(0), 0.5, dim)
    assert noisy is None or noisy.shape == (K,)
    form = statistic.quadratic(torch.ones(K, dtype=torch.float64), dim)
    if form is not None:
        tilt = -0.5 * ((x @ form.A) * x).sum(1) + x @ form.b + form.c
        assert torch.allclose(tilt, values.sum(1), atol=1e-10)


def small_dataset(name):
    known = plugins.fields("dataset", name)
    return plugins.load("dataset", name, **{key: 300 for key in ("train", "val", "test") if key in known})


@pytest.mark.parametrize("name", sorted(set(plugins.available("dataset")) - FETCHED))
def test_dataset(name):
    dataset = small_dataset(name)
    assert isinstance(dataset, Dataset)
    one, other = dataset.splits(0), dataset.splits(1)
    for split in one[:3]:
        assert split.shape[1] == dataset.dim
        assert split.dtype == torch.float32
        assert torch.isfinite(split).all()
    assert torch.equal(dataset.splits(0).train, one.train)
    assert not torch.equal(other.train, one.train)
    assert len(torch.cat([one.train, one.val, one.test]).unique(dim=0)) == sum(map(len, one[:3]))
    assert dataset.facts()
    if isinstance(dataset, KnownDensity):
        log_p = dataset.log_prob(one.test)
        assert log_p.dtype == torch.float64
        assert torch.isfinite(log_p).all()
        assert one.log_det == 0
        component = dataset.component(one.test)
        assert component is None or component.shape == (len(one.test),)


#: samplers without chains
DIRECT = [name for name in plugins.available("sampler") if isinstance(plugins.load("sampler", name), Direct)]


@pytest.mark.parametrize("name", sorted(set(plugins.available("sampler")) - set(DIRECT)))
def test_sampler(name):
    sampler = plugins.load("sampler", name)
    assert sampler.kind in ("invariant", "biased", "optimiser")
    assert sampler.target_acceptance is None or 0 < sampler.target_acceptance < 1
    assert sampler.cost.energy_evaluations >= 1
    model, x = built("ebm", 3).requires_grad_(False), rows(3, 40)
    target = of_model(model)
    state = sampler.start(target, x, generator(1))
    moved, info = sampler.step(target, state, generator(2))
    assert moved.x.shape == (*info.acceptance.shape, 3) == (40, 3)
    assert bool(((info.acceptance >= 0) & (info.acceptance <= 1)).all())
    assert torch.equal(moved.x, sampler.step(target, state, generator(2))[0].x)
    # the inverse temperature is an argument that reaches the law
    cold = sampler.step(target, state, generator(2), beta=50.0)
    assert not torch.equal(moved.x, cold[0].x) or not torch.equal(info.acceptance, cold[1].acceptance)
    assert torch.equal(state.x, x)


@pytest.mark.parametrize("family", ENERGIES)
@pytest.mark.parametrize("name", DIRECT)
def test_sampler_without_chains(name, family):
    sampler, model, x = plugins.load("sampler", name), energy(family, 2, Moments()).requires_grad_(False), rows(2)
    assert sampler.kind in ("exact", "biased", "optimiser")
    try:
        made = sampler.draw(model, x, 20, generator(1))
    except UserError as error:
        assert "allowed: family" in str(error) and "\n" not in str(error)
        return
    assert made.x.shape == (20, 2) and made.x.dtype == x.dtype and not made.x.requires_grad
    assert made.cost.energy_evaluations == model.network.points > 0
    assert bool(made.x.isfinite().all())
    assert torch.equal(made.x, sampler.draw(model, x, 20, generator(1)).x)
    assert not torch.equal(made.x, sampler.draw(model, x, 20, generator(2)).x)


@pytest.mark.parametrize("name", DIRECT)
def test_every_sampler_without_chains_takes_a_family(name):
    taken = []
    for family in ENERGIES:
        try:
            plugins.load("sampler", name).draw(built(family, 2), rows(2), 2, generator(1))
            taken.append(family)
        except UserError:
            continue
    assert taken


@pytest.mark.parametrize("name", plugins.available("likelihood"))
def test_likelihood(name):
    way = plugins.load("likelihood", name, **SMALL_WAYS.get(name, {}))
    model = built("ebm", 2).requires_grad_(False)
    problem = Problem(model, rows(2), 12.0)
    assert way.applies(problem)
    found = way.normalise(problem, 300, generator(1))
    assert found.log_z.status == "ok", found.log_z.reason
    assert 0 <= found.log_z.stderr < 0.5
    assert found.samples.shape == (300, 2)
    assert 0 < found.n_eff <= 300
    assert found.cost.energy_evaluations > 0
    assert found.log_z.value == way.normalise(problem, 300, generator(1)).log_z.value
    assert abs(found.log_z.value) < 1


@pytest.mark.parametrize("axis", ["sampler", "likelihood"])
def test_impossible_settings_are_one_line(axis):
    for name in plugins.available(axis):
        for field, entry in plugins.fields(axis, name).items():
            if type(entry.default) in (int, float):
                with pytest.raises(UserError, match=f"{axis} {name}: .*{field}"):
                    plugins.load(axis, name, **{field: type(entry.default)(-1)})
