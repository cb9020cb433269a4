"""A hyper-parameter search of a family whose trials have no likelihood."""

import pytest

from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.data.ring8_unequal import Ring8Unequal
from ebmbench.workflow.stages import dataset, tune

SIZES = {"train": 300, "val": 100, "test": 100}
SETTINGS = {
    "dataset": SIZES,
    "family": {"width": 8, "depth": 1},
    "loss": {},
    "stats": {},
    "statistics": {},
    "train": {"steps": 5},
    "likelihood": {"importance": {}},
    "tuning": {"space": {}, "trials": 1, "seed": 2},
}


def test_a_family_without_a_density_is_refused_by_name(tmp_path):
    dataset.write_dataset(Ring8Unequal(**SIZES), "ring8_unequal", [2], tmp_path, "2-2", grid_n=30)
    cell = Cell("ring8_unequal", "gebm_gan", "kale_dv", "none")
    with pytest.raises(UserError, match="tuning: family gebm_gan has no density in x"):
        tune.write_search(cell, SETTINGS, tmp_path / "seeds2-2.safetensors", "cpu", tmp_path / "tuned")
