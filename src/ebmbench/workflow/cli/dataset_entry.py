"""The entry of a data set that a user names: from a configuration, a committed run, or the plug-ins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ebmbench.core import plugins
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.core.schemas import SCHEMAS
from ebmbench.planning.config import check
from ebmbench.provenance.reference_order import ordered_runs
from ebmbench.workflow.cli.checkout import CONFIG, REFERENCE

Config = Mapping[str, Any]


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
    """Settings of data sets by name, the configuration that applies to them, and its description for a note.

    ``configfile``: that of a committed run, else empty.
    """

    entries: Mapping[str, Mapping[str, Any]]
    config: Config
    about: str = ""
    configfile: str = ""


def find_dataset(name: str, configfile: Path | None, root: Path) -> DatasetEntry:
    """Return the entry ``name`` of ``configfile`` or, without one, the first that the checkout ``root`` has.

    In order: the default configuration; the configurations of the committed runs by the runs' names, those of the
    papers first and that of the smoke run last; the plug-in of that name with its default settings. A note tells of
    another kind of data under the same name in a later one. Raises :class:`UserError` for an unknown name.
    """
    known: list[str] = []
    sources = _sources(root) if configfile is None else iter([_own(configfile)])
    for source in sources:
        if name in source.entries:
            settings = source.entries[name]
            notes = [source.about, *_other_kinds(name, plugins.kind_of(name, settings), sources)]
            note = "; ".join(filter(None, notes))
            return DatasetEntry(name, settings, source.config, f"dataset {name}: {note}" if note else "")
        known += source.entries
    where = configfile or "the default configuration or a committed run's, and no plug-in; --configfile names your own"
    raise UserError(f"--dataset {name}: no entry of {where}; {allowed_names(name, sorted(set(known)))}")


def _other_kinds(name: str, kind: str, sources: Iterable[Source]) -> Iterator[str]:
    """Describe the first committed configuration among ``sources`` whose data set ``name`` is of another kind."""
    named = (source for source in sources if source.configfile and name in source.entries)
    for source in named:
        other = plugins.kind_of(name, source.entries[name])
        if other != kind:
            yield f"of kind {kind}; --configfile {source.configfile} has one of kind {other}"
            return


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
    return Source(config["datasets"], config)


def _sources(root: Path) -> Iterator[Source]:
    default = _own(root / CONFIG)
    yield default
    for path in _committed(root):
        yield _own(root / path)._replace(about=f"as in {path}", configfile=path)
    unset: dict[str, dict[str, Any]] = {name: {} for name in plugins.available("dataset")}
    yield Source(unset, default.config, "the plug-in with its default settings")


def _committed(root: Path) -> Iterator[str]:
    """Iterate over the configuration files, below ``root``, that committed runs name and that still exist."""
    named = dict.fromkeys(ordered_runs(root / REFERENCE).values())
    return (path for path in named if path not in ("", CONFIG) and (root / path).is_file())


def _read(path: Path) -> Config:
    """Read and check a configuration."""
    if not path.is_file():
        raise UserError(f"{path}: the file is missing; run this in a checkout, or give --root or --configfile")
    return check(yaml.safe_load(path.read_text(encoding="utf-8")), SCHEMAS / "config.schema.yaml")
