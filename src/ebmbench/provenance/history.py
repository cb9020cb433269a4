"""Files of a commit, by git. Imports no torch."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from ebmbench.core.errors import UserError


class NoHistoryError(UserError):
    """The checkout has no history to look a commit up in: no git, no repository, or the newest commits only."""


class UnknownCommitError(UserError):
    """A whole history that does not have the commit."""


def full_name(root: Path, commit: str) -> str:
    """The 40 digits of a commit that may be named by fewer.

    Raises :class:`NoHistoryError` where the checkout has no or not the whole history, else
    :class:`UnknownCommitError` for a commit that there is not.
    """
    shallow = _git(root, "rev-parse", "--is-shallow-repository").strip() == b"true"
    try:
        return _git(root, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}").decode().strip()
    except NoHistoryError:
        if shallow:
            raise NoHistoryError(f"{root}: commit {commit} is not in its history, which is cut short") from None
        raise UnknownCommitError(f"{root}: commit {commit} is not in its history") from None


def files(root: Path, commit: str, *folders: str) -> dict[str, bytes]:
    """The files below ``folders`` of ``commit``, by path; raises as :func:`full_name` does."""
    packed = _git(root, "archive", "--format=tar", full_name(root, commit), *folders)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        members = [member for member in archive if member.isfile()]
        return {member.name: archive.extractfile(member).read() for member in members}


def _git(root: Path, *words: str) -> bytes:
    try:
        return subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=True).stdout
    except FileNotFoundError:
        raise NoHistoryError(f"{root}: git is not installed") from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").strip().splitlines()
        raise NoHistoryError(f"{root}: git {words[0]}: {lines[-1] if lines else 'failed'}") from None
