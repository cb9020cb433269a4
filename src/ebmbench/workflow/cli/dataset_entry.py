"""The entry of a data set that a user names: from a configuration, a committed run, or the plug-ins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ebmbench.core import plugins
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.core.schemas import SCHEMAS
from ebmbench.planning.config import check
from ebmbench.planning.reference_runs import SMOKE, grids
from ebmbench.provenance import manifest
from ebmbench.workflow.cli.checkout import CONFIG, REFERENCE

Config = Mapping[str, Any]

#: the papers' configurations, relative to the checkout
PAPERS = "config/papers/"


class DatasetEntry(NamedTuple):
    """A data set's ``settings``, the ``config`` whose other keys apply to it, and where it was found if not there.

    ``note`` is one line for the user; empty for an entry of the configuration that was given or is the default.
    """

    name: str
    settings: Mapping[str, Any]
    config: Config
    note: str = ""

    def load(self) -> Any:
        """Load the data set."""
        return plugins.load_entry("dataset", self.name, self.settings)


class Source(NamedTuple):
    """Settings of data sets by name, the configuration that applies to them, and its description for a note."""

    entries: Mapping[str, Mapping[str, Any]]
    config: Config
    about: str


def find_dataset(name: str, configfile: Path | None, root: Path) -> DatasetEntry:
    """Return the entry ``name`` of ``configfile`` or, without one, the first that the checkout ``root`` has.

    In order: the default configuration; the configurations of the committed runs by the runs' names, those of the
    papers first and that of the smoke run last; the plug-in of that name with its default settings. Raises
    :class:`UserError` for an unknown name.
    """
    known: list[str] = []
    for source in _sources(root) if configfile is None else [_own(configfile)]:
        if name in source.entries:
            note = f"dataset {name}: {source.about}" if source.about else ""
            return DatasetEntry(name, source.entries[name], source.config, note)
        known += source.entries
    where = configfile or "the default configuration or a committed run's, and no plug-in"
    raise UserError(f"--dataset {name}: no entry of {where}; {allowed_names(name, sorted(set(known)))}")


def find_extractors(name: str, kind: str, root: Path) -> Config:
    """Return the extractors of the images ``name`` in the first configuration that has them, in the same order.

    ``kind``: the plug-in of the images. Empty if there is none, and for a folder ``root`` that is no checkout.
    """
    if not (root / CONFIG).is_file():
        return {}
    found = (source for source in _sources(root) if name in source.entries)
    configs = (source.config for source in found if plugins.kind_of(name, source.entries[name]) == kind)
    config: Config = next(configs, {"extractors": {}})
    return config["extractors"].get(name, {})


def _own(path: Path) -> Source:
    config = _read(path)
    return Source(config["datasets"], config, "")


def _sources(root: Path) -> Iterator[Source]:
    default = _own(root / CONFIG)
    yield default
    for path in _committed(root):
        yield _own(root / path)._replace(about=f"as in {path}")
    unset: dict[str, dict[str, Any]] = {name: {} for name in plugins.available("dataset")}
    yield Source(unset, default.config, "the plug-in with its default settings")


def _committed(root: Path) -> Iterator[str]:
    """Iterate over the configuration files, below ``root``, that committed runs name and that still exist.

    Those of the papers come first.
    """
    folders = [root / REFERENCE / run for run in (*grids(root / REFERENCE), SMOKE)]
    named = [manifest.read_manifest(folder).configuration for folder in folders if (folder / manifest.NAME).is_file()]
    ordered = sorted(dict.fromkeys(named), key=lambda path: not path.startswith(PAPERS))
    return (path for path in ordered if path != CONFIG and (root / path).is_file())


def _read(path: Path) -> Config:
    """Read and check a configuration."""
    if not path.is_file():
        raise UserError(f"{path}: the file is missing; run this in a checkout, or give --root or --configfile")
    return check(yaml.safe_load(path.read_text(encoding="utf-8")), SCHEMAS / "config.schema.yaml")
