"""Every loss keeps its contract on every family with a network: found by listing."""

import pytest
import torch

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.models.distributions.decoder import LatentVariableModel
from ebmbench.models.distributions.generalized import WithoutDensity
from ebmbench.models.statistics.moments import Moments
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training.steps import alternating
from tests.helpers.contract_models import IN_THE_PLANE, LOSSES, PAIRS, built, dimensions, energy, rows, trained
from tests.helpers.targets import generator


def draws_nothing(name, model):
    return name in ("sm", "ebmkit_sm") or (name == "ml" and model.log_z() is not None)


def seen(model, x):
    """What a loss sees of a model and its rows."""
    return model.subject(x, generator(4))[:2] if isinstance(model, LatentVariableModel) else (model, x)


def refusal(loss, model, x):
    """The line in which a loss refuses a model, None where it takes it."""
    try:
        loss(*seen(model, x), generator(5))
    except UserError as error:
        return str(error)
    return None


@pytest.mark.parametrize("statistic", [NoStatistic(), Moments()], ids=["none", "moments"])
@pytest.mark.parametrize(
    ("name", "family", "dim"), [(name, family, dim) for name, family in PAIRS for dim in dimensions(family)]
)
def test_loss(name, family, dim, statistic):
    loss, x = plugins.load("loss", name), rows(dim, 20)
    line = refusal(loss, energy(family, dim, statistic), x)
    if line is not None:
        # a loss may be out of reach in this dimension or family, and says so in one line that names the remedy
        assert "exclude the cell" in line and "\n" not in line
        return
    model = energy(family, dim, statistic)
    subject, x = seen(model, x)
    kept, before = x.clone(), model.network.points
    terms = loss(subject, x, generator(5))
    assert terms.loss.shape == ()
    assert torch.isfinite(terms.loss)
    assert model.network.points - before == terms.energy_evaluations
    assert torch.equal(x, kept)
    terms.loss.backward()
    # a loss may see the smallest noise level alone, and not the others' natural parameters
    others = {id(eta) for eta in model.natural_parameters() if eta is not model.eta}
    if isinstance(model, LatentVariableModel):
        # the prior alone is what it trains
        others |= {id(parameter) for parameter in [*model.decoding(), model.eta]}
    unmoved = {id(parameter) for parameter in alternating.trainable_base_parameters(model)} | others
    gradients = [parameter.grad for parameter in trained(model) if id(parameter) not in unmoved]
    # the network's last bias is a free constant of the energy: a loss may leave it alone
    assert sum(gradient is None or not gradient.any() for gradient in gradients) <= 1
    assert torch.equal(loss(subject, x, generator(5)).loss, terms.loss)
    assert draws_nothing(name, model) or not torch.equal(loss(subject, x, generator(6)).loss, terms.loss)


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_takes_a_family_in_the_plane(name):
    loss = plugins.load("loss", name)
    assert None in [refusal(loss, built(family, 2), rows(2, 20)) for family in IN_THE_PLANE]


@pytest.mark.parametrize(("name", "family"), [pair for pair in PAIRS if pair[1] in IN_THE_PLANE])
def test_every_loss_lowers_the_energy_of_the_data(name, family):
    """Steps on data far from the base's centre must make the data likelier than what it is moved away from."""
    x = 0.3 * torch.randn(128, 2, generator=generator(1)) + 2.0
    model, loss = built(family, 2), plugins.load("loss", name)
    if refusal(loss, model, x) is not None:
        return
    away = x - torch.tensor([4.0, 0.0])

    def contrast():
        energy = (lambda x: -model.log_weight(x)) if isinstance(model, WithoutDensity) else model.energy
        return float((energy(x).mean() - energy(away).mean()).detach())

    optimiser, before = torch.optim.Adam(model.parameters(), 0.02), contrast()
    for step in range(25):
        optimiser.zero_grad()
        loss(model, x, generator(step)).loss.backward()
        optimiser.step()
    assert contrast() < before - 0.3
