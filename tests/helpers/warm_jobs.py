"""A fork server for jobs of projects whose code is that of the checkout: each Snakemake else starts one of its own."""

from __future__ import annotations

import functools
import os
import subprocess
from unittest.mock import patch

from ebmbench.workflow.forkserver import ADDRESS
from ebmbench.workflow.forkserver.launch import start
from tests.helpers.paths import ROOT


def shared() -> dict[str, str]:
    """The environment of a Snakemake whose jobs are forks of this process's server. They run the checkout's code."""
    return {ADDRESS: _server()[0]}


@functools.cache
def _server() -> tuple[str, subprocess.Popen[bytes]]:
    """Its address, and the process, which ends when it is collected."""
    with patch.dict(os.environ):
        os.environ.pop(ADDRESS, None)
        process = start(ROOT / "src")
        return os.environ[ADDRESS], process
