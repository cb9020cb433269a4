"""What curves tell of a density in the course of training, against the metrics of the tables."""

import math

import pytest
import torch

from ebmbench.data.ring8_unequal import Ring8Unequal
from ebmbench.evaluation.metrics.data_z import mse_log_density_data_z
from ebmbench.evaluation.metrics.density_grid import DensityGrid, density_grid
from ebmbench.models.families.oracle import HeldOut
from ebmbench.workflow.stages import dataset
from ebmbench.workflow.stages import density_monitor as module
from ebmbench.workflow.stages.density_monitor import density_monitor
from ebmbench.workflow.stages.trained_runs import BlockFile
from tests.helpers.targets import Energy

CPU = torch.device("cpu")
SEED, N = 3, 120
RING = Ring8Unequal(train=10, val=10, test=100)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    dataset.write_dataset(RING, "ring8_unequal", [SEED], folder, str(SEED), grid_n=N)
    return BlockFile(folder / f"seeds{SEED}.safetensors", RING)


def log_normal(x, mean=0.0, sd=2.0):
    return (-0.5 * ((x.double() - mean) / sd).square() - math.log(sd) - 0.5 * math.log(2 * math.pi)).sum(1)


def followed(data, log_density):
    model = Energy(lambda x: -log_density(x), 2)
    return density_monitor(data.grid, data.known_rows(SEED), CPU)(model)


def test_the_curves_numbers_are_the_tables_numbers(data):
    found = followed(data, lambda x: log_normal(x) + 0.7)
    points, area = data.grid["points"], (12 / N) ** 2
    # the curve normalises the model on the square, the table by log Z
    inside = math.log(float(log_normal(points).exp().sum()) * area)
    tabled = density_grid(DensityGrid(data.grid["log_prob"], area), log_normal(points), inside)
    raised = density_grid(DensityGrid(data.grid["log_prob"], area), log_normal(points) + 0.7, inside)
    for name in ("kl", "mse_log_density"):
        assert found[name] == pytest.approx(tabled[name].value, abs=1e-3)
        assert found[name] != pytest.approx(raised[name].value, abs=0.1)


def test_the_rows_are_the_first_of_the_test_rows_with_their_own_density(data, monkeypatch):
    monkeypatch.setattr(module, "ROWS", 40)
    rows = data.of(SEED).splits.test
    found = followed(data, log_normal)["mse_log_density_data_z"]

    def tabled(x):
        return mse_log_density_data_z(log_normal(x), RING.log_prob(x)).value

    assert found == pytest.approx(tabled(rows[:40]), rel=1e-12)
    assert found != pytest.approx(tabled(rows), rel=1e-2)


def test_mass_away_from_the_data_is_in_the_exact_error_alone(data):
    found = followed(
        data,
        lambda x: torch.logaddexp(math.log(0.2) + RING.log_prob(x), math.log(0.8) + log_normal(x, 4.5, 0.3)),
    )
    assert found["kl"] == pytest.approx(-math.log(0.2), abs=1e-4)
    assert found["mse_log_density"] == pytest.approx(math.log(0.2) ** 2, abs=1e-4)
    assert found["mse_log_density_data_z"] < 1e-6


def test_what_is_not_known_is_left_out(data):
    model = Energy(lambda x: -log_normal(x), 2)
    rows = data.known_rows(SEED)
    assert density_monitor({}, {}, CPU)(model) == {}
    assert set(density_monitor(data.grid, {}, CPU)(model)) == {"kl", "mse_log_density"}
    assert set(density_monitor({}, rows, CPU)(model)) == {"mse_log_density_data_z"}
    assert density_monitor(data.grid, rows, CPU)(HeldOut(rows["points"])) == {}
