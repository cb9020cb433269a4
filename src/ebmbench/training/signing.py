"""A secret of the user's, by which a process knows what another one of the same user has written."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

#: bytes of the secret
LENGTH = 32


def signature(content: bytes | memoryview) -> str:
    """HMAC-SHA256 of ``content`` with the user's secret, as hexadecimal digits."""
    return hmac.new(_secret(), content, "sha256").hexdigest()


def signed(content: bytes | memoryview, found: str) -> bool:
    """Whether ``found`` is its signature."""
    return hmac.compare_digest(signature(content), found)


def secret_path() -> Path:
    """Where the secret is kept: below ``XDG_STATE_HOME``, or ``~/.local/state``."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "ebmbench/secret"


def _secret() -> bytes:
    """The secret, made where there is none: whole or not at all, whoever else makes one now; for its user alone."""
    path = secret_path()
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        own = path.with_name(f".{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(secrets.token_bytes(LENGTH))
        try:
            os.link(own, path)
        except FileExistsError:
            pass
        finally:
            own.unlink()
    return path.read_bytes()
