"""Losses of a density refuse a model without one."""

import pytest
import torch

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.data.interface import Splits
from ebmbench.models.interface import TrainingData
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training.losses.densities import density_of
from tests.helpers.targets import Energy, generator


@pytest.mark.parametrize("name", ["cd", "cnce", "dsm", "ed", "ml", "pcd", "sm", "ssm"])
def test_an_autoencoder_has_no_density(name):
    x = torch.rand(20, 64, generator=generator())
    data = TrainingData(None, Splits(x, x, x, 0.0))
    model = plugins.load("family", "vae", latent=2, width=2).build(data, NoStatistic(), generator())
    with pytest.raises(UserError, match="this family has no density in x"):
        plugins.load("loss", name)(model, x, generator())


def test_a_density_is_returned_itself():
    model = Energy(lambda x: x.square().sum(1), 2)
    assert density_of(model) is model
