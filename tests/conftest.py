"""One thread, as in the workflow's jobs; compiled modules are kept; the long tests first, so that no worker waits."""

import gc
import os
import sys

import pytest

# numpy and torch read it at their import: two workers of two threads each would wait for one another
os.environ["OMP_NUM_THREADS"] = "1"

# containers often forbid them, and hundreds of processes would each compile the package, and pytest its tests, anew
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of ``tests/workflow/snakemake`` first, then the others of ``tests/workflow``, then all others."""
    items.sort(key=lambda item: ("snakemake" not in item.path.parts, "workflow" not in item.path.parts))


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over modules and tests: with torch among them each of its looks takes long."""
    gc.collect()
    gc.freeze()
