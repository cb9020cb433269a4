"""``python -m ebmbench VERB``: what the workflow's rules call, one verb a stage, and what users call."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ebmbench.core.errors import UserError
from ebmbench.workflow import commands
from ebmbench.workflow.forkserver.client import asked
from ebmbench.workflow.verbs import JSON, OPTIONAL, PATHS, VERBS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ebmbench", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    settings = {"type": json.loads, "default": {}, "help": "JSON: what departs from the defaults"}
    for function, arguments in VERBS.items():
        verb = verbs.add_parser(function.__name__, help=function.__doc__)
        verb.set_defaults(function=function)
        for name in arguments:
            options: dict[str, Any] = {"required": True, "type": Path if name in PATHS else str}
            if name in JSON:
                options = {**settings, "required": name != "settings"}
            if name in OPTIONAL:
                options = {"type": Path, "help": OPTIONAL[name]}
            verb.add_argument(f"--{name}", **options)
    commands.add(verbs)
    return parser


def main() -> int:
    """The exit code of a fork that does it, where the workflow has a process for that, else of :func:`run`."""
    code = asked(sys.argv[1:])
    return run(sys.argv[1:]) if code is None else code


def run(words: Sequence[str]) -> int:
    """Run one verb; bad input, a failing disk and too little memory are one line on stderr and an exit code."""
    arguments = _parser().parse_args(words)
    try:
        arguments.function(arguments)
    except (UserError, OSError, MemoryError, RuntimeError) as error:
        line = _line(error)
        if line is None:
            raise
        print(f"ebmbench {arguments.verb}: {line}", file=sys.stderr)
        return error.code if isinstance(error, UserError) else 1
    return 0


def _line(error: Exception) -> str | None:
    """What a user reads of an error that is no fault of the code; None of one that is."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else " ".join(str(error).split())
    first = str(error).partition("\n")[0]
    # torch has no class of its own for it on a CPU
    if isinstance(error, MemoryError) or "allocate memory" in first or "out of memory" in first:
        return f"not enough memory{f' ({first})' if first else ''}"
    return None


if __name__ == "__main__":
    sys.exit(main())
