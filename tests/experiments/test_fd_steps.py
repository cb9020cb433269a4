"""Distances against steps, on a model whose distribution and base are normal and whose features are the rows."""

import math

import pytest
import torch

from ebmbench.core.errors import UserError
from ebmbench.data.interface import Splits
from ebmbench.experiments.fd_steps import COLUMNS, FDSteps
from ebmbench.experiments.interface import ImageFeatures, Study, Trained
from ebmbench.models.families.gaussian import Gaussian
from ebmbench.models.interface import TrainingData
from ebmbench.models.statistics.none import NoStatistic
from tests.helpers.latent_model import distribution_of, latent_model
from tests.helpers.targets import GaussianTilt, generator

TILT = GaussianTilt(k=4.0, e=-3.0, dim=2, a=1.5, c=0.3)
SMALL = {"run": "toy/gebm-kale_f-none", "images": 1000, "steps": 100, "step_sizes": (0.001, 0.03, 4.0)}


@pytest.fixture(scope="module")
def trained():
    """The model; published images that are draws of it; features that are the rows, twice as long."""
    model, train = latent_model(TILT)
    images, test = (2 * distribution_of(TILT, 1.0).sample(2000, generator(seed)) for seed in (8, 9))
    return Trained(model, Splits(train, train, train, 0.0), ImageFeatures(lambda x: 2 * x.double(), images, test))


@pytest.fixture(scope="module")
def tables(trained):
    return FDSteps(**SMALL).study(trained, generator(1))


def frechet(size, steps, beta=1.0):
    """Of the data and the chains' distribution: 4 (|m - m'|^2 + D (s - s')^2), both isotropic.

    A step takes latents' mean to r m + (1 - r) m_beta, and their variance v from 1 to r^2 v + h, r = 1 - p h / 2.
    """
    rate = 1 - 0.5 * size * TILT.precision(beta)
    mean, variance = torch.zeros(TILT.dim, dtype=torch.float64), 1.0
    for _ in range(steps):
        mean, variance = rate * mean + (1 - rate) * TILT.mean(beta), rate**2 * variance + size
    away = (TILT.mean() - mean).square().sum() + TILT.dim * (TILT.precision() ** -0.5 - math.sqrt(variance)) ** 2
    return 4 * TILT.a**2 * float(away)


def at(tables, size, steps):
    rows = tables["draws"]
    return rows[(rows["step_size"] == size) & (rows["steps"] == steps)].iloc[0]


def test_a_row_a_step_size_and_number_of_steps(tables):
    rows = tables["draws"]
    assert tuple(rows.columns) == COLUMNS
    counts = rows.groupby("step_size")["steps"].apply(list)
    assert list(counts.index) == list(SMALL["step_sizes"]) and all(found == [0, 1, 3, 10, 30, 100] for found in counts)
    assert FDSteps(steps=2).counts() == [0, 1] and FDSteps(steps=300).counts()[-2:] == [100, 300]
    assert set(rows["extractor"]) == {"cnn"} and set(rows["beta"]) == {1.0}


def test_without_a_step_it_is_the_base_for_all_and_steps_lead_to_the_model(tables):
    starts = [at(tables, size, 0) for size in SMALL["step_sizes"]]
    assert len({row["distance"] for row in starts}) == 1 and starts[0]["n"] == 1000
    for size in SMALL["step_sizes"][:2]:
        for steps in (0, 1, 10, 100):
            row, expected = at(tables, size, steps), frechet(size, steps)
            assert abs(row["distance"] - expected) < 4 * row["stderr"] + 0.01, (size, steps)
            assert 4 * row["stderr"] < 0.2 * frechet(size, 0)
    assert frechet(0.03, 100) < 0.02 < 0.2 * frechet(0.001, 100) < frechet(0.0, 0)


def test_images_for_training_are_the_floor(tables):
    floor = tables["floor"].iloc[0]
    assert floor["n"] == 1000 and 0 < floor["distance"] < 0.02 < at(tables, 0.03, 1)["distance"]


def test_too_long_steps_are_lost_without_a_distance(trained):
    found = FDSteps(**SMALL | {"step_sizes": (40.0,), "steps": 30}).study(trained, generator(1))["draws"]
    end = found.iloc[-1]
    assert (
        end["status"] == "diverged" and math.isnan(end["distance"]) and end["reason"].startswith("1000 of 1000 draws")
    )
    assert found.iloc[0]["status"] == "ok"


def test_a_temperature_is_the_models(trained):
    cold = FDSteps(**SMALL | {"beta": 10.0, "step_sizes": (0.005,)}).study(trained, generator(1))["draws"].iloc[-1]
    expected = frechet(0.005, 100, beta=10.0)
    assert abs(cold["distance"] - expected) < 4 * cold["stderr"] < 0.2 * expected


def test_what_it_cannot_do_is_one_line(trained):
    normal = Gaussian().build(TrainingData(None, trained.rows), NoStatistic(), generator(1))
    with pytest.raises(UserError, match="run = 'toy/gebm-kale_f-none' has no energy on a base measure"):
        FDSteps(**SMALL).study(trained._replace(model=normal), generator(1))
    with pytest.raises(UserError, match="the file of the extractor cnn is missing"):
        FDSteps(**SMALL).study(trained._replace(judged=None), generator(1))
    assert isinstance(FDSteps(), Study)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"step_sizes": ()}, "allowed: 1 or more values"),
        ({"step_sizes": (0.1, 0.0)}, "allowed: 1 or more values, each above 0"),
        ({"steps": 0}, "steps = 0; allowed: 1 or more"),
        ({"images": 1}, "images = 1; allowed: 2 or more"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        FDSteps(**settings)


def test_no_draw_is_lost_where_all_are_finite(tables):
    assert (tables["draws"]["status"] == "ok").sum() >= 12
    assert torch.tensor(tables["draws"]["stderr"].dropna().to_numpy()).gt(0).all()
