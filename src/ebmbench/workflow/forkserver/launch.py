"""Start the fork server, which ends with the process that started it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from ebmbench.workflow.forkserver import ADDRESS
from ebmbench.workflow.job_environment import JOB_ENVIRONMENT

#: name of the socket, in a folder that only its owner can enter
SOCKET = "socket"


def start(source: Path) -> subprocess.Popen[bytes] | None:
    """Start the server for jobs that run the code in ``source``, and set :data:`ADDRESS`; it ends with this process.

    Does nothing and returns None if :data:`ADDRESS` is already set, or if the system is not Linux. Raises
    :class:`OSError`.
    """
    if ADDRESS in os.environ or sys.platform != "linux":
        return None
    folder = Path(tempfile.mkdtemp(prefix="ebmbench-"))
    try:
        process = _begin(folder, source)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    os.environ[ADDRESS] = str(folder / SOCKET)
    return process


def _begin(folder: Path, source: Path) -> subprocess.Popen[bytes]:
    # packages of the user's own, plug-ins among them, may be on the path as well
    paths = [str(source), *filter(None, [os.environ.get("PYTHONPATH")])]
    with socket.socket(socket.AF_UNIX) as listener:
        # listen before the server has imported anything, so that the first jobs wait for it
        listener.bind(str(folder / SOCKET))
        listener.listen(128)
        return subprocess.Popen(
            [sys.executable, "-m", "ebmbench.workflow.cli.fork_server", str(listener.fileno()), str(folder)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **JOB_ENVIRONMENT},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
        )
