"""The files that the dataset stage writes."""

import hashlib
import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from ebmbench.core import files, plugins
from ebmbench.core.errors import UserError
from ebmbench.core.local_files import LocalFile
from ebmbench.data.interface import Dataset, KnownDensity, Labels, Splits
from ebmbench.workflow.cli.app import run
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
        "copies": {},
        "grid": None,
        "facts": {"coordinates": "native"},
        "files": [],
        "read_as": "",
    }
    assert about["digest"]["2"] != about["digest"]["3"]


@pytest.mark.parametrize("spoilt", [math.nan, math.inf])
def test_values_that_are_not_finite_are_refused(spoilt, tmp_path):
    with pytest.raises(UserError, match="dataset counting: column 1 of the val samples of seed 5 holds a NaN"):
        stage.write_dataset(Counting(spoilt), "counting", [5], tmp_path, "5-5")
    assert list(tmp_path.iterdir()) == []


@dataclass(frozen=True)
class Changed(Counting):
    """:class:`Counting` with the changes that a class under test declares."""

    def splits(self, seed):
        return self.change(super().splits(seed))


def four_columns(splits):
    return Splits(*(torch.cat([split, split[:, :1]], 1) for split in splits[:3]), 0.0)


LABELS = Labels(torch.zeros(6), torch.zeros(4), torch.zeros(2))


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (four_columns, r"the train samples of seed 5 have 4 columns; allowed: \(N, 3\), as dim = 3 is declared"),
        (lambda of: of._replace(test=four_columns(of).test), "the test samples of seed 5 have 4 columns; allowed"),
        (
            lambda of: of._replace(val=of.val[:, 0]),
            r"the val samples of seed 5 have the shape \(4,\); allowed: \(N, 3\)",
        ),
        (lambda of: of._replace(train=of.train.long()), "the train samples of seed 5 are of type torch.int64; allowed"),
        (
            lambda of: of._replace(val=of.val.numpy()),
            r"the val samples of seed 5 are of type ndarray; allowed: a tensor",
        ),
        (lambda of: of._replace(train=of.train[:0]), "the train samples of seed 5 are none; allowed: 1 or more"),
        (
            lambda of: of._replace(test=of.test.double() + 1e39),
            "column 0 of the test samples of seed 5 holds a NaN or an",
        ),
        (lambda of: of._replace(log_det=math.nan), "log_det of seed 5 is nan; allowed: a finite number"),
        (
            lambda of: of._replace(labels=LABELS._replace(test=torch.zeros(3))),
            r"the test labels of seed 5: the shape is \(3,\); allowed: \(2,\), one value for each sample",
        ),
    ],
)
def test_splits_that_are_not_what_the_class_declares_are_refused(change, line, tmp_path):
    changed = type("Other", (Changed,), {"change": staticmethod(change)})
    with pytest.raises(UserError, match=f"^dataset other: {line}"):
        stage.write_dataset(changed(), "other", [5], tmp_path, "5-5")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("box", [None, 4.0])
def test_a_log_density_of_the_wrong_shape_is_refused(box, tmp_path):
    class Column(Counting, KnownDensity):
        def sample(self, n, generator):
            raise NotImplementedError

        def log_prob(self, x):
            # right at the two test samples only if there is a grid
            return torch.zeros(2 if self.box else (len(x), 1))

    Column.box = box
    Column.dim = 2
    Column.splits = lambda self, seed: Splits(*(torch.zeros(2, 2) for _ in range(3)), 0.0)
    with pytest.raises(UserError, match=r"^dataset column: log_prob: the shape is .*; allowed: \((2|9),\), one value"):
        stage.write_dataset(Column(), "column", [0], tmp_path, "0-0", grid_n=3)
    assert list(tmp_path.iterdir()) == []


def test_the_local_files_that_were_read_are_recorded_once_each(tmp_path):
    found = LocalFile("/data/b.csv", "b" * 64, 10, 7), LocalFile("/data/a.csv", "a" * 64, 20, 8)

    class Reading(Counting):
        def files(self):
            return (*found, found[0])

    stage.write_dataset(Reading(), "reading", [1, 2], tmp_path, "1-2", read_as="changed: 1")
    about = files.read_json(tmp_path / "seeds1-2.json")
    assert about["files"] == [found[1]._asdict(), found[0]._asdict()]
    assert about["read_as"] == "changed: 1"


def test_the_command_records_the_text_of_its_option_and_nothing_else_changes(tmp_path):
    words = ["stage", "dataset", "--name", "digits", "--seeds", "0-0", "--settings", "{}"]
    assert run([*words, "--out", str(tmp_path / "plain")]) == 0
    assert run([*words, "--out", str(tmp_path / "again"), "--files", "changed: ab, missing"]) == 0
    plain, again = (files.read_json(tmp_path / name / "seeds0-0.json") for name in ("plain", "again"))
    assert (plain.pop("read_as"), again.pop("read_as")) == ("", "changed: ab, missing")
    assert plain == again
    first, second = ((tmp_path / name / "seeds0-0.safetensors").read_bytes() for name in ("plain", "again"))
    assert first == second


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


def test_a_density_beyond_the_plane_writes_no_grid_and_a_mixture_its_components(tmp_path):
    mixture = plugins.load("dataset", "gaussian_mixture", train=5, val=6, test=7)
    stage.write_dataset(mixture, "mixture8", [0], tmp_path, "0-0")
    tensors = files.read_tensors(tmp_path / "seeds0-0.safetensors")
    assert torch.equal(tensors["0/test_log_prob"], mixture.log_prob(tensors["0/test"]))
    assert not any(name.startswith("grid") for name in tensors)
    centres, weights, sd = mixture.gaussians()
    assert torch.equal(tensors["mixture/centres"], centres) and torch.equal(tensors["mixture/weights"], weights)
    assert tensors["mixture/sd"].item() == sd
    # in the plane the grid tells the modes
    plane = plugins.load("dataset", "gaussians8", train=1, val=1, test=1)
    stage.write_dataset(plane, "gaussians8", [0], tmp_path, "1-1", grid_n=4)
    assert not any(name.startswith("mixture") for name in files.read_tensors(tmp_path / "seeds1-1.safetensors"))


def test_a_distribution_on_a_curve_writes_its_points_and_masses(tmp_path):
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
