"""Which versions and machine made a result. Imports no torch."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import resource
import sys
from pathlib import Path

#: the packages whose version can change a number
PACKAGES = ("numpy", "pandas", "safetensors", "scikit-learn", "scipy", "torch", "zuko")

#: packages that the suite does without -> what they are imported as
PEERS = {"ebmkit": "ebm", "normflows": "normflows", "torchebm": "torchebm"}


def versions() -> dict[str, str]:
    """Python's version, those of :data:`PACKAGES`, and of the :data:`PEERS` that this process has imported."""
    used = [name for name, module in PEERS.items() if module in sys.modules]
    return {"python": platform.python_version()} | {p: importlib.metadata.version(p) for p in [*PACKAGES, *used]}


def host() -> dict[str, str | int]:
    """What the run was made on: processor, cores, system; no host name."""
    return {
        "machine": platform.machine(),
        "system": platform.system(),
        "processor": processor(),
        "cores": os.cpu_count() or 0,
    }


def peak_memory_mb() -> float:
    """Peak resident memory of this process so far, in MB (10^6 bytes)."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def processor() -> str:
    """The processor's name, as the system has it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
