"""Run one command and turn bad input, full disks and too little memory into one line on standard error."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence

import click

from ebmbench.core.errors import UserError, allowed_names
from ebmbench.workflow.cli.group import ebmbench, stage

#: modules of which each adds its commands to a group, in the order in which a message lists these
MODULES = ("commands", "committed_runs", "stages", "table_stages", "report_stages", "calibration_stages")

for module in MODULES:
    importlib.import_module(f"{__package__}.{module}")
ebmbench.add_command(stage)


def run(words: Sequence[str]) -> int:
    """Run the command ``words`` and return its exit code: 2 for bad usage, a :class:`UserError`'s own code, else 1."""
    try:
        # not click's own main(): it turns an EOFError of a stage into an abort without a traceback
        with ebmbench.make_context(ebmbench.name, list(words)) as context:
            ebmbench.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.UsageError as error:
        _print_line((error.ctx and error.ctx.info_name) or _command(words), _usage_line(error))
        return error.exit_code
    except (UserError, OSError, MemoryError, RuntimeError) as error:
        line = _error_line(error)
        if line is None:
            raise
        _print_line(_command(words), line)
        return error.code if isinstance(error, UserError) else 1
    return 0


def _command(words: Sequence[str]) -> str | None:
    """Return the name of the command that the first of ``words`` select."""
    found: click.Command = ebmbench
    for word in words:
        if word not in _subcommands(found):
            break
        found = _subcommands(found)[word]
    return found.name


def _print_line(command: str | None, line: str) -> None:
    name = ebmbench.name if command == ebmbench.name else f"{ebmbench.name} {command}"
    print(f"{name}: {line}", file=sys.stderr)


def _usage_line(error: click.UsageError) -> str:
    """Return a usage error as one line, with the allowed names where a command or an option is unknown."""
    command = error.ctx.command if error.ctx else None
    if isinstance(error, click.exceptions.NoSuchCommand):
        name = error.command_name
        return f"no such command: {name}; {allowed_names(name, _subcommands(command))}"
    if isinstance(error, click.exceptions.NoSuchOption):
        parameters = command.params if command else []
        options = [of.opts[0] for of in parameters if isinstance(of, click.Option)]
        return f"no such option: {error.option_name}; {allowed_names(error.option_name, options)}"
    return " ".join(error.format_message().split()).removesuffix(".")


def _subcommands(command: click.Command | None) -> Mapping[str, click.Command]:
    return command.commands if isinstance(command, click.Group) else {}


def _error_line(error: Exception) -> str | None:
    """Return the line that a user reads about an error of the input or the machine; None for an error of the code."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else " ".join(str(error).split())
    first = str(error).partition("\n")[0]
    # torch has no class of its own for it on a CPU
    if isinstance(error, MemoryError) or "allocate memory" in first or "out of memory" in first:
        return f"not enough memory{f' ({first})' if first else ''}"
    return None
