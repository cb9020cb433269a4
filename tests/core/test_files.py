"""Files are whole or not there."""

import pytest
import torch

from ebmbench.core import files
from ebmbench.core.errors import UserError


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "a.json"
    files.write_json(target, {"x": 1})
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(target, {"x": float("nan")})
    with pytest.raises(RuntimeError, match="stop"), files.replacing(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError("stop")
    assert files.read_json(target) == {"x": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_tensors_come_back_and_damage_is_one_line(tmp_path):
    target = tmp_path / "t.safetensors"
    files.write_tensors(target, {"0/a": torch.arange(3), "0/b": torch.ones(()), "10/a": torch.zeros(1)})
    tensors = files.read_tensors(target)
    assert set(files.under(tensors, 0)) == {"a", "b"}
    assert files.under(tensors, 0)["a"].tolist() == [0, 1, 2]
    target.write_bytes(target.read_bytes()[:-3])
    with pytest.raises(UserError, match=r"not a complete safetensors file .* delete it and run again"):
        files.read_tensors(target)
    (tmp_path / "j.json").write_text('{"a": ')
    with pytest.raises(UserError, match="not a complete JSON file"):
        files.read_json(tmp_path / "j.json")
