"""Feature extractors for external images: those of a finished grid, or made once and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ebmbench.core import plugins
from ebmbench.core.files import read_json
from ebmbench.data.images import Images
from ebmbench.data.interface import Dataset
from ebmbench.evaluation.extractors.interface import Extractor
from ebmbench.provenance.code_digest import code_digest
from ebmbench.workflow.stages.extractor import file_digests, write_extractor

#: folder of the files that are made here, below the working folder
KEPT = Path("results/given/extractors")


class ExtractorFiles(NamedTuple):
    """The ``settings`` of a data set's extractors by name, and the folders of their files.

    ``finished``: the folder of a grid's own files, which are used where they have the same settings; ``kept``: the
    folder for those that are made here, named after settings and code, so that a later call finds them.
    """

    settings: Mapping[str, Mapping[str, Any]]
    finished: Path
    kept: Path = KEPT

    def of(self, name: str, dataset: Dataset) -> dict[str, Path]:
        """Return the file of each extractor of the data set ``name``; makes those that are missing."""
        return {key: self._of(name, dataset, key) for key in self.settings} if isinstance(dataset, Images) else {}

    def _of(self, name: str, dataset: Images, key: str) -> Path:
        extractor: Extractor = plugins.load("extractor", key, **self.settings[key])
        finished = self.finished / f"{name}-{key}.safetensors"
        kept = self.kept / f"{name}-{key}-{_digest(dataset, extractor)}.safetensors"
        found = [path for path in (finished, kept) if _holds(path, extractor, dataset)]
        if not found:
            write_extractor(dataset, key, extractor, kept)
        return (*found, kept)[0]


def _digest(dataset: Images, extractor: Extractor) -> str:
    """Return a digest of the settings and the code that make the features."""
    modules = [
        plugins.module_name(axis, plugins.name_of(of)) for axis, of in (("dataset", dataset), ("extractor", extractor))
    ]
    code = code_digest(["ebmbench.workflow.stages.extractor", *modules])
    entries = [plugins.entry_of(dataset), plugins.entry_of(extractor)]
    return hashlib.sha256(json.dumps([entries, code]).encode()).hexdigest()[:12]


def _holds(path: Path, extractor: Extractor, dataset: Images) -> bool:
    """Return whether ``path`` has the features of an extractor with the same settings, of images as they are now."""
    facts = path.with_suffix(".json")
    if not (path.is_file() and facts.is_file()):
        return False
    found = read_json(facts)
    same = found["extractor"] == plugins.entry_of(extractor) and found.get("files", []) == file_digests(dataset)
    return not found["reason"] and same
