"""The loader on files in the upstream format, whole and not."""

import gzip
import hashlib

import numpy as np
import pytest
import torch

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.data import hepmass
from ebmbench.workflow.stages import dataset as stage

HEADER = ",".join(["# label", *(f"f{index}" for index in range(27))])
EVENTS = 600


def events():
    """(EVENTS + 50, 28): a label, then f_j of event i about i + j / 100."""
    generator = np.random.default_rng(1)
    rows = np.arange(EVENTS + 50)[:, None] + np.arange(-1, 27) / 100 + generator.normal(size=(EVENTS + 50, 28)) / 1000
    rows[:, 0] = generator.integers(0, 2, EVENTS + 50)
    return rows


def published(rows):
    return "\n".join([HEADER, *(",".join(f"{value:.18e}" for value in row) for row in rows), ""]).encode()


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(hepmass, "EVENTS", EVENTS)


@pytest.fixture
def table():
    return plugins.load("dataset", "hepmass")


@pytest.mark.parametrize(("name", "pack"), [("1000_train.csv", bytes), ("1000_train.csv.gz", gzip.compress)])
def test_signal_without_counts_from_either_form(name, pack, folder, cache, offline, table):
    (folder / name).write_bytes(pack(published(events())))
    rows = table.all_rows()
    first = events()[:EVENTS]
    signal = torch.from_numpy(first[first[:, 0] == 1])
    assert rows.shape == (len(signal), 22) == (len(signal), table.dim)
    # feature f_j is in column j + 1; f5 is the number of jets, f9, f13, f17, f21 are b-tags
    features = [j for j in range(27) if j not in (5, 9, 13, 17, 21)]
    assert torch.equal(rows, signal[:, [j + 1 for j in features]])
    assert not cache.exists()


def test_facts_and_splits(folder, cache, offline, table):
    content = published(events())
    (folder / "1000_train.csv").write_bytes(content)
    facts = table.facts()
    assert facts["sha256"] == hashlib.sha256(content).hexdigest()
    assert facts["dequantisation"].startswith("none")
    assert "no test row has a copy" in facts["copies"]
    total = len(table.all_rows())
    assert [len(part) for part in table.splits(0)[:3]] == [total - 2 * (total // 10), total // 10, total // 10]
    drawn = plugins.load("dataset", "hepmass", rows=240)
    assert [len(part) for part in drawn.splits(0)[:3]] == [192, 24, 24]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (published(events()[: EVENTS - 1]), f"1000_train.csv has {EVENTS - 1} complete rows of 28 columns; at least"),
        (
            published(events()[:EVENTS])[:-60],
            f"{EVENTS - 1} complete rows of 28 columns; at least {EVENTS} rows of 28",
        ),
        (published(events()[:, :27]), f"has {EVENTS} complete rows of 27 columns"),
        (gzip.compress(published(events()))[:-5000], "1000_train.csv is not a complete gzip file"),
        (b"", "1000_train.csv No columns to parse"),
        (published(events()[:9]).replace(b"e+00", b"e+00x"), "1000_train.csv "),
    ],
    ids=["short", "torn", "narrow", "torn gzip", "empty", "no numbers"],
)
def test_a_file_that_is_not_whole_is_one_line(content, line, folder, cache, offline, table, tmp_path):
    (folder / "1000_train.csv").write_bytes(content)
    with pytest.raises(UserError) as error:
        stage.write_dataset(table, "hepmass", [0], tmp_path / "out", "0-0")
    text = str(error.value)
    assert text.startswith("dataset hepmass: no source provided 1000_train.csv (EBMBENCH_DATA: 1000_train.csv ")
    assert line in text
    assert text.endswith(f"(as published at {table.file.origin}) into the folder named by EBMBENCH_DATA")
    assert "\n" not in text
    assert not (tmp_path / "out").exists()


def test_a_missing_file_is_one_line_that_names_both_forms(folder, cache, offline, table, tmp_path):
    with pytest.raises(UserError) as error:
        stage.write_dataset(table, "hepmass", [0], tmp_path / "out", "0-0")
    assert str(error.value) == (
        "dataset hepmass: no source provided 1000_train.csv "
        f"(EBMBENCH_DATA: no 1000_train.csv or 1000_train.csv.gz in {folder}; cache: not cached; "
        f"address {table.file.origin}: <urlopen error no network>); "
        f"put 1000_train.csv (as published at {table.file.origin}) into the folder named by EBMBENCH_DATA"
    )
