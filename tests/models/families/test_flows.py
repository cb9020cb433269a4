"""Every flow in double precision: its maps are inverse to each other, and its density is the change of variables."""

import pytest
import torch

from ebmbench.models.families.flow import Flow
from ebmbench.models.families.nvp import NVP
from ebmbench.models.statistics.none import NoStatistic
from tests.helpers.targets import generator, training_data

FLOWS = {
    "one coupling": NVP(couplings=1, width=8),
    "couplings": NVP(couplings=4, width=16),
    "coupling splines": Flow(transforms=3, width=16, bins=5, coupling=True),
    "autoregressive splines": Flow(transforms=2, width=16),
    "splines of two bins": Flow(transforms=1, width=8, bins=2),
}
EVERY = pytest.mark.parametrize("name", FLOWS)


def rows(dim, n=30):
    return 1 + torch.randn(n, dim, generator=generator(1), dtype=torch.float64) @ torch.ones(dim, dim).tril().double()


def flow(name, dim):
    """The flow with weights away from where they begin."""
    made = FLOWS[name].build(training_data(rows(dim)), NoStatistic(), generator(2)).double()
    with torch.no_grad():
        stream = generator(3)
        for parameter in made.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=stream))
    return made


def jacobian(of, x):
    """``(B, D, D)``, rows of outputs."""
    return torch.func.vmap(torch.func.jacrev(lambda row: of(row[None])[0]))(x)


def assert_flow(encode, decode, log_density, latent, x):
    z = encode(x)
    assert torch.allclose(decode(z), x, rtol=0, atol=1e-9)
    expected = latent.log_density(z) + torch.linalg.slogdet(jacobian(encode, x)).logabsdet
    assert torch.allclose(log_density(x), expected, rtol=0, atol=1e-9)


@EVERY
@pytest.mark.parametrize("dim", [2, 5])
def test_there_and_back_and_the_change_of_variables(name, dim):
    made, x = flow(name, dim), rows(dim)
    assert_flow(made.encode, made.decode, made.log_density, made.latent, x)
    log_dets = torch.linalg.slogdet(jacobian(made.encode, x)).logabsdet
    # it is no linear map: the determinant changes from row to row
    assert log_dets.std() > 0.01
    # and the way back has the inverse determinant
    back = torch.linalg.slogdet(jacobian(made.decode, made.encode(x))).logabsdet
    assert torch.allclose(back, -log_dets, rtol=0, atol=1e-8)


@EVERY
def test_other_maps_and_other_densities_do_not_pass(name):
    made, x = flow(name, 5), rows(5)
    maps, latent = (made.encode, made.decode), made.latent
    wrong = {
        "no scale": (*maps, lambda x: made.log_density(x) + made.scale.log().sum()),
        "log det of the other sign": (*maps, lambda x: 2 * latent.log_density(made.encode(x)) - made.log_density(x)),
        "no log det": (*maps, lambda x: latent.log_density(made.encode(x))),
        "no centre": (made.encode, lambda z: made.decode(z) - made.centre, made.log_density),
        "turned round": (made.decode, made.encode, made.log_density),
    }
    for encode, decode, log_density in wrong.values():
        with pytest.raises(AssertionError):
            assert_flow(encode, decode, log_density, latent, x)


@EVERY
def test_draws_are_decoded_latents_without_a_graph(name):
    made = flow(name, 5)
    x = made.sample(20, generator(6))
    assert not x.requires_grad
    assert torch.equal(x, made.decode(made.latent.sample(20, generator(6))))
    assert made.decode(made.latent.sample(2, generator(6))).requires_grad


@pytest.mark.parametrize("coupling", [False, True])
def test_the_jacobian_of_each_spline_transform_is_triangular_in_its_order(coupling):
    """Coordinate i of a transform depends on itself and on those before it: their order turns round each time."""
    made = (
        Flow(transforms=3, width=16, coupling=coupling)
        .build(training_data(rows(5)), NoStatistic(), generator(2))
        .double()
    )
    lazy, x = made.flow.transform.transforms, rows(5) / 3
    for transform in lazy:
        found = jacobian(transform(), x)
        before = transform.order[:, None] > transform.order
        assert bool((found[:, ~before & ~torch.eye(5, dtype=torch.bool)] == 0).all())
        assert bool((found.diagonal(dim1=1, dim2=2) > 0).all())
        assert bool((found[:, before].abs().amax(0) > 0).all())
        assert int(before.sum()) == (6 if coupling else 10)
    orders = [transform.order.tolist() for transform in lazy]
    assert orders[0] == orders[2] == orders[1][::-1] == sorted(orders[0])
    # of all transforms together it is not; only the middle one of an odd number is in no coupling given others
    touched = jacobian(made.encode, x).abs().amax(0) > 0
    alone = torch.zeros(5, 5, dtype=torch.bool)
    alone[2, [0, 1, 3, 4]] = coupling
    assert torch.equal(touched, ~alone)


def test_a_coupling_moves_every_other_coordinate_given_those_between():
    found = jacobian(flow("one coupling", 5).encode, rows(5))
    touched = found.abs().amax(0) > 0
    expected = torch.eye(5, dtype=torch.bool)
    expected[1::2, ::2] = True
    assert torch.equal(touched, expected)
    given = found.diagonal(dim1=1, dim2=2)[:, ::2]
    assert torch.allclose(given, given[:1].expand_as(given), rtol=0, atol=1e-12)
    assert bool((jacobian(flow("couplings", 5).encode, rows(5)).abs().amax(0) > 0).all())
