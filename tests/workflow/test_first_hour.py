"""Every command of docs/guide/first_hour.md, one after the other, in a fresh clone."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.paths import ROOT

PAGE = ROOT / "docs/guide/first_hour.md"

_BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[str]:
    return _BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def test_the_page_has_nine_tasks_each_with_commands():
    tasks = re.split(r"^## \d\. ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(tasks) == 9
    assert all(_BLOCK.search(task) for task in tasks)


@pytest.mark.slow
def test_a_newcomer_can_follow_it(tmp_path):
    environment = Path(sys.prefix)
    if not (environment / "ready").is_file():
        pytest.skip("the environment was not made by make")
    clone = tmp_path / "ebmbench"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    # the environment is there already, and as new as what it is made from
    (clone / ".venv").symlink_to(environment)
    for name in ("envs/requirements.txt", "pyproject.toml"):
        os.utime(clone / name, (0, 0))
    script = "set -eo pipefail\n" + "\n".join(blocks())
    # in the clone's own environment its package would be installed
    variables = os.environ | {"PYTHONPATH": str(clone / "src")}
    done = subprocess.run(
        ["bash", "-c", script], cwd=clone, env=variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said = done.stdout
    assert done.returncode == 0, said[-5000:]
    assert "Traceback" not in said
    for words in ("test NLL of seed 0", "the same in every digit", "changed since the workflow made it", "above 0"):
        assert words in said, words
    assert len(re.findall("^refused: ", said, flags=re.MULTILINE)) == 2
    for name in ("quick", "my", "patients"):
        assert (clone / "results" / name / "tables/README.md").is_file()
