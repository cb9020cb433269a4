"""Learning-rate schedules against torch's."""

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR

from ebmbench.training import schedule

STEPS = 50


def test_the_cosine_is_that_of_torch_and_ends_at_zero():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.3)
    torchs, found = CosineAnnealingLR(optimizer, STEPS), []
    for _ in range(STEPS):
        found.append(torchs.get_last_lr()[0])
        optimizer.step()
        torchs.step()
    assert [0.3 * schedule.cosine(step, STEPS) for step in range(STEPS)] == pytest.approx(found, rel=1e-9)
    assert schedule.cosine(STEPS, STEPS) == schedule.cosine(2 * STEPS, STEPS) == 0.0
    assert schedule.constant(0, STEPS) == schedule.constant(STEPS, STEPS) == 1.0
