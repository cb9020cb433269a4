"""One committed run, made again by the real Snakemake and compared with every committed digit."""

import re
import shutil

import pytest

from ebmbench.core.csv_schema import read_fields
from ebmbench.core.files import write_csv
from ebmbench.workflow.cli.app import run
from tests.helpers import warm_jobs
from tests.helpers.paths import ROOT
from tests.helpers.project import SMALL, Project

RUN = "ring8_unequal/gaussian-ml-none/s1"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkout")
    Project(folder, SMALL)
    shutil.copy(ROOT / "config/smoke.yaml", folder / "config")
    shutil.copytree(ROOT / "results/reference/smoke", folder / "results/reference/smoke")
    return folder


@pytest.fixture(autouse=True)
def warm(monkeypatch):
    for name, value in warm_jobs.shared().items():
        monkeypatch.setenv(name, value)


def recompute(folder, capfd):
    """Exit code, printed lines and the last line of the errors."""
    words = ["recompute", "smoke", "ring8_unequal", "gaussian-ml-none", "--seed", "1"]
    code = run([*words, "--root", str(folder), "--out", str(folder / "results/again")])
    reported = capfd.readouterr()
    return code, reported.out.splitlines(), reported.err.splitlines()[-1:]


def doctored(path, metric, change):
    """Change the committed value of ``metric``."""
    table = read_fields(path)
    (row,) = table.index[(table["run"] == RUN) & (table["metric"] == metric) & (table["distribution"] == "model")]
    table.loc[row, "value"] = f"{change(float(table.loc[row, 'value'])):.9g}"
    write_csv(path, table)


def test_every_digit_is_looked_at(checkout, capfd):
    code, lines, _ = recompute(checkout, capfd)
    assert code == 0
    assert f"run            {RUN} of " in lines[0]
    scores = read_fields(checkout / "results/reference/smoke/scores.csv")
    total = int((scores["run"] == RUN).sum())
    # on another processor the last digits may differ, but no more than an audit allows
    assert re.fullmatch(rf"\d+ of {total} numbers are the same in every digit(; \d+ are within .*)?", lines[-1])
    made = {path.name for path in (checkout / "results/again/runs").rglob("seeds*")}
    assert made == {"seeds1-1"} and not (checkout / "results/again/tables").exists()

    path = checkout / "results/reference/smoke/scores.csv"
    doctored(path, "kl", lambda value: value * 1.0000001)
    doctored(path, "tv", lambda value: value * 10)
    code, lines, errors = recompute(checkout, capfd)
    assert code == 1
    (kl,) = [line for line in lines if line.startswith("kl exact model")]
    assert "differs by" in kl and kl.endswith("within the audit's tolerance")
    assert errors[0].startswith(f"ebmbench recompute: {RUN}: ") and errors[0].endswith("1 differ: tv exact model")
