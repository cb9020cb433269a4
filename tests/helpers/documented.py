"""The files that the guide to adding methods tells a reader to write."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from tests.helpers.paths import ROOT

PAGES = [ROOT / f"docs/guide/{name}.md" for name in ("adding_a_method", "other_plugins", "methods_elsewhere")]

#: a numbered step that names a file, and the block below it
_STEP = re.compile(r"^\d+\. [^\n]*?`([\w/]+\.\w+)`.*?\n\n   ```python\n(.*?)\n   ```$", re.MULTILINE | re.DOTALL)


def files() -> dict[str, str]:
    """Text by path below the checkout."""
    steps = [step for page in PAGES for step in _STEP.findall(page.read_text())]
    return {path: textwrap.dedent(f"   {body.removeprefix('   ')}") + "\n" for path, body in steps}


def write(folder: Path, name: str) -> list[str]:
    """Write the files whose name is ``name`` into ``folder``, none of which is there; their paths."""
    paths = [path for path in files() if Path(path).stem == name]
    for path in paths:
        target = folder / path
        assert not target.exists()
        target.parent.mkdir(exist_ok=True, parents=True)
        target.write_text(files()[path])
    return paths
