"""The loader on files in the upstream format, whole and not."""

import hashlib

import numpy as np
import pytest
import torch

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.workflow.stages import dataset as stage

SIGNAL, BACKGROUND = 700, 30
#: columns whose least value occurs 6 times and more
REPEATED = [3, 8, 20, 21, 22, 40, 49]
#: a column in which a value that is not the least occurs often, and one whose least value occurs 5 times
PASSED = [5, 30]
#: signal events without a measurement
MISSING = [0, 17, 400]


def events():
    """(SIGNAL + BACKGROUND, 50), the signal first."""
    rows = np.random.default_rng(1).normal(size=(SIGNAL + BACKGROUND, 50)).round(6)
    for count, column in enumerate(REPEATED, 6):
        rows[100 : 100 + count, column] = -50.0
    rows[100:200, PASSED[0]] = 0.5
    rows[100:105, PASSED[1]] = -50.0
    rows[MISSING] = -999.0
    # the background repeats its least value in every column
    rows[SIGNAL:] = -60.0
    return rows


def published(rows, announced=(SIGNAL, BACKGROUND)):
    lines = ["".join(f"  {value: .5E}" for value in row) for row in rows]
    return "\n".join([f" {announced[0]} {announced[1]}", *lines, ""]).encode()


@pytest.fixture
def table(folder, cache, offline):
    return plugins.load("dataset", "miniboone")


def test_measured_signal_without_repeats(folder, table):
    content = published(events())
    (folder / "MiniBooNE_PID.txt").write_bytes(content)
    kept = np.setdiff1d(np.arange(SIGNAL), MISSING)
    columns = np.setdiff1d(np.arange(50), REPEATED)
    rows = table.all_rows()
    assert rows.shape == (SIGNAL - len(MISSING), 43)
    np.testing.assert_allclose(rows, events()[kept][:, columns], rtol=1e-5)
    assert [len(part) for part in table.splits(0)[:3]] == [559, 69, 69]
    facts = table.facts()
    assert facts["sha256"] == hashlib.sha256(content).hexdigest()
    assert facts["source"] == table.file.remote.url
    # the count of the most frequent value would drop one more column
    measured = torch.from_numpy(events()[kept])
    most = torch.stack([column.unique(return_counts=True)[1].max() for column in measured.T])
    assert (most <= 5).sum() == 42


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (published(events())[:-3000], "its first line declares 700 + 30 rows, and 50 columns are needed"),
        (published(events())[:-20], "MiniBooNE_PID.txt has 729 complete rows of 50 columns; its first line"),
        (published(events()[:, :49]), "MiniBooNE_PID.txt has 730 complete rows of 49 columns"),
        (published(events()).partition(b"\n")[2], "does not begin with the numbers of signal and background events"),
        (b"", "does not begin with the numbers of signal and background events"),
        (
            published(events()[SIGNAL:], (BACKGROUND, 0)),
            "has 0 columns whose smallest value occurs at most 5 times",
        ),
        (published(events()[MISSING], (3, 0)), "has no event with measurements"),
    ],
    ids=["short", "torn", "narrow", "no counts", "empty", "repeats", "nothing measured"],
)
def test_a_file_that_is_not_whole_is_one_line(content, line, folder, table, tmp_path):
    (folder / "MiniBooNE_PID.txt").write_bytes(content)
    with pytest.raises(UserError) as error:
        stage.write_dataset(table, "miniboone", [0], tmp_path / "out", "0-0")
    text = str(error.value)
    assert text.startswith("dataset miniboone: no source provided MiniBooNE_PID.txt (EBMBENCH_DATA: MiniBooNE_PID.txt ")
    assert line in text
    assert "\n" not in text
    assert not (tmp_path / "out").exists()


def test_a_missing_file_is_one_line(folder, table, tmp_path):
    with pytest.raises(UserError, match=r"^dataset miniboone: .*no MiniBooNE_PID\.txt in .*put MiniBooNE_PID"):
        stage.write_dataset(table, "miniboone", [0], tmp_path / "out", "0-0")
