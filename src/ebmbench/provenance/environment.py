"""Package versions, machine and memory use of a run. Imports no torch."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import resource
import sys
from collections.abc import Iterable
from pathlib import Path

#: packages whose version can change results
PACKAGES = ("numpy", "pandas", "safetensors", "scikit-learn", "scipy", "torch", "zuko")

#: optional packages -> the names under which they are imported
PEERS = {"ebmkit": "ebm", "normflows": "normflows", "torchebm": "torchebm"}


def versions() -> dict[str, str]:
    """Return the versions of Python, of :data:`PACKAGES` and of the :data:`PEERS` that this process has imported."""
    used = [name for name, module in PEERS.items() if module in sys.modules]
    return {"python": platform.python_version()} | {p: importlib.metadata.version(p) for p in [*PACKAGES, *used]}


def absent(packages: Iterable[str]) -> list[str]:
    """Return those of the ``packages`` that are not installed."""
    return [name for name in packages if not any(importlib.metadata.distributions(name=name))]


def host() -> dict[str, str | int]:
    """Return the machine of the run: architecture, system, processor and cores, but no host name."""
    return {
        "machine": platform.machine(),
        "system": platform.system(),
        "processor": processor(),
        "cores": os.cpu_count() or 0,
    }


def peak_memory_mb() -> float:
    """Return the peak resident memory of this process so far, in MB (10^6 bytes)."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def processor() -> str:
    """Return the processor's name as reported by the system."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
