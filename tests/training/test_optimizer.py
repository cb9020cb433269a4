"""The optimizer against torch.optim.Adam."""

import pytest
import torch

from ebmbench.training.optimizer import Optimizer
from tests.helpers.targets import generator

STEPS = 40


def network():
    """Parameters of a small network, and one that the loss does not depend on."""
    weights = [torch.randn(shape, generator=generator(1)) for shape in ((3, 8), (8,), (8, 1))]
    return [torch.nn.Parameter(weight) for weight in [*weights, torch.ones(2)]]


def loss(parameters):
    x = torch.randn(20, 3, generator=generator(2))
    first, bias, last, _ = parameters
    return 10 * ((x @ first + bias).tanh() @ last - x[:, :1]).square().mean()


def moved(lr_factors, clip):
    parameters = network()
    optimizer = Optimizer(parameters, 0.01, 0.8, 0.1, clip)
    for lr_factor in lr_factors:
        optimizer.step(loss(parameters), lr_factor)
    return parameters


@pytest.mark.parametrize("clip", [None, 0.5])
def test_it_is_adam_with_a_falling_rate(clip):
    lr_factors = [1 - step / STEPS for step in range(STEPS)]
    parameters = network()
    optimiser = torch.optim.Adam(parameters, lr=0.01, betas=(0.8, 0.999), weight_decay=0.1, fused=True)
    for lr_factor in lr_factors:
        optimiser.param_groups[0]["lr"] = 0.01 * lr_factor
        optimiser.zero_grad()
        loss(parameters).backward()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(parameters[:-1], clip)
        optimiser.step()
    own = moved(lr_factors, clip)
    assert all(torch.equal(one, other) for one, other in zip(own, parameters, strict=True))
    assert torch.equal(own[-1], torch.ones(2))
    # a constant rate gives other parameters
    assert not torch.allclose(moved([1.0] * STEPS, clip)[0], parameters[0], atol=1e-3)


def test_without_parameters_no_gradient_is_computed():
    Optimizer([], 0.01, 0.9, 0.0, 1.0).step(torch.tensor(1.0), 1.0)
