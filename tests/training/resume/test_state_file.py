"""Files of training states: when they are written, and which are ignored because they are damaged or foreign."""

import hashlib
import io
import json

import pytest
import torch

from ebmbench.training.resume import StateFile, clear, state_path


def test_states_are_saved_by_wall_clock(tmp_path):
    file = StateFile(tmp_path / "resume-0.pt", {})
    assert not file.due(1.0) and file.due(1e-9)
    file.saved -= 61
    assert file.due(1.0) and not file.due(2.0)
    file.save({"run": 1})
    assert not file.due(1.0)


JOB = {"cell": "one", "seed": 0}


def saved(path, state):
    StateFile(path, JOB).save(state)
    return path.read_bytes()


@pytest.mark.parametrize("fraction", [0.0, 0.01, 0.3, 0.99])
def test_an_incomplete_file_is_ignored_and_a_line_says_so(fraction, tmp_path, capsys):
    path = tmp_path / "resume-0.pt"
    whole = saved(path, {"run": [1, 2]})
    assert StateFile(path, JOB).found == {"run": [1, 2]}
    path.write_bytes(whole[: int(fraction * len(whole))])
    assert StateFile(path, JOB).found is None
    assert capsys.readouterr().out == "resume-0.pt is damaged, or no training state: training starts anew\n"


@pytest.mark.parametrize("place", [-40, -400])
def test_a_changed_bit_is_noticed(place, tmp_path, capsys):
    path = tmp_path / "resume-0.pt"
    whole = bytearray(saved(path, {"run": torch.ones(100)}))
    whole[place] ^= 1
    path.write_bytes(whole)
    assert StateFile(path, JOB).found is None
    assert "is damaged" in capsys.readouterr().out


class Code:
    """Leaves a file behind wherever it is unpickled."""

    def __init__(self, left):
        self.left = left

    def __reduce__(self):
        return type(self.left).touch, (self.left,)


def test_code_in_a_state_is_not_run(tmp_path, capsys):
    path, left = tmp_path / "resume-0.pt", tmp_path / "left"
    saved(path, {"run": Code(left)})
    assert StateFile(path, JOB).found is None and not left.exists()
    line = "resume-0.pt holds more than tensors, numbers and strings: training starts anew\n"
    assert capsys.readouterr().out == line
    # an unrestricted reader would have run it
    torch.load(io.BytesIO(path.read_bytes().partition(b"\n")[2]), weights_only=False)
    assert left.exists()


def test_other_files_are_no_state(tmp_path, capsys):
    path = tmp_path / "resume-0.pt"
    digest = hashlib.sha256(b"").hexdigest()
    heads = (b"", b"[]", b"3", json.dumps({"job": JOB}).encode(), json.dumps({"job": JOB, "sha256": digest}).encode())
    for head in heads:
        path.write_bytes(head + b"\n")
        assert StateFile(path, JOB).found is None
    assert capsys.readouterr().out.count(": training starts anew\n") == len(heads)


def test_a_state_of_another_job_is_ignored_and_replaced(tmp_path, capsys):
    path = tmp_path / "resume-0.pt"
    saved(path, {"run": [1, 2]})
    other = StateFile(path, {"cell": "one", "seed": 1, "code": "new"})
    assert other.found is None
    assert capsys.readouterr().out == "resume-0.pt is of another training job (code, seed): training starts anew\n"
    other.save({"run": [3]})
    assert StateFile(path, {"cell": "one", "seed": 1, "code": "new"}).found == {"run": [3]}


def test_leftover_states_are_deleted_and_nothing_else(tmp_path):
    for path in (state_path(tmp_path, 0), tmp_path / ".resume-0.17.partial.pt", tmp_path / "run.json"):
        path.write_bytes(b"")
    clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]
