"""The default grid: its trainings are those of the paper grid with the same settings, budget and seeds."""

import numpy as np
import pytest

from tests.helpers.reference_tables import of, read

PLANE = ["gaussians25", "ring8_unequal", "pinwheel"]
LOSSES = ["ml", "ed", "dsm", "cd"]

#: the largest relative difference of two KLs in the same digits, as csv files round them
DIGITS = 1e-8


def ends(grid):
    """KL of the last checkpoint of each training of an energy in the plane, by data set, loss and seed."""
    curves = of(read(f"reference/{grid}/curves.csv"), family="ebm", stats="none")
    curves = curves[curves["dataset"].isin(PLANE) & curves["loss"].isin(LOSSES)]
    return curves.sort_values("step").groupby(["dataset", "loss", "seed"])["kl"].last()


@pytest.fixture(scope="module")
def trained():
    return ends("default")


def differences(trained, grid):
    other = ends(grid)
    assert set(trained.index) <= set(other.index)
    return np.abs(other[trained.index] / trained - 1)


def test_trainings_at_equal_budgets_are_those_of_the_paper_grid(trained):
    assert len(trained) == len(PLANE) * len(LOSSES) * 3
    assert (differences(trained, "energy_discrepancy_x4") < DIGITS).all()


@pytest.mark.parametrize("grid", ["energy_discrepancy_x1", "energy_discrepancy_x16"])
def test_those_at_other_budgets_are_not(trained, grid):
    assert (differences(trained, grid) > DIGITS).all()
