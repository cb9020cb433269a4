"""What the committed calibration of log Z and samplers must show, and what it does not."""

import pytest

from tests.helpers.reference_tables import of, only, read

#: energy evaluations of a run by default
DEFAULT = 409_600

PRODUCTS = {"trained8": 0.03, "trained16": 0.06, "trained32": 0.1}
SIMPLE = ["gaussian2", "gaussian11", "gaussian64", "gaussians25", "corners11", "latent2"]


@pytest.fixture(scope="module")
def smc():
    return of(read("reference/calibration/log_z_summary.csv"), method="SMC, MALA")


@pytest.mark.parametrize(("target", "largest"), PRODUCTS.items())
def test_annealing_knows_log_z_of_products_of_trained_energies_and_its_own_error(smc, target, largest):
    row = only(smc, target=target, budget=DEFAULT)
    assert row.repetitions == 40 and row.failed == 0
    assert row.coverage >= 0.9
    assert row.rmse < largest


def test_a_sixteenth_of_the_budget_is_too_little_in_32_dimensions(smc):
    row = only(smc, target="trained32", budget=DEFAULT // 16)
    assert row.failed > 0 and row.coverage < 0.8


def test_annealing_knows_its_error_on_simple_targets_together(smc):
    rows = of(smc, budget=DEFAULT).set_index("target").loc[SIMPLE]
    assert (rows["coverage"] * rows["repetitions"]).sum() >= 0.9 * rows["repetitions"].sum()


def test_annealing_is_nearer_than_another_package_at_equal_evaluations(smc):
    table = of(read("reference/calibration/log_z_summary.csv"), budget=DEFAULT)
    peers = table[table["method"].str.startswith("ebmkit")].groupby("target")["rmse"].min()
    ours = of(smc, budget=DEFAULT).set_index("target")["rmse"]
    assert sorted(peers.index) == sorted(SIMPLE)
    assert (ours[peers.index] < peers).all()


def test_an_answer_of_chains_that_is_wrong_is_marked_unless_its_bias_is_known():
    rows = read("reference/calibration/samplers.csv")
    wrong = rows[rows["z"].abs() > 3]
    assert len(wrong) > 5
    assert set(wrong[wrong["mark"].isna()]["sampler"]) == {"ULA, coarse"}
