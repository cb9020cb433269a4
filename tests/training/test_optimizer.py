"""Steps down a loss against torch's own optimiser."""

import pytest
import torch

from ebmbench.training.optimizer import Optimizer
from tests.helpers.targets import generator

STEPS = 40


def network():
    """Parameters of a small network, and one that no loss reaches."""
    weights = [torch.randn(shape, generator=generator(1)) for shape in ((3, 8), (8,), (8, 1))]
    return [torch.nn.Parameter(weight) for weight in [*weights, torch.ones(2)]]


def loss(parameters):
    x = torch.randn(20, 3, generator=generator(2))
    first, bias, last, _ = parameters
    return 10 * ((x @ first + bias).tanh() @ last - x[:, :1]).square().mean()


def moved(shares, clip):
    parameters = network()
    optimizer = Optimizer(parameters, 0.01, 0.8, 0.1, clip)
    for share in shares:
        optimizer.step(loss(parameters), share)
    return parameters


@pytest.mark.parametrize("clip", [None, 0.5])
def test_it_is_adam_with_a_falling_rate(clip):
    shares = [1 - step / STEPS for step in range(STEPS)]
    parameters = network()
    optimiser = torch.optim.Adam(parameters, lr=0.01, betas=(0.8, 0.999), weight_decay=0.1, fused=True)
    for share in shares:
        optimiser.param_groups[0]["lr"] = 0.01 * share
        optimiser.zero_grad()
        loss(parameters).backward()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(parameters[:-1], clip)
        optimiser.step()
    own = moved(shares, clip)
    assert all(torch.equal(one, other) for one, other in zip(own, parameters, strict=True))
    assert torch.equal(own[-1], torch.ones(2))
    # a rate that stands still is another path
    assert not torch.allclose(moved([1.0] * STEPS, clip)[0], parameters[0], atol=1e-3)


def test_without_parameters_nothing_is_asked_for():
    Optimizer([], 0.01, 0.9, 0.0, 1.0).step(torch.tensor(1.0), 1.0)
