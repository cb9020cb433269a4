"""Networks in bfloat16 within a step: training goes on, and all else keeps its precision."""

from dataclasses import replace

import pytest
import torch

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.core.precision import computing, exact
from ebmbench.models.distributions.decoder import LatentVariableModel
from ebmbench.models.statistics.moments import Moments
from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.loop import train
from ebmbench.training.losses.ed import EnergyDiscrepancy
from ebmbench.training.losses.interface import StatefulLoss
from ebmbench.training.settings import TrainSettings
from tests.helpers.contract_models import ENERGIES, LOSSES, built, dimensions, rows, trained
from tests.helpers.targets import generator

CPU = torch.device("cpu")
SETTINGS = TrainSettings(steps=100, batch_size=64, checkpoints=5, learning_rate=0.01, ema=0.9)


def run(arm, precision, seen=lambda model: {}):
    x = 0.3 * rows(2, 400) + 2.0
    model = built("ebm", 2, None if arm == "none" else Moments())
    streams = Streams(generator(2), generator(3), 4, generator(9))
    settings = replace(SETTINGS, precision=precision)
    arm = plugins.load("stats", arm, **({"chains": 32} if arm in ("matched", "penalty") else {}))
    return train(TrainingJob(model, EnergyDiscrepancy(t=0.1), (x, x), settings, streams, seen, lambda *_: None, arm))


@pytest.mark.parametrize("arm", ["none", "joint", "matched", "penalty"])
def test_training_in_bfloat16_comes_to_much_the_same_with_weights_in_single_precision(arm):
    used = set()

    def seen(model):
        used.update(parameter.dtype for parameter in model.parameters())
        return {}

    single, lower = run(arm, "float32"), run(arm, "bfloat16", seen)
    assert used == {torch.float32}
    fell = single.curve[0]["val_loss"] - single.curve[-1]["val_loss"]
    assert fell > 0.05
    assert lower.curve[-1]["val_loss"] == pytest.approx(single.curve[-1]["val_loss"], abs=0.2 * fell)
    # it did compute otherwise
    assert lower.curve[-1]["val_loss"] != single.curve[-1]["val_loss"]


def gradient(loss, model, x, precision):
    """Of the loss in all parameters, and the loss; None where it is not for this family."""
    try:
        with computing(precision, CPU):
            subject, seen = model.subject(x, generator(7))[:2] if isinstance(model, LatentVariableModel) else (model, x)
            own = loss.with_state(seen, generator(4)) if isinstance(loss, StatefulLoss) else loss
            value = own(subject, seen, generator(5)).loss
    except UserError:
        return None
    slopes = torch.autograd.grad(value, trained(model), allow_unused=True)
    return value, torch.cat([slope.flatten() for slope in slopes if slope is not None])


#: with statistics only those whose tilts are not alike
MODELS = [(family, None) for family in ENERGIES] + [(family, Moments()) for family in ("ebm", "ebm_noise")]


@pytest.mark.parametrize(("family", "statistic"), MODELS)
@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_has_much_the_same_gradient_in_bfloat16(name, family, statistic):
    dim = dimensions(family)[0]
    model, x, stream = built(family, dim, statistic), rows(dim, 64), generator(9)
    with torch.no_grad():
        for parameter in trained(model):
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=stream))
    loss = plugins.load("loss", name)
    single = gradient(loss, model, x, "float32")
    if single is None:
        return
    lower = gradient(loss, model, x, "bfloat16")
    assert lower[0].dtype == lower[1].dtype == torch.float32
    assert float(lower[0].detach()) == pytest.approx(float(single[0].detach()), abs=0.05)
    assert float(torch.cosine_similarity(single[1], lower[1], dim=0)) > 0.99
    assert not torch.equal(single[1], lower[1])


def test_densities_of_the_base_and_tilts_are_exact_and_networks_are_not():
    x = 5 * rows(2, 100)
    model = built("ebm", 2, Moments())
    with torch.no_grad():
        model.eta.add_(0.3)
    single = [model.base.log_density(x), model._tilt(x), model.network(x)]
    with computing("bfloat16", CPU):
        lower = [model.base.log_density(x), model._tilt(x), model.network(x)]
    assert torch.equal(lower[0], single[0]) and torch.equal(lower[1], single[1])
    assert lower[2].dtype == torch.bfloat16

    class Rows:
        def product(self, x):
            return x @ x.T

        exact_product = exact(product)

    with computing("bfloat16", CPU):
        plain, exactly = Rows().product(x), Rows().exact_product(x)
    assert torch.equal(exactly, x @ x.T) and not torch.equal(plain, x @ x.T)


def test_single_precision_is_no_context_at_all():
    with computing("float32", CPU):
        assert not torch.is_autocast_enabled("cpu")
    with computing("bfloat16", CPU):
        assert torch.is_autocast_enabled("cpu")
