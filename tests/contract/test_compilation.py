"""Compiled networks train as they do without: every loss that does not say that it differentiates them twice."""

import copy

import pytest
import torch

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.models.distributions.decoder import LatentVariableModel
from ebmbench.training import factory
from ebmbench.training.compilation import compile_networks, is_worth_compiling
from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.loop import train
from ebmbench.training.losses.interface import DifferentiatesTwice
from ebmbench.training.settings import TrainSettings
from tests.helpers.contract_models import PAIRS, built, dimensions, rows, trained
from tests.helpers.targets import generator

GPU, CPU = torch.device("cuda"), torch.device("cpu")

#: traces as for a GPU, with the same limits, and runs torch's own kernels
BACKEND = "aot_eager"


@pytest.fixture(autouse=True)
def fresh():
    """A compiler that knows no code and has counted nothing."""
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    yield
    torch._dynamo.reset()


def gradients(loss, model, x):
    """A loss's value and its gradients in the trained parameters."""
    subject, x = model.subject(x, generator(4))[:2] if isinstance(model, LatentVariableModel) else (model, x)
    value = loss(subject, x, generator(5)).loss
    value.backward()
    found = [parameter.grad for parameter in trained(model)]
    return [value.detach(), *(torch.zeros(()) if gradient is None else gradient for gradient in found)]


def refused(loss, model, x):
    try:
        gradients(loss, copy.deepcopy(model), x)
    except UserError:
        return True
    return False


def compared(loss, model, x, backend):
    """A loss's value and gradients without and with compiled networks."""
    compiled = copy.deepcopy(model)
    compile_networks(compiled, backend)
    return zip(gradients(loss, model, x), gradients(loss, compiled, x), strict=True)


@pytest.mark.parametrize(("name", "family"), [*PAIRS, ("elbo", "vae")])
def test_a_loss_has_the_same_gradients_with_compiled_networks(name, family):
    loss, dim = plugins.load("loss", name), dimensions(family)[0]
    model, x = built(family, dim), rows(dim, 20)
    if isinstance(loss, DifferentiatesTwice) or refused(loss, model, x):
        return
    for one, other in compared(loss, model, x, BACKEND):
        torch.testing.assert_close(other, one, rtol=1e-4, atol=1e-6)
    assert torch._dynamo.utils.counters["stats"]["calls_captured"] > 0


def test_a_compiler_that_computes_something_else_is_noticed():
    def wrong(graph, _):
        return lambda *inputs: tuple(1.01 * value for value in graph(*inputs))

    found = compared(plugins.load("loss", "ed"), built("ebm", 2), rows(2, 20), wrong)
    assert not all(torch.allclose(one, other, rtol=1e-4, atol=1e-6) for one, other in found)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_training_with_compiled_networks_ends_at_the_same_model(monkeypatch, precision):
    def trained_model():
        settings = TrainSettings(steps=40, batch_size=32, checkpoints=2, precision=precision)
        streams = Streams(generator(1), generator(2), 3, generator(4))
        loss, x = plugins.load("loss", "ed"), rows(2)
        task = TrainingJob(built("ebm", 2), loss, (x, x), settings, streams, lambda _: {}, lambda *_: None)
        return train(task).model

    plain = trained_model()
    monkeypatch.setattr(factory, "is_worth_compiling", lambda *_: True)
    monkeypatch.setattr(factory, "compile_networks", lambda model: compile_networks(model, BACKEND))
    compiled = trained_model()
    assert torch._dynamo.utils.counters["stats"]["calls_captured"] > 0
    x = rows(2, 50)
    torch.testing.assert_close(compiled.log_density(x), plain.log_density(x), rtol=1e-3, atol=1e-3)


def test_torch_refuses_what_is_said_to_be_differentiated_twice():
    model = built("ebm", 2)
    compile_networks(model, BACKEND)
    with pytest.raises(RuntimeError, match="double backward"):
        gradients(plugins.load("loss", "dsm"), model, rows(2, 20))


@pytest.mark.parametrize(
    ("settings", "loss", "device", "expected"),
    [
        ({"compile": "auto"}, "ed", GPU, True),
        ({"compile": "auto"}, "ed", CPU, False),
        ({"compile": "never"}, "ed", GPU, False),
        ({}, "ed", GPU, False),
        ({"compile": "auto"}, "ssm", GPU, False),
        ({"compile": "auto", "gradient_penalty": 0.1}, "ed", GPU, False),
    ],
)
def test_where_compiling_is_worth_it(settings, loss, device, expected):
    assert is_worth_compiling(TrainSettings(**settings), plugins.load("loss", loss), device) is expected


def test_parameters_keep_their_names_and_copies_are_not_compiled():
    model = built("lebm", 64)
    names = list(model.state_dict())
    compile_networks(model, BACKEND)
    assert list(model.state_dict()) == names
    compiled = [name for name, module in model.named_modules() if module._compiled_call_impl is not None]
    assert compiled == ["base.network", "network"]
    assert all(module._compiled_call_impl is None for module in copy.deepcopy(model).modules())


def test_another_value_is_refused_in_one_line():
    with pytest.raises(ValueError, match=r"compile = 'yes'; .*never, auto"):
        TrainSettings(compile="yes")
