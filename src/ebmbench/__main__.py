"""``python -m ebmbench VERB``: what the workflow's rules call, one verb a stage, and what users call."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ebmbench import commands
from ebmbench.errors import UserError
from ebmbench.verbs import JSON, OPTIONAL, PATHS, VERBS


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
    """Run one verb; bad input is one line on stderr and the error's exit code."""
    arguments = _parser().parse_args()
    try:
        arguments.function(arguments)
    except UserError as error:
        print(f"ebmbench {arguments.verb}: {error}", file=sys.stderr)
        return error.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
