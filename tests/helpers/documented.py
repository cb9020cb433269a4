"""The files that docs/guide/adding_a_method.md tells a reader to write."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from tests.helpers.paths import ROOT

PAGE = ROOT / "docs/guide/adding_a_method.md"

#: a numbered step that names a file, and the block below it
_STEP = re.compile(r"^\d+\. [^\n]*?`([\w/]+\.\w+)`.*?\n\n   ```python\n(.*?)\n   ```$", re.MULTILINE | re.DOTALL)


def files() -> dict[str, str]:
    """Text by path below the checkout."""
    return {
        path: textwrap.dedent(f"   {body.removeprefix('   ')}") + "\n" for path, body in _STEP.findall(PAGE.read_text())
    }


def write(folder: Path, name: str) -> list[str]:
    """Write the files whose name is ``name`` into ``folder``, none of which is there; their paths."""
    paths = [path for path in files() if Path(path).stem == name]
    for path in paths:
        target = folder / path
        assert not target.exists()
        target.parent.mkdir(exist_ok=True, parents=True)
        target.write_text(files()[path])
    return paths
