"""Persistent contrastive divergence: what chains remember, fixed points of adjusted and unadjusted ones."""

import math

import pytest
import torch

from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.loop import train
from ebmbench.training.losses.cd import ContrastiveDivergence
from ebmbench.training.losses.pcd import PersistentContrastiveDivergence
from ebmbench.training.settings import TrainSettings
from tests.helpers.targets import Energy, Precision, generator


def rows(n=2000, sd=1.0):
    return sd * torch.randn(n, 1, generator=generator(1), dtype=torch.float64)


def test_chains_go_on_where_they_stopped():
    loss = PersistentContrastiveDivergence(k=1, step=1e-8, buffer=50, restart=0.0)
    stream = generator(2)
    held = loss.with_state(rows(), stream)
    before = held.chains.clone()
    flat = Energy(lambda x: 0 * x.sum(-1), 1)
    held(flat, rows(50), stream)
    assert torch.allclose(held.chains, before, atol=1e-3)
    assert not torch.equal(held.chains, before)
    # two runs do not share chains, nor does the plug-in keep any
    assert loss.with_state(rows(), generator(2)).chains is not held.chains


def test_restarted_chains_are_noise():
    loss = PersistentContrastiveDivergence(k=1, step=1e-8, buffer=4000, restart=1.0)
    stream = generator(2)
    held = loss.with_state(rows(sd=3.0), stream)
    held.chains.fill_(100.0)
    held(Energy(lambda x: 0 * x.sum(-1), 1), rows(4000), stream)
    assert float(held.chains.std()) == pytest.approx(3.0, rel=0.05)


def test_without_a_buffer_it_is_contrastive_divergence():
    model, x = Precision(1.3), rows(100)
    plain = ContrastiveDivergence(k=3, step=0.1)(model, x, generator(3))
    assert torch.equal(PersistentContrastiveDivergence(k=3, step=0.1)(model, x, generator(3)).loss, plain.loss)


def fitted(loss):
    """The precision that training finds for N(0, 1) rows."""
    x = rows(4000)
    settings = TrainSettings(steps=500, batch_size=1000, learning_rate=0.02, checkpoints=1)
    task = TrainingJob(
        Precision(0.6),
        loss,
        (x, x),
        settings,
        Streams(generator(1), generator(2), 3, generator(9)),
        lambda model: {},
        lambda *_: None,
    )
    return float(train(task).model.value) * float(x.square().mean())


@pytest.mark.parametrize("method", [ContrastiveDivergence, PersistentContrastiveDivergence])
def test_fixed_points_of_adjusted_and_unadjusted_chains(method):
    h = 1.0
    # ULA's variance is (1/p) / (1 - h p / 4): it equals 1 where h p^2 / 4 - p + 1 = 0
    biased = (1 - math.sqrt(1 - h)) / (h / 2)
    extra = {"buffer": 2000} if method is PersistentContrastiveDivergence else {}
    assert fitted(method(k=5, step=h, **extra)) == pytest.approx(biased, rel=0.1)
    assert fitted(method(k=5, step=h, adjusted=True, **extra)) == pytest.approx(1.0, rel=0.1)
    assert biased > 1.5


def test_costs():
    held = PersistentContrastiveDivergence(k=3, buffer=100).with_state(rows(), generator())
    assert held(Precision(1.0), rows(20), generator())[2:] == (20 * 5, 20 * 3)
    adjusted = PersistentContrastiveDivergence(k=3, buffer=100, adjusted=True).with_state(rows(), generator())
    assert adjusted(Precision(1.0), rows(20), generator())[2:] == (20 * 6, 20 * 4)


@pytest.mark.parametrize("settings", [{"k": 0}, {"buffer": 0}, {"restart": 2.0}, {"step": 0.0}])
def test_impossible_settings_are_refused(settings):
    with pytest.raises(ValueError, match="; allowed: "):
        PersistentContrastiveDivergence(**settings)
