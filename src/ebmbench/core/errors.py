"""The error that the command line reports to the user as a single line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """Invalid input: the message is one line that names the key, file or value and what is allowed.

    Unprintable characters in a name or a value, such as line ends, are escaped as in Python source.
    ``code``: the exit code of the command.
    """

    code = 1

    def __str__(self) -> str:
        return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in super().__str__())


def unknown_name(where: str, name: object, allowed: Iterable[object]) -> UserError:
    """Return the error for a ``name`` that is not among the ``allowed`` ones; it suggests the closest, if one is close.

    ``where``: what the name stands for, at the start of the line.
    """
    names = [str(one) for one in allowed]
    close = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    meant = f"did you mean {close[0]}? " if close else ""
    return UserError(f"{where} {name} is unknown; {meant}allowed: {', '.join(names) or 'none'}")
