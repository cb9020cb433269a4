"""Commands from annotated functions: each parameter is the option or argument of its name, of the annotated type."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import click

from ebmbench.core.cells import Cell, parse_cell
from ebmbench.core.errors import UserError
from ebmbench.workflow.cli.paths import AnyName

Function = TypeVar("Function", bound=Callable[..., None])


class Parsed(click.ParamType):
    """Text that ``parse`` converts; a :class:`UserError` of ``parse`` is a usage error."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name, self.parse = name, parse

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the parsed value; fail with one line that names what is allowed."""
        try:
            return self.parse(value)
        except UserError as error:
            self.fail(str(error), param, ctx)


def json_object(text: str) -> dict[str, Any]:
    """Parse a JSON object; raise :class:`UserError` for any other text."""
    try:
        content = json.loads(text)
    except ValueError as error:
        raise UserError(f'not JSON ({error}); allowed: an object such as {{"steps": 100}}') from error
    if not isinstance(content, dict):
        raise UserError(f'JSON, but no object: {text}; allowed: an object such as {{"steps": 100}}')
    return content


class Positional:
    """The mark of a parameter that the command line gives by its place, without ``--name``."""


#: annotations of parameters; a text in them is the option's help, and the mark makes an argument of it
POSITIONAL = Positional()
AnyPath = Annotated[Path, AnyName()]
OptionalPath = Annotated[Path | None, AnyName()]
Checkout = Annotated[AnyPath, "the checkout"]
Json = Annotated[dict[str, Any], Parsed("json", json_object)]
CellName = Annotated[Cell, Parsed("dataset/family-loss-stats", parse_cell)]
Device = Annotated[str, click.Choice(["auto", "cpu", "cuda"])]


def command(group: click.Group, **attributes: Any) -> Callable[[Function], Function]:
    """Return a decorator that makes a function the command of its name in ``group`` and leaves the function as it is.

    A parameter without a default is a required option, with a single dash if its name is one letter; one that is
    annotated as a tuple may be given several times, and
    one that is annotated with :data:`POSITIONAL` is an argument.
    ``attributes`` are those of :meth:`click.Group.command`.
    """

    def add(function: Function) -> Function:
        hints = get_type_hints(function, include_extras=True)
        parameters = inspect.signature(function).parameters.values()
        own = [_parameter(parameter, hints[parameter.name]) for parameter in parameters]
        group.command(function.__name__, params=own, **attributes)(function)
        return function

    return add


def _parameter(parameter: inspect.Parameter, hint: Any) -> click.Parameter:
    plain, *notes = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    several, required = get_origin(plain) is tuple, parameter.default is parameter.empty
    kind = next((note for note in notes if isinstance(note, click.ParamType)), str if several else plain)
    if POSITIONAL in notes:
        return click.Argument([parameter.name], type=kind)
    return click.Option(
        [f"{'-' if len(parameter.name) == 1 else '--'}{parameter.name}"],
        type=kind,
        help=next((note for note in notes if isinstance(note, str)), None),
        required=required,
        multiple=several,
        show_default=True,
        **{} if required else {"default": parameter.default},
    )
