"""Client of the fork server: start the server and request jobs. Imports only fast modules."""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ebmbench.workflow.forkserver import ADDRESS, BEGUN, HEAD
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


def asked(arguments: Sequence[str]) -> int | None:
    """Run ``arguments`` in a fork of the server and return its exit code, or None if no server answers.

    A fork ended by a signal returns 128 plus the signal's number, as in shells.
    """
    if not os.environ.get(ADDRESS):
        return None
    with socket.socket(socket.AF_UNIX) as connection:
        if not _begun(connection, arguments):
            return None
        with suppress(OSError):
            if code := connection.recv(1):
                return code[0]
    print("ebmbench: the process that forks jobs has ended", file=sys.stderr)
    return 1


def _begun(connection: socket.socket, arguments: Sequence[str]) -> bool:
    """Send a request and return whether a fork has started on ``arguments``."""
    request = json.dumps([list(arguments), str(Path.cwd()), dict(os.environ), _limits()]).encode()
    with suppress(OSError):
        connection.connect(os.environ[ADDRESS])
        socket.send_fds(connection, [len(request).to_bytes(HEAD, "big")], [0, 1, 2])
        connection.sendall(request)
        return connection.recv(1) == BEGUN
    return False


def _limits() -> dict[int, tuple[int, int]]:
    """Return the (soft, hard) limits of this process for each resource: memory, processor time and others."""
    known = {getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")}
    return {which: resource.getrlimit(which) for which in sorted(known)}
