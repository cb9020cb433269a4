"""Files of the calibration, from rows to figure."""

from functools import partial

import pandas as pd
import pytest

from ebmbench.core.errors import UserError
from ebmbench.core.files import write_csv
from ebmbench.experiments.calibration import trained_energies
from ebmbench.experiments.calibration.log_z_study import COLUMNS
from ebmbench.training.settings import TrainSettings
from ebmbench.workflow.stages import calibrate


def rows(target, method, error, status="ok", budgets=(100, 200)):
    """Four repetitions at each budget, with errors +-``error``."""
    head = {"target": target, "method": method, "status": status, "truth": 1.0, "stderr": error}
    effort = {"ess_fraction": 0.5, "cpu_seconds": 0.1, "gradient_evaluations": 0}
    found = [
        head | effort | {"budget": b, "energy_evaluations": b, "repetition": r, "error": error * (-1) ** r * 100 / b}
        for b in budgets
        for r in range(4)
    ]
    return pd.DataFrame(found).reindex(columns=list(COLUMNS))


@pytest.fixture
def parts(tmp_path):
    for target in ("gaussian2", "gaussian64"):
        own = [rows(target, "AIS, MALA", 0.1), rows(target, "SMC, MALA", 0.2)]
        write_csv(tmp_path / "parts" / f"{target}.csv", pd.concat([*own, rows(target, "IS, base", 1, "failed")]))
    return tmp_path / "parts"


def test_summary_pages_and_figure_are_made_from_the_parts(parts, tmp_path):
    calibrate.write_summary(parts, tmp_path)
    assert len(pd.read_csv(tmp_path / "log_z.csv")) == 2 * 3 * 8
    summary = pd.read_csv(tmp_path / "log_z_summary.csv")
    assert len(summary) == 2 * 3 * 2
    drawn = pd.read_csv(tmp_path / "log_z_error.csv")
    assert set(drawn["method"]) == {"AIS, MALA", "SMC, MALA"}
    assert drawn.iloc[0]["rmse"] == pytest.approx(0.1)
    page = (tmp_path / "log_z_summary.md").read_text()
    assert "| gaussian64 | IS, base" in page and "lower is better" in page
    assert (tmp_path / "log_z_error.png").stat().st_size > 10_000
    assert (tmp_path / "log_z_error.pdf").exists()


def test_a_peers_rows_join_the_summary_and_the_figure_but_not_the_rows(parts, tmp_path):
    write_csv(tmp_path / calibrate.PEER, rows("gaussian2", "ebmkit AIS, MALA", 0.3))
    calibrate.write_summary(parts, tmp_path)
    assert "ebmkit AIS, MALA" in set(pd.read_csv(tmp_path / "log_z_summary.csv")["method"])
    assert "ebmkit AIS, MALA" in set(pd.read_csv(tmp_path / "log_z_error.csv")["method"])
    assert "ebmkit AIS, MALA" not in set(pd.read_csv(tmp_path / "log_z.csv")["method"])


def test_energies_are_trained_into_a_file_and_a_table(tmp_path, monkeypatch):
    short = TrainSettings(steps=2, checkpoints=1)
    monkeypatch.setattr(trained_energies, "write", partial(trained_energies.write, settings=short))
    monkeypatch.setattr(trained_energies, "CELLS", 60)
    calibrate.write_energies(tmp_path)
    assert len(trained_energies.read(tmp_path / "energies.safetensors")) == 3
    assert (pd.read_csv(tmp_path / "energies.csv")["kl"] > 0.1).all()
    assert "| moons" in (tmp_path / "energies.md").read_text()


def test_without_parts_the_command_is_named(tmp_path):
    with pytest.raises(UserError, match="calibrate_log_z"):
        calibrate.write_summary(tmp_path / "nothing", tmp_path)


@pytest.mark.parametrize(
    ("settings", "reported"),
    [
        ({"repetitons": 3}, "'repetitons' is unknown"),
        ({"budgets": "3"}, "not of type int"),
        ({"budgets": 0}, "1 or more"),
        ({"methods": ["SMC"]}, "'SMC' is unknown; allowed: IS, base"),
    ],
)
def test_a_wrong_setting_is_one_line(settings, reported, tmp_path):
    with pytest.raises(UserError, match=reported):
        calibrate.write_log_z("gaussian2", settings, tmp_path / "x.csv")


def test_names_are_listed_without_torch():
    import subprocess
    import sys

    module = "ebmbench.experiments.calibration.targets"
    code = f"import sys; from {module} import TARGETS; print(len(TARGETS), 'torch' in sys.modules)"
    reported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert reported.split() == ["6", "False"]
