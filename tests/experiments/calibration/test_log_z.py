"""The log Z study: small, and at its full number of repetitions."""

import pytest

from ebmbench.experiments.calibration import trained_energies
from ebmbench.experiments.calibration.log_z_study import BOUNDS, COLUMNS, METHODS, STANDARD, LogZStudy, study, trials
from ebmbench.experiments.calibration.summary import summarise
from ebmbench.experiments.calibration.targets import PRODUCTS, target

DEFAULTS = ("AIS, MALA", "SMC, MALA")


def test_a_small_study_has_a_row_a_repetition_and_errors_that_the_methods_own():
    rows = study("gaussian2", target("gaussian2"), LogZStudy(repetitions=1, budgets=1, flow_repetitions=0))
    assert tuple(rows.columns) == COLUMNS
    assert list(rows["method"]) == [*METHODS, BOUNDS]
    assert set(rows["status"]) == {"ok"}
    estimates = rows[rows["method"] != BOUNDS]
    assert ((estimates["log_z"] - estimates["truth"] - estimates["error"]).abs() < 1e-12).all()
    assert (estimates["error"].abs() < 4.5 * estimates["stderr"]).all()
    limits = rows[rows["method"] == BOUNDS].iloc[0]
    assert limits["lower"] < limits["truth"] < limits["upper"]
    assert (rows["energy_evaluations"] / STANDARD).between(1, 1.1).all()


def test_budgets_grow_fourfold_up_to_the_standard():
    assert LogZStudy(budgets=3).ladder == [STANDARD // 16, STANDARD // 4, STANDARD]


def test_a_flow_is_tried_at_the_least_budget_in_few_dimensions():
    tried = {
        dim: [t for t in trials(target(f"gaussian{dim}"), LogZStudy()) if t.method == "IS, flow"] for dim in (2, 64)
    }
    assert [trial.budget for trial in tried[2]] == [STANDARD // 16]
    assert tried[64] == []


def test_only_the_methods_asked_for_are_run():
    asked = LogZStudy(budgets=2, flow_repetitions=0, methods=("SMC, MALA", BOUNDS))
    found = [(trial.method, trial.budget) for trial in trials(target("gaussian2"), asked) if trial.repetitions]
    assert found == [(method, budget) for budget in asked.ladder for method in ("SMC, MALA", BOUNDS)]
    with pytest.raises(ValueError, match="'SMC' is unknown; allowed: IS, base"):
        LogZStudy(methods=("SMC",))


def test_the_standard_is_what_a_run_has():
    for name in DEFAULTS:
        made = METHODS[name](STANDARD)
        assert made == type(made)(refresh=0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gaussian2", "gaussian11", "gaussian64", "gaussians25", "corners11"])
def test_forty_repetitions_are_covered_and_bracketed(name):
    rows = study(name, target(name), LogZStudy(repetitions=40, budgets=1, flow_repetitions=0))
    found = summarise(rows).set_index("method")
    assert found.loc["SMC, MALA", "coverage"] >= 0.9
    assert found.loc["AIS, MALA", "coverage"] >= 0.9
    assert found.loc[BOUNDS, "bracketed"] == 1
    default = rows[rows["method"].isin(DEFAULTS) & (rows["status"] == "ok")]
    # half the reported error would cover too little
    assert (default["error"].abs() <= default["stderr"]).mean() < 0.9
    if name == "corners11":
        assert (found.loc[list(DEFAULTS), "mean_stderr"] <= 0.02).all()
        assert (found.loc[list(DEFAULTS), "cpu_seconds"] <= 10).all()


@pytest.fixture(scope="module")
def energies(tmp_path_factory):
    path = tmp_path_factory.mktemp("energies") / "energies.safetensors"
    trained_energies.write(path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("name", PRODUCTS)
def test_sequential_monte_carlo_is_covered_on_products_of_trained_energies(name, energies):
    asked = LogZStudy(repetitions=40, budgets=1, flow_repetitions=0, methods=("SMC, MALA",))
    rows = study(name, target(name, energies), asked)
    assert summarise(rows)["coverage"].item() >= 0.9
    assert (rows["error"].abs() <= rows["stderr"]).mean() < 0.9
