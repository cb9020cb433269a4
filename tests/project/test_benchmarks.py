"""Scripts of benchmarks/ can be imported: no test runs them, because they take minutes and assert no time."""

import ast
from importlib.util import find_spec

import pytest

from tests.helpers.paths import ROOT

#: modules of the packages of envs/benchmark.txt and envs/peers.txt, which need not be installed
OPTIONAL = {"ebm", "torchebm"}


def imported(source: str) -> set[str]:
    """Return the names of the modules that a script imports, or imports something from."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
    return found


def missing(source: str) -> list[str]:
    """Return the modules of a script that pytest would not find from the root of the checkout."""
    wanted = {name for name in imported(source) if name.split(".")[0] not in OPTIONAL}
    return sorted(name for name in wanted if find_spec(name) is None)


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks").glob("*.py")), ids=lambda path: path.stem)
def test_every_module_that_a_benchmark_imports_is_found(path):
    assert missing(path.read_text(encoding="utf-8")) == []


def test_a_neighbour_imported_as_if_its_folder_were_on_the_path_is_noticed():
    assert missing("import plain_losses as plain") == ["plain_losses"]
    assert missing("from benchmarks import plain_losses") == []
