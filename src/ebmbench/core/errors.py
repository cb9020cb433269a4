"""The error that the command line reports to the user as a single line."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

#: least similarity of a name that is suggested, from 0 to 1, and how much less than the closest it may have
_SIMILAR, _NEARLY = 0.6, 0.1

#: largest number of names that are suggested
_MOST = 3


class UserError(Exception):
    """Invalid input: the message is one line that names the key, file or value and what is allowed.

    Unprintable characters in a name or a value, such as line ends, are escaped as in Python source.
    ``code``: the exit code of the command.
    """

    code = 1

    def __str__(self) -> str:
        return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in super().__str__())


def allowed_names(name: object, allowed: Iterable[object], nothing: str = "none", label: str = "allowed") -> str:
    """Return the end of a line that refuses ``name``, e.g. ``did you mean ed? allowed: dsm, ed, ml``.

    It suggests at most three of the ``allowed`` names: the closest, whatever the case of their letters, and those that
    are about as close. It suggests none if none is close. ``nothing`` stands for an empty list, ``label`` before it.
    """
    names = [str(one) for one in allowed]
    close = _closest(str(name), names)
    meant = f"did you mean {' or '.join(close)}? " if close else ""
    return f"{meant}{label}: {', '.join(names) or nothing}"


def _closest(name: str, names: Iterable[str]) -> list[str]:
    found = {other: SequenceMatcher(None, name.casefold(), other.casefold()).ratio() for other in names}
    least = max(_SIMILAR, max(found.values(), default=0.0) - _NEARLY)
    return sorted((other for other in found if found[other] >= least), key=lambda other: -found[other])[:_MOST]
