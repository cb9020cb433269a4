"""Draws of a base measure that are made once: of its distribution, shared by copies, only where the base is frozen."""

import copy

import pytest
import torch

from ebmbench.models.distributions.pool import Pool
from ebmbench.models.families.gebm_combined import GEBMCombined
from ebmbench.models.families.gebm_flow import GEBMFlow
from ebmbench.models.families.nvp import NVP
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training.cost_tracker import CostTracker
from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.loop import train
from ebmbench.training.losses.kale_f import KALEFenchel
from ebmbench.training.settings import TrainSettings
from tests.helpers.targets import generator, on_standard_normal, training_data

ROWS = torch.randn(64, 2, generator=generator(1))


def base():
    return NVP(couplings=1, width=8).build(training_data(ROWS), NoStatistic(), generator(2))


def refined(family):
    return family.build(training_data(ROWS, base=base()), NoStatistic(), generator(3))


def test_a_pool_holds_draws_of_its_base_and_batches_take_them_with_replacement():
    model = on_standard_normal(None, 2)
    model.pool = Pool(model.base, 50, generator(4))
    drawn = model.base_draws(5000, generator(5))
    assert torch.equal(drawn.unique(dim=0), model.pool.x.unique(dim=0))
    torch.testing.assert_close(drawn.mean(0), model.pool.x.mean(0), rtol=0, atol=0.06)
    torch.testing.assert_close(model.pool.log_b, model.base.log_density(model.pool.x))
    assert copy.deepcopy(model).pool is model.pool and not any("pool" in name for name in model.state_dict())


def test_weights_of_pooled_draws_are_those_of_the_draws():
    model = refined(GEBMCombined(couplings=1, width=8))
    model.pool = Pool(model.base, 20, generator(4))
    x = ROWS[:3]
    with torch.no_grad():
        found = model.with_draws(x, 7, generator(6))
        chosen = model.pool.x[model.pool.places(7, generator(6))]
        torch.testing.assert_close(found, model.log_weight(torch.cat([x, chosen])))


@pytest.mark.parametrize(("joint", "pooled"), [(False, True), (True, False)])
def test_only_a_base_that_stands_still_is_pooled(joint, pooled):
    model = refined(GEBMFlow(joint=joint, width=8, depth=1))
    settings = TrainSettings(steps=4, batch_size=8, checkpoints=1, base_pool=30)
    streams = Streams(generator(1), generator(2), 3, generator(4))
    task = TrainingJob(model, KALEFenchel(), (ROWS, ROWS), settings, streams, lambda model: {}, lambda *of: None)
    outcome = train(task)
    assert outcome.status == "ok" and outcome.costs.step == 4 and isinstance(outcome.costs, CostTracker)
    assert (model.pool is not None) is pooled
    assert not pooled or len(model.pool.x) == 30


def test_an_empty_pool_is_refused():
    with pytest.raises(ValueError, match="base_pool = 0; allowed: 1 or more"):
        TrainSettings(base_pool=0)
