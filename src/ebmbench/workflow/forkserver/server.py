"""Fork a process for each request on a socket, and answer with its exit code."""

from __future__ import annotations

import json
import os
import resource
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from ebmbench.workflow.forkserver import BEGUN, HEAD

#: seconds within which a request must arrive
PATIENCE = 10.0

Run = Callable[[Sequence[str]], int]

Prepare = Callable[[Sequence[str]], None]


@dataclass
class Fork:
    """A running process, ``ended`` its pidfd, and the ``connection`` to the client that waits for it."""

    process: int
    ended: int
    connection: socket.socket

    def kill(self) -> None:
        """Kill the process, because its client no longer waits for it."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.ended, signal.SIGKILL)

    def end(self) -> None:
        """Send the exit code of the ended process to its client."""
        code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        os.close(self.ended)
        with self.connection, suppress(OSError):
            self.connection.sendall(bytes([code if code >= 0 else 128 - code]))


class Server:
    """A server that forks a process for each request on ``listener``; the fork exits with ``run`` of its arguments.

    ``keeper``: a file descriptor whose other end is closed to stop accepting requests. ``prepare``: called with the
    arguments before each fork, for what this fork and later ones share.
    """

    def __init__(self, listener: socket.socket, keeper: int, run: Run, prepare: Prepare) -> None:
        self.listener, self.keeper, self.run, self.prepare = listener, keeper, run, prepare
        self.selector = selectors.DefaultSelector()
        self.selector.register(listener, selectors.EVENT_READ, self._accept)
        self.selector.register(keeper, selectors.EVENT_READ, self._close)

    def serve(self) -> None:
        """Serve requests until the keeper is closed and all forks have ended."""
        while heard := self.selector.get_map():
            for key, _ in self.selector.select():
                # an earlier event of the same list may have unregistered it
                if key.fd in heard:
                    key.data()

    def _close(self) -> None:
        for heard in (self.listener, self.keeper):
            self.selector.unregister(heard)
        self.listener.close()

    def _accept(self) -> None:
        connection, _ = self.listener.accept()
        try:
            connection.settimeout(PATIENCE)
            request, streams = _received(connection)
            self.prepare(json.loads(request)[0])
            process = os.fork()
        except (OSError, ValueError):
            # the client then does the work itself
            connection.close()
            return
        if process == 0:
            self._leave(connection)
            _become(request, streams, self.run)
        for stream in streams:
            os.close(stream)
        fork = Fork(process, os.pidfd_open(process), connection)
        self.selector.register(connection, selectors.EVENT_READ, fork.kill)
        self.selector.register(fork.ended, selectors.EVENT_READ, partial(self._end, fork))
        with suppress(OSError):
            connection.sendall(BEGUN)

    def _end(self, fork: Fork) -> None:
        for heard in (fork.ended, fork.connection):
            self.selector.unregister(heard)
        fork.end()

    def _leave(self, connection: socket.socket) -> None:
        """Close, in a fork, every descriptor whose other end waits for it to close."""
        registered = {key.fd for key in self.selector.get_map().values()}
        for descriptor in {*registered, self.selector.fileno(), connection.fileno()} - {0, 1, 2}:
            os.close(descriptor)


def _become(request: bytes, streams: Sequence[int], run: Run) -> NoReturn:
    """Run the request in a fork, like a separate process, and exit."""
    code = 1
    try:
        arguments, folder, environment, limits = json.loads(request)
        for own, stream in enumerate(streams):
            os.dup2(stream, own)
            os.close(stream)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        for which, (soft, hard) in limits.items():
            resource.setrlimit(int(which), (soft, hard))
        code = run(arguments)
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except KeyboardInterrupt:
        # the client, which Ctrl-C reaches as well, says it
        pass
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _received(connection: socket.socket) -> tuple[bytes, list[int]]:
    """Receive a request and its standard streams; raise :class:`OSError` for an incomplete request."""
    head, streams, _, _ = socket.recv_fds(connection, HEAD, 3)
    size, request = int.from_bytes(head, "big"), bytearray()
    while len(request) < size:
        part = connection.recv(size - len(request))
        if not part:
            raise ConnectionError("half a request")
        request += part
    return bytes(request), streams
