"""The study of samplers over inverse temperatures, on a model whose distribution is normal at each."""

import pandas as pd
import pytest

from ebmbench.core.errors import UserError
from ebmbench.data.interface import Splits
from ebmbench.experiments import generation, latent_samplers, tempered
from ebmbench.experiments.interface import Study, Trained
from ebmbench.experiments.latent_samplers import BETAS, COLUMNS, LatentSamplers
from ebmbench.experiments.tempered import LatentCells
from ebmbench.inference.samplers.ula import ULA
from ebmbench.models.families.gaussian import Gaussian
from ebmbench.models.interface import TrainingData
from ebmbench.models.statistics.none import NoStatistic
from tests.helpers.latent_model import distribution_of, latent_model
from tests.helpers.targets import GaussianTilt, generator

#: of the sweep, what takes less time
SWEPT = (0.1, 1.0, 1000.0)

TILT = GaussianTilt(k=4.0, e=-3.0, dim=2, a=1.5, c=0.3)
SMALL = {"run": "toy/gebm-kale_f-none", "chains": 150, "repetitions": 2, "evaluations": 100, "budgets": 2, "width": 0.3}


def trained(tilt=TILT):
    """The model, and rows that are draws of it."""
    model, train = latent_model(tilt)
    val, test = (distribution_of(tilt, 1.0).sample(1000, generator(seed)) for seed in (8, 9))
    return Trained(model, Splits(train, val, test, 0.0))


@pytest.fixture(scope="module")
def tables():
    patch = pytest.MonkeyPatch()
    diverging = generation.unadjusted(lambda variance: ULA(1e4 * variance))
    patch.setattr(latent_samplers, "BETAS", SWEPT)
    patch.setitem(latent_samplers.MAKERS, "ula", diverging)
    patch.setattr(tempered.exact, "__defaults__", ((LatentCells(sides=90),),))
    made = LatentSamplers(**SMALL).study(trained(), generator(1))
    patch.undo()
    return made


@pytest.fixture(scope="module")
def samples(tables):
    return tables["samples"]


def at(samples, beta, sampler):
    return samples[(samples["beta"] == beta) & (samples["sampler"] == sampler)].sort_values("budget").iloc[-1]


def test_every_row_tells_its_temperature_sampler_and_budget(samples):
    assert tuple(samples.columns) == COLUMNS
    assert tuple(samples["beta"].unique()) == SWEPT
    assert not samples.duplicated(["beta", "sampler", "budget"]).any()
    assert len(samples) == len(SWEPT) * (2 + 2 * len(generation.MAKERS))
    assert set(samples["budget"]) == {0, 25, 100}


@pytest.mark.parametrize("beta", SWEPT)
def test_exact_draws_are_the_floor_and_the_base_is_far_from_it_when_cold(samples, beta):
    floor, base = at(samples, beta, "exact"), at(samples, beta, "base")
    assert floor["status"] == "ok" and floor["evaluations"] == base["evaluations"] == 0
    assert floor["distance_to_model"] < 0.16
    if beta >= 1:
        assert base["distance_to_model"] > 2 * floor["distance_to_model"]


def test_at_one_the_model_is_the_data_and_elsewhere_it_is_not(samples, tables):
    away = {beta: at(samples, beta, "exact")["distance_to_data"] for beta in SWEPT}
    floor = tables["floor"].iloc[0]
    assert away[1.0] == pytest.approx(floor["distance_to_data"], abs=0.05)
    assert min(away[beta] for beta in SWEPT if beta != 1.0) > 2 * away[1.0]
    assert 0 < floor["data_stderr"] < 0.05


def test_samplers_reach_the_model_at_one(samples):
    floor = at(samples, 1.0, "exact")["distance_to_model"]
    for name in ("importance", "independence", "mala"):
        row = at(samples, 1.0, name)
        assert row["distance_to_model"] < floor + 0.06, name
        assert 0.8 * 100 * 150 <= row["evaluations"] <= 100 * 150
        assert row["evaluations"] == row["energy_evaluations"] + row["gradient_evaluations"]


def test_importance_resampling_loses_the_coldest_distribution(samples):
    row = at(samples, 1000.0, "importance")
    assert row["mark"] == "collapsed" and row["ess"] < 100
    assert row["distance_to_model"] > 2 * at(samples, 1000.0, "exact")["distance_to_model"]


def test_a_divergence_is_a_row_without_a_distance(samples):
    rows = samples[samples["sampler"] == "ula"]
    assert set(rows["status"]) == {"diverged"} and rows["reason"].str.contains("chains are not finite").all()
    assert rows[["distance_to_model", "distance_to_data", "model_stderr"]].isna().all(axis=None)
    assert (rows["evaluations"] > 0).all()


def test_without_exact_draws_the_distance_to_the_data_is_left(monkeypatch):
    monkeypatch.setattr(latent_samplers, "BETAS", (100.0,))
    monkeypatch.setattr(latent_samplers, "MAKERS", {})
    monkeypatch.setattr(tempered.exact, "__defaults__", ((LatentCells(sides=60),),))
    pulled = GaussianTilt(k=0.0, e=-2.0, dim=2)
    found = LatentSamplers(**SMALL).study(trained(pulled), generator(1))["samples"].set_index("sampler")
    assert found.loc["exact", "status"] == "failed" and "edge of the box" in found.loc["exact", "reason"]
    assert found["distance_to_model"].isna().all() and pd.notna(found.loc["base", "distance_to_data"])


def test_a_model_without_an_energy_is_refused():
    rows = trained().rows
    normal = Gaussian().build(TrainingData(None, rows), NoStatistic(), generator(1))
    with pytest.raises(UserError, match="run = 'toy/gebm-kale_f-none' has no energy on a base measure"):
        LatentSamplers(**SMALL).study(Trained(normal, rows), generator(1))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"chains": 1}, "chains = 1; allowed: 2 or more"),
        ({"width": 0.0}, "width = 0.0; allowed: above 0"),
        ({"budgets": 9}, r"evaluations = 400; allowed: 4\^budgets = 262144 or more"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        LatentSamplers(**settings)


def test_it_is_a_study():
    assert isinstance(LatentSamplers(), Study)
    assert BETAS == (0.1, 1.0, 10.0, 100.0, 1000.0)
