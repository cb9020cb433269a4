"""The exponential moving average against torch's, and what it leaves as it is."""

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from ebmbench.training.moving_average import MovingAverage

DECAY = 0.8


def network():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))


def decay(step):
    return min(DECAY, step / (10 + step))


def moved(model, average, steps):
    noise = torch.Generator().manual_seed(2)
    for step in range(1, steps + 1):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter += torch.randn(parameter.shape, generator=noise)
        average(step)


def test_it_is_the_average_of_torch_with_a_decay_that_warms_up():
    own, other = network(), network()
    average = MovingAverage(own, DECAY)
    lerp = torch._foreach_lerp_
    torchs = AveragedModel(other, multi_avg_fn=lambda to, parameters, n: lerp(to, parameters, 1 - decay(int(n))))
    # torch's first update copies
    torchs.n_averaged += 1
    moved(own, average.update, 60)
    moved(other, lambda step: torchs.update_parameters(other), 60)
    pairs = zip(average.model.parameters(), torchs.module.parameters(), strict=True)
    assert all(torch.equal(one, two) for one, two in pairs)


def test_frozen_parameters_and_buffers_stay():
    model = network()
    model[0].requires_grad_(False)
    average = MovingAverage(model, DECAY)
    before = {name: tensor.clone() for name, tensor in average.model.state_dict().items()}
    model[1].running_mean.fill_(3.0)
    moved(model, average.update, 3)
    after = average.model.state_dict()
    same = {name for name, tensor in before.items() if torch.equal(tensor, after[name])}
    assert same == {"0.weight", "0.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked"}
    assert len(average.parameters) == 4 and not any(p.requires_grad for p in average.model.parameters())
