"""Losses that are read in groups."""

import math

import pytest
import torch

from ebmbench.training.divergence import UnreadLosses


def unread(*losses):
    found = UnreadLosses()
    for loss in losses:
        found.add(torch.tensor(loss))
    return found


def test_the_newest_loss_is_reported_and_none_is_left():
    losses = unread(3.0, 2.0, 1.0)
    assert losses.reading(12) == (1.0, "") and len(losses) == 0 and losses.read() == []


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1e6, 1e6])
def test_the_first_loss_that_ends_a_run_is_named_with_its_step(bad):
    assert unread(3.0, bad, 2.0, math.nan).reading(12).diverged == f"the loss was {bad:.3g} at step 10"
    assert unread(3.0, 0.999e6, 2.0).reading(12).diverged == ""


def test_numbers_are_those_that_reading_one_by_one_gives():
    values = torch.randn(20, generator=torch.Generator().manual_seed(1))
    losses = UnreadLosses()
    for value in values:
        losses.add(value)
    assert losses.read() == [float(value) for value in values]
