"""A job that was killed between its seeds or in one, and the seconds that it says are left."""

import json
import re

import pandas as pd
import pytest

from ebmbench.core.cells import Cell
from ebmbench.data.ring8_unequal import Ring8Unequal
from ebmbench.training.resume import StateFile, state_path
from ebmbench.workflow.stages import dataset, train

SIZES = {"train": 300, "val": 100, "test": 100}
SETTINGS = {
    "dataset": SIZES,
    "family": {"width": 8, "depth": 1},
    "loss": {},
    "stats": {},
    "statistics": {},
    "train": {"steps": 20, "checkpoints": 2, "save_minutes": 1e-9},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    dataset.write_dataset(Ring8Unequal(**SIZES), "ring8_unequal", range(3), folder, "0-2", grid_n=30)
    return folder / "seeds0-2.safetensors"


def trained(data, out, settings=SETTINGS, code="digest"):
    train.train_seeds(Cell("ring8_unequal", "ebm", "ed", "none"), "0-2", settings, data, "cpu", code, out)
    assert sorted(path.name for path in out.iterdir()) == ["curves.csv", "model.safetensors", "run.json"]
    curves = pd.read_csv(out / "curves.csv").drop(columns="seconds").to_csv()
    return (out / "model.safetensors").read_bytes(), curves, json.loads((out / "run.json").read_text())["runs"]


class KilledError(Exception):
    pass


def killed(data, out, monkeypatch, seed, saves):
    """A job that ends at this save of this seed's."""

    class Killed(StateFile):
        left = saves

        def save(self, content):
            super().save(content)
            if self.path == state_path(out, seed):
                self.left -= 1
                if not self.left:
                    raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(train, "StateFile", Killed)
        with pytest.raises(KilledError):
            trained(data, out)


def test_seeds_that_were_done_are_not_trained_again_and_the_one_that_was_not_goes_on(
    data, tmp_path, monkeypatch, capsys
):
    expected = trained(data, tmp_path / "undisturbed")
    out = tmp_path / "killed"
    killed(data, out, monkeypatch, seed=1, saves=13)
    path = state_path(out, 0)
    done = StateFile(path, json.loads(path.read_bytes().partition(b"\n")[0])["job"]).found["ended"]
    capsys.readouterr()
    found = trained(data, out)
    lines = capsys.readouterr()
    assert lines.out.splitlines() == [
        "seed 0: ok",
        "seed 1: goes on after step 13",
        "seed 1: ok",
        "seed 2: ok",
    ]
    assert set(re.findall(r"seed (\d)", lines.err)) == {"1", "2"}
    assert found[:2] == expected[:2]
    # to the last digit the time of the first process
    assert found[2]["0"] == done["facts"]


@pytest.mark.parametrize(
    ("settings", "code", "other"),
    [(SETTINGS | {"loss": {"t": 0.5}}, "digest", "settings"), (SETTINGS, "another", "code")],
)
def test_a_job_with_other_settings_or_code_starts_anew(data, tmp_path, monkeypatch, capsys, settings, code, other):
    expected = trained(data, tmp_path / "undisturbed", settings, code)
    killed(data, tmp_path / "killed", monkeypatch, seed=1, saves=13)
    capsys.readouterr()
    assert trained(data, tmp_path / "killed", settings, code)[:2] == expected[:2]
    lines = capsys.readouterr().out
    for seed in (0, 1):
        assert f"resume-{seed}.pt is of another training job ({other}): training starts anew\n" in lines
    assert "goes on" not in lines


@pytest.mark.parametrize("first", [1, 501])
def test_the_seconds_left_are_those_at_the_rate_of_this_process(first, monkeypatch, capsys):
    now = [100.0]
    monkeypatch.setattr(train.time, "perf_counter", lambda: now[0])
    progress = train.Progress(0)
    for step in range(first, 1001):
        now[0] += 0.1
        progress(step, 1000, {"loss": 1.0})
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == (1000 - first) // 50 + 1
    for line in lines:
        step, left = re.search(r"step (\d+)/1000 loss 1 (\d+) s left", line).groups()
        assert int(left) == pytest.approx(0.1 * (1000 - int(step)), abs=0.6)
