"""Read the files of a commit through git. Imports no torch."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from ebmbench.core.errors import UserError


class NoHistoryError(UserError):
    """The checkout has no complete history: git or the repository is missing, or the clone is shallow."""


class UnknownCommitError(UserError):
    """The history is complete but lacks the commit."""


def full_name(root: Path, commit: str) -> str:
    """Return the 40 digits of a commit, which may be abbreviated.

    Raises :class:`NoHistoryError` if the commit is not found and the checkout lacks the complete history, else
    :class:`UnknownCommitError` for an unknown commit.
    """
    shallow = _git(root, "rev-parse", "--is-shallow-repository").strip() == b"true"
    try:
        return _git(root, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}").decode().strip()
    except NoHistoryError:
        if shallow:
            raise NoHistoryError(f"{root}: commit {commit} is not in its shallow history") from None
        raise UnknownCommitError(f"{root}: commit {commit} is not in its history") from None


def files(root: Path, commit: str, *folders: str) -> dict[str, bytes]:
    """Return the files below ``folders`` of ``commit``, by path; raise the errors of :func:`full_name`."""
    packed = _git(root, "archive", "--format=tar", full_name(root, commit), *folders)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        found = {member.name: archive.extractfile(member) for member in archive.getmembers() if member.isfile()}
        return {name: file.read() for name, file in found.items() if file is not None}


def _git(root: Path, *words: str) -> bytes:
    try:
        return subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=True).stdout
    except FileNotFoundError:
        raise NoHistoryError(f"{root}: git is not installed") from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").strip().splitlines()
        raise NoHistoryError(f"{root}: git {words[0]}: {lines[-1] if lines else 'failed'}") from None
