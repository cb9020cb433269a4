"""The commands of a guide, run one after the other in a fresh clone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.paths import ROOT

_BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text: str) -> list[str]:
    """The blocks of commands in a page, or a part of one."""
    return _BLOCK.findall(text)


def follow(page: Path, clone: Path) -> str:
    """Run every block of ``page`` in a clone of the checkout, which must end well; what was said."""
    environment = Path(sys.prefix)
    if not (environment / "ready").is_file():
        pytest.skip("the environment was not made by make")
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    # the environment is there already, and as new as what it is made from
    (clone / ".venv").symlink_to(environment)
    for name in ("envs/requirements.txt", "pyproject.toml"):
        os.utime(clone / name, (0, 0))
    script = "set -eo pipefail\n" + "\n".join(blocks(page.read_text(encoding="utf-8")))
    # in the clone's own environment its package would be installed
    variables = os.environ | {"PYTHONPATH": str(clone / "src"), "PATH": f"{environment / 'bin'}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=clone, env=variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert done.returncode == 0, done.stdout[-5000:]
    assert "Traceback" not in done.stdout
    return done.stdout
