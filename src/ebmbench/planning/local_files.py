"""Changes of the local files that a data set's splits were read from. Imports no torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ebmbench.core.local_files import LocalFile

#: hex digits of a sha256 that a text shows
DIGITS = 12


def read_as(facts: Path) -> str:
    """Return a text that stays the same until a local file recorded in the data set's ``facts`` changes.

    It is the recorded text ``read_as`` while every file of ``files`` has its recorded sha256, and otherwise a new one
    that lists the present digests. Once the data stage has recorded the new text, it stays. Empty for a file of facts
    that is missing or damaged, or that records no text.
    """
    about = _recorded(facts)
    stored = str(about.get("read_as", ""))
    recorded = [LocalFile(**entry) for entry in about.get("files", [])]
    present = [file.present_digest() for file in recorded]
    if present == [file.sha256 for file in recorded]:
        return stored
    text = "changed: " + ", ".join(sorted("missing" if digest is None else digest[:DIGITS] for digest in present))
    # files that changed after the text was planned, and back after they were read, or that swapped their content
    return f"{text}, again" if text == stored else text


def _recorded(facts: Path) -> Mapping[str, Any]:
    try:
        return json.loads(facts.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # the stages that read the file report the damage
        return {}
