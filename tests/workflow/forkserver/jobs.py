"""What the forks of these tests do: a word is asked for, and this is `run`. As a script: serve it, or ask for it."""

from __future__ import annotations

import os
import resource
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ebmbench.workflow.forkserver.client import asked
from ebmbench.workflow.forkserver.server import Server

#: what a client exits with where nobody answers
ALONE = 99

#: the words that this process has prepared for, in the order of the requests
PREPARED: list[list[str]] = []


def prepare(words: Sequence[str]) -> None:
    PREPARED.append(list(words))


def run(words: Sequence[str]) -> int:
    match words:
        case ["tell"]:
            print(os.getpid(), os.getppid(), Path.cwd(), os.environ["COLOUR"], sys.stdin.read())
            print("aside", file=sys.stderr)
            return 0
        case ["prepared"]:
            print(*PREPARED)
            return 0
        case ["limits"]:
            print(*resource.getrlimit(resource.RLIMIT_NOFILE))
            return 0
        case ["exit", code]:
            sys.exit(int(code) if code.isdigit() else code)
        case ["return", code]:
            return int(code)
        case ["raise"]:
            raise ValueError("no such word")
        case ["sleep", seconds, path]:
            Path(path).write_text(str(os.getpid()))
            time.sleep(float(seconds))
            Path(path).write_text("done")
            return 5
    raise AssertionError(words)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        Server(socket.socket(fileno=int(sys.argv[2])), sys.stdin.fileno(), run, prepare).serve()
    else:
        code = asked(sys.argv[2:])
        sys.exit(ALONE if code is None else code)
