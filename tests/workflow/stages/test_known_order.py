"""Methods of known order from files to table and figure, by the commands that the rules call."""

import numpy as np
import pandas as pd
import pytest

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.experiments.calibration.known_order.measured import METRICS
from ebmbench.experiments.calibration.known_order.problems import problem
from ebmbench.experiments.calibration.known_order.study import KnownOrderStudy
from ebmbench.experiments.calibration.known_order.trainings import training
from ebmbench.workflow.cli.app import run
from ebmbench.workflow.stages import known_order_rates

PROBLEMS = ("checkerboard_broad", "normal8_shifted")

STUDY = KnownOrderStudy(trainings=4, sampled=3, rows=40, samples=30, tilted=3)

SETTINGS = '{"trainings": 4, "sampled": 3, "rows": 40, "samples": 30, "tilted": 3}'


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("known_order") / "scores"
    for name in PROBLEMS:
        out = str(folder / f"{name}.csv")
        assert run(["stage", "calibrate_known_scores", "--name", name, "--settings", SETTINGS, "--out", out]) == 0
    return folder


def test_the_scoring_finds_the_known_kl_and_the_known_failures(parts):
    table, of = read_typed(parts / "checkerboard_broad.csv"), problem("checkerboard_broad", 40)
    assert set(table["metric"]) == set(METRICS) and set(table["distribution"]) == {"model"}
    for method in STUDY.methods():
        for seed in range(STUDY.trainings):
            drawn = training(of, "checkerboard_broad", method, seed, STUDY)
            own = table[(table["loss"] == method.name) & (table["seed"] == seed)].set_index("metric")
            if drawn.fails:
                assert set(own["status"]) == {"diverged"} and own["value"].isna().all()
                continue
            assert own.loc["kl", "value"] == pytest.approx(drawn.kl, rel=1e-3)
            assert own.loc["mmd2", "status"] == ("ok" if seed < STUDY.sampled else "skipped")
    other = read_typed(parts / "normal8_shifted.csv")
    assert set(other["metric"]) == set(METRICS) and np.isfinite(other.loc[other["status"] == "ok", "value"]).all()


def test_the_table_the_page_and_the_figure_are_made_from_the_parts(parts, tmp_path, monkeypatch):
    monkeypatch.setattr(known_order_rates, "PROBLEMS", dict.fromkeys(PROBLEMS))
    rates = tmp_path / "rates"
    common = ["--settings", SETTINGS]
    for metric in METRICS:
        words = ["--name", metric, "--tables", str(parts), "--out", str(rates / f"{metric}.csv"), *common]
        assert run(["stage", "calibrate_known_rates", *words]) == 0
    for sizes in known_order_rates.SIZES:
        words = ["--name", sizes, "--out", str(rates / f"{sizes}.csv"), *common]
        assert run(["stage", "calibrate_matched_rates", *words]) == 0
    assert run(["stage", "calibrate_known_order", "--tables", str(rates), "--out", str(tmp_path)]) == 0
    table = pd.read_csv(tmp_path / "known_order.csv")
    assert set(table["seeds"]) == {3} and table["rate"].between(0, 1).all()
    kl, nll = (table[(table["metric"] == name) & (table["factor"] == 1.5)] for name in ("kl", "nll"))
    # KL is integrated on one of the two data sets, and estimated from test samples on the other
    assert kl["repetitions"].max() == nll["repetitions"].max() == 2
    page = (tmp_path / "known_order.md").read_text()
    assert "tied group: a truly best method is left out" in page and "## Tilted oracles" in page
    assert (tmp_path / "known_order_rates.png").stat().st_size > 10_000
    drawn = pd.read_csv(tmp_path / "known_order_rates.csv")
    assert set(drawn["metric"]) == set(METRICS)


def test_missing_parts_and_wrong_settings_are_one_line(tmp_path):
    with pytest.raises(UserError, match=r"gaussians8_broad\.csv: the file is missing"):
        known_order_rates.write_rates("kl", tmp_path, {}, tmp_path / "kl.csv")
    with pytest.raises(UserError, match=r"'mmd' of methods of known order is unknown; did you mean mmd2\? allowed: kl"):
        known_order_rates.write_rates("mmd", tmp_path, {}, tmp_path / "mmd.csv")
    with pytest.raises(UserError, match="1 or more"):
        known_order_rates.write_matched_rates("plane", {"tilted": 0}, tmp_path / "plane.csv")
    with pytest.raises(
        UserError, match=r"'wine' of tilted oracles are unknown; did you mean redwine\? allowed: plane, redwine"
    ):
        known_order_rates.write_matched_rates("wine", {}, tmp_path / "wine.csv")


def test_names_of_parts_are_listed_without_torch_and_pandas():
    import subprocess
    import sys

    room = "ebmbench.experiments.calibration.known_order"
    code = f"import sys; from {room} import measured, problems; print(sorted({{'torch', 'pandas'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
