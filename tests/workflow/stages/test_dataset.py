"""The files that the dataset stage writes."""

import hashlib
import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from ebmbench.core import files, plugins
from ebmbench.core.errors import UserError
from ebmbench.data.interface import Dataset, Splits
from ebmbench.workflow.stages import dataset as stage


@dataclass(frozen=True)
class Counting(Dataset):
    """Rows 0, 1, 2, ... times the seed; ``spoilt`` replaces one entry of the validation rows."""

    spoilt: float = 0.0
    dim = 3

    def splits(self, seed):
        rows = torch.arange(36, dtype=torch.float32).reshape(12, 3) * seed
        train, val, test = rows.split([6, 4, 2])
        val[2, 1] = self.spoilt
        return Splits(train, val, test, log_det=0.5 * seed)

    def facts(self):
        return {"coordinates": "native"}


def test_rows_and_description_of_a_table(tmp_path):
    stage.write_dataset(Counting(), "counting", range(2, 4), tmp_path / "counting", "2-3")
    tensors = files.read_tensors(tmp_path / "counting" / "seeds2-3.safetensors")
    assert sorted(tensors) == ["2/test", "2/train", "2/val", "3/test", "3/train", "3/val"]
    splits = Counting().splits(3)
    assert torch.equal(tensors["3/val"], splits.val)
    assert tensors["3/val"].dtype == torch.float32
    about = files.read_json(tmp_path / "counting" / "seeds2-3.json")
    rows = b"".join(part.numpy().tobytes() for part in (splits.train, splits.val, splits.test))
    assert about == {
        "dataset": "counting",
        "dim": 3,
        "digest": {"2": stage.digest_of(Counting().splits(2)), "3": hashlib.sha256(rows).hexdigest()},
        "sizes": {"2": [6, 4, 2], "3": [6, 4, 2]},
        "log_det": {"2": 1.0, "3": 1.5},
        "grid": None,
        "facts": {"coordinates": "native"},
    }
    assert about["digest"]["2"] != about["digest"]["3"]


@pytest.mark.parametrize("spoilt", [math.nan, math.inf])
def test_values_that_are_not_finite_are_refused(spoilt, tmp_path):
    with pytest.raises(UserError, match="dataset counting: column 1 of the val samples of seed 5 holds a NaN"):
        stage.write_dataset(Counting(spoilt), "counting", [5], tmp_path, "5-5")
    assert list(tmp_path.iterdir()) == []


def test_known_density_writes_its_grid_and_the_log_density_of_the_test_rows(tmp_path):
    toy = plugins.load("dataset", "gaussians8", train=5, val=6, test=7)
    stage.write_dataset(toy, "gaussians8", [0], tmp_path, "0-0", grid_n=24)
    tensors = files.read_tensors(tmp_path / "seeds0-0.safetensors")
    assert torch.equal(tensors["0/test_log_prob"], toy.log_prob(tensors["0/test"]))
    assert tensors["0/test_log_prob"].dtype == tensors["grid/log_prob"].dtype == torch.float64
    assert tensors["grid/points"].shape == (576, 2)
    assert torch.equal(tensors["grid/log_prob"], toy.log_prob(tensors["grid/points"]))
    assert torch.equal(tensors["grid/component"], toy.component(tensors["grid/points"]))
    assert tensors["grid/component"].dtype == torch.int64
    assert files.read_json(tmp_path / "seeds0-0.json")["grid"] == {"n": 24, "box": 6.0}


def test_no_component_where_modes_are_not_defined(tmp_path):
    stage.write_dataset(
        plugins.load("dataset", "moons", train=1, val=1, test=1), "moons", [0], tmp_path, "0-0", grid_n=4
    )
    assert "grid/component" not in files.read_tensors(tmp_path / "seeds0-0.safetensors")


def test_a_law_on_a_curve_writes_its_points_and_masses(tmp_path):
    curve = plugins.load("dataset", "closed_curve", dim=4, train=5, val=6, test=7)
    stage.write_dataset(curve, "curve4", [0], tmp_path, "0-0")
    tensors = files.read_tensors(tmp_path / "seeds0-0.safetensors")
    points, mass = curve.cells()
    assert torch.equal(tensors["manifold/points"], points) and torch.equal(tensors["manifold/mass"], mass)
    assert (points.shape, mass.shape, points.dtype, mass.dtype) == ((3600, 4), (3600,), torch.float64, torch.float64)
    assert not any(name.startswith("grid") or name.endswith("log_prob") for name in tensors)
    assert files.read_json(tmp_path / "seeds0-0.json")["grid"] is None


def test_grid_points_are_midpoints_in_row_major_order():
    np.testing.assert_allclose(stage.midpoints(6.0, 3)[:4], [[-4, -4], [-4, 0], [-4, 4], [0, -4]], atol=1e-6)
    points = stage.midpoints(6.0, 360)
    assert points.shape == (360**2, 2)
    assert points.dtype == torch.float32
    np.testing.assert_allclose(points[0], -6 + 1 / 60, atol=1e-6)
    np.testing.assert_allclose(points[1, 1] - points[0, 1], 1 / 30, atol=1e-6)
