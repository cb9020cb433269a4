"""Any file of another tool is read or refused in one line; nothing is run, nothing is written."""

import gzip
import io
import json
import math
import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ebmbench.core import files
from ebmbench.core.csv_schema import check, read_text
from ebmbench.core.errors import UserError
from ebmbench.core.schemas import read_schema
from ebmbench.data import archives
from ebmbench.evaluation.external_samples import archive, reading
from ebmbench.models.statistics.moments import Moments
from ebmbench.workflow.stages.score import score
from tests.helpers.job_folder import Folder
from tests.helpers.mutations import SEARCH, Outcomes, changed, damaged, reported
from tests.helpers.packed import make_tar, make_zip
from tests.helpers.paths import ROOT

SCORES = read_schema(ROOT / "src/ebmbench/core/schemas/scores.schema.yaml")
ROWS = (ROOT / "results/reference/smoke/scores.csv").read_text().splitlines()[:12]


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


SAMPLES = npz(
    samples=np.random.default_rng(0).normal(size=(120, 2)), test_log_prob=np.zeros(5), grid_log_prob=np.ones(4)
)
MEMBERS = {"a/rows.csv": b"1,2\n3,4\n" * 20, "b": b"x"}
ARCHIVES = {"zip": make_zip(MEMBERS), "tar": make_tar(MEMBERS), "gzip": gzip.compress(MEMBERS["a/rows.csv"])}


@pytest.fixture(scope="module")
def outcomes():
    found = Outcomes()
    yield found
    found.both()


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    folder = Folder(tmp_path_factory.mktemp("job"))
    folder.written()
    return folder


def read_samples(path):
    archive.checked(path, reading.read_file(path, ["0", "1"]).arrays, 2, {"test": 5, "grid": 4})


@SEARCH
@given(damaged(SAMPLES))
def test_any_damage_to_a_file_of_samples_is_reported(outcomes, tmp_path, content):
    path = tmp_path / "samples.npz"
    path.write_bytes(content)
    outcomes.append(("npz", reported(read_samples, path)))


class Bomb:
    """Runs code where it is unpickled."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('a pickle was loaded')",))


def test_no_pickle_is_loaded(tmp_path):
    path = tmp_path / "samples.npz"
    for content in (pickle.dumps(Bomb()), npz(samples=np.array([Bomb()] * 200, dtype=object))):
        path.write_bytes(content)
        assert not reported(read_samples, path)
    with pytest.raises(SystemExit, match="a pickle was loaded"):
        np.load(path, allow_pickle=True)["samples"]


@pytest.mark.parametrize("kind", ARCHIVES)
@SEARCH
@given(st.data())
def test_any_damage_to_an_archive_is_reported(outcomes, tmp_path, monkeypatch, kind, data):
    content = data.draw(damaged(ARCHIVES[kind]))
    name = data.draw(st.sampled_from(["a/rows.csv", "b", "../b", "/etc/passwd", ""]))
    monkeypatch.chdir(tmp_path)
    outcomes.append((kind, reported(archives.member, content, [name], error=ValueError)))
    assert not list(tmp_path.parent.glob("b")) and not list(tmp_path.iterdir())


def test_more_than_fits_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "samples.npz"
    np.savez_compressed(path, samples=np.zeros((100_000, 2)))
    assert path.stat().st_size < 10_000 < 2**20 < 1_600_000
    reading.load(path)
    monkeypatch.setattr(reading, "LIMIT", 2**20)
    with pytest.raises(UserError, match=r"its arrays have 16001\d\d bytes; allowed: 1048576 at most"):
        reading.load(path)


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_a_member_is_held_in_memory_whatever_its_name(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert archives.member(make({"../../escaped": b"x"}), ["../../escaped"]) == b"x"
    assert not list(tmp_path.iterdir()) and not (tmp_path.parent.parent / "escaped").exists()


@SEARCH
@given(st.data())
def test_any_change_of_scores_is_accepted_or_refused(outcomes, tmp_path, data):
    fields = [line.split(",") for line in ROWS[:4]]
    for _ in range(data.draw(st.integers(1, 3))):
        row, column = data.draw(st.integers(0, 3)), data.draw(st.integers(0, len(fields[0]) - 1))
        fields[row][column] = data.draw(
            st.text(max_size=6) | st.sampled_from(["", "nan", "inf", "-1", "0.5", "ok", '"'])
        )
    path = tmp_path / "scores.csv"
    path.write_text("\n".join(",".join(row) for row in fields) + "\n", encoding="utf-8")
    read = lambda: check(read_text(path, ROWS[0].split(",")), SCORES, path)  # noqa: E731
    outcomes.append(("scores", reported(read)))


@SEARCH
@given(st.data())
def test_any_damage_to_tensors_is_reported(outcomes, tmp_path, data):
    path = tmp_path / "model.safetensors"
    files.write_tensors(path, {"0/a": torch.arange(6.0), "0/b": torch.ones(2, 3)})
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    outcomes.append(("tensors", reported(files.read_tensors, path)))


@pytest.mark.parametrize("name", ["run.json", "sampling.json"])
@SEARCH
@given(st.data())
def test_any_change_of_what_a_job_writes_is_scored_or_refused(outcomes, job, name, data):
    path = job.run_dir / name
    whole = path.read_text()
    try:
        path.write_text(json.dumps(data.draw(changed(json.loads(whole)))))
        found = reported(lambda: score(job.run_dir, job.data_file, {"moments": Moments()}))
    finally:
        path.write_text(whole)
    outcomes.append((name, found))


def test_numbers_that_are_none_are_reported(tmp_path):
    path = tmp_path / "rows.csv"
    pd.DataFrame({"a": [1.0, math.nan]}).to_csv(path, index=False)
    with pytest.raises(UserError, match="columns missing"):
        read_text(path, ["b"])
