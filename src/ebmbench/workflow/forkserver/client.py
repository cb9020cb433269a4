"""Request jobs of the fork server. Every job of a workflow starts with this import, so it is of fast modules only."""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress

from ebmbench.workflow.forkserver import ADDRESS, BEGUN, HEAD


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
    # pathlib would take longer to import than all else here
    folder = os.getcwd()  # noqa: PTH109
    request = json.dumps([list(arguments), folder, dict(os.environ), _limits()]).encode()
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
