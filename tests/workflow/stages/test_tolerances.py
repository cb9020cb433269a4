"""The table of measured moves of a committed run, and its place in the run's manifest."""

import shutil

import pandas as pd
import pytest

from ebmbench.core.errors import UserError
from ebmbench.provenance import manifest
from ebmbench.provenance.audit.tolerances import NAME, MeasuredTolerance, tolerance_of
from ebmbench.workflow.stages.tolerances import write_tolerances
from tests.helpers.paths import ROOT

SMOKE = ROOT / "results/reference/smoke"


@pytest.fixture
def committed(tmp_path):
    folder = tmp_path / "smoke"
    shutil.copytree(SMOKE, folder)
    (folder / NAME).unlink()
    return folder


@pytest.fixture
def repeated(tmp_path):
    """A repetition with one value elsewhere, and one without."""
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        (folder / "tables").mkdir(parents=True)
        shutil.copy(SMOKE / "scores.csv", folder / "tables")
    path = folders[0] / "tables/scores.csv"
    scores = pd.read_csv(path, dtype=str, keep_default_na=False)
    row = scores.index[(scores["loss"] == "ed") & (scores["metric"] == "kl")][0]
    scores.loc[row, "value"] = str(float(scores["value"][row]) + 0.001)
    scores.to_csv(path, index=False)
    return folders


def test_moves_are_written_and_the_manifest_records_the_file(committed, repeated):
    before = manifest.read_manifest(committed)
    write_tolerances(committed, repeated)
    table = pd.read_csv(committed / NAME)
    assert (table["one"] > 0).sum() == 1 and (table["other"] == 0).all()
    assert isinstance(tolerance_of(committed), MeasuredTolerance)
    after = manifest.read_manifest(committed)
    assert after.files == manifest.digests(committed)
    assert after._replace(files=before.files) == before


def test_an_edit_of_another_file_is_not_sealed(committed, repeated):
    (committed / "runs.csv").write_text("run\n")
    write_tolerances(committed, repeated)
    assert manifest.read_manifest(committed).files["runs.csv"] != manifest.digests(committed)["runs.csv"]


@pytest.mark.parametrize("names", [[], ["one"], ["one", "one"]])
def test_one_repetition_does_not_measure(committed, repeated, names):
    with pytest.raises(UserError, match="allowed: two or more folders of different names"):
        write_tolerances(committed, [repeated[0].parent / name for name in names])
    assert not (committed / NAME).exists()


def test_a_repetition_without_tables_is_one_line(committed, repeated):
    with pytest.raises(UserError, match=r"none/tables/scores\.csv: the file is missing"):
        write_tolerances(committed, [repeated[0], repeated[0].parent / "none"])
