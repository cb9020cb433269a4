"""Check files, configuration, code and data of committed runs against the commits that they name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import yaml

from ebmbench.core.csv_schema import read_fields
from ebmbench.core.errors import UserError
from ebmbench.core.schemas import SCHEMAS
from ebmbench.planning import cell_dependencies
from ebmbench.planning.config import check, grid
from ebmbench.provenance import history, manifest
from ebmbench.provenance.audit.finding import FAILED, UNKNOWN, Finding, summed
from ebmbench.provenance.code_digest import Sources
from ebmbench.provenance.environment import processor
from ebmbench.provenance.manifest import Manifest, digests, read_manifest, sha256

#: folders of committed tables that need no manifest, because the audit computes them again
RECOMPUTED = ("claims",)

#: columns of runs.csv that the checks read
_CODE, _DATA, _PROCESSOR = (f"provenance.{name}" for name in ("code_digest", "data_digest", "host.processor"))


class CommittedTables(NamedTuple):
    """A folder of committed tables, those of a grid or others: its name, its path and its manifest."""

    name: str
    folder: Path
    origin: Manifest

    @property
    def holds_runs(self) -> bool:
        """Whether the tables are those of a grid."""
        return (self.folder / "scores.csv").is_file()

    def runs(self) -> pd.DataFrame:
        """Return runs.csv, every field as text; raise :class:`UserError` for a missing file or column."""
        path = self.folder / "runs.csv"
        table = read_fields(path)
        missing = [name for name in ("dataset", "seed", _CODE, _DATA, _PROCESSOR) if name not in table]
        if missing:
            raise UserError(f"{path}: columns missing: {', '.join(missing)}")
        return table


#: a check of committed runs: their findings, and how many things it compared
Check = Callable[[CommittedTables, pd.DataFrame, "Commits"], tuple[list[Finding], int]]


class Commits:
    """The source and the configurations of commits of a checkout, each unpacked once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[str, dict[str, bytes]] = {}
        self._sources: dict[str, Sources] = {}

    def files(self, commit: str) -> dict[str, bytes]:
        """Return the files of a commit by path; raise the errors of :func:`ebmbench.provenance.history.files`."""
        if commit not in self._files:
            self._files[commit] = history.files(self._root, commit, "src", "config")
        return self._files[commit]

    def content(self, commit: str, configfile: str) -> bytes:
        """Return the content of a configuration file; raise :class:`UserError` if the commit lacks it."""
        held = self.files(commit)
        if configfile not in held:
            raise UserError(f"{configfile}: commit {commit} has no such file")
        return held[configfile]

    def config(self, origin: Manifest, schema: Path) -> dict[str, Any]:
        """Return the checked configuration of a committed run; raise :class:`UserError` if missing or invalid today."""
        if origin.configfile is None:
            raise UserError(f"{manifest.NAME} of commit {origin.commit} names no configuration file")
        content = yaml.safe_load(self.content(origin.commit, origin.configfile))
        return check(content if origin.rung is None else {**content, "rung": origin.rung}, schema)

    def sources(self, commit: str) -> Sources:
        """Return the package's modules as of a commit."""
        held = self.files(commit)
        if commit not in self._sources:
            self._sources[commit] = Sources(lambda path: held.get(f"src/{path}"))
        return self._sources[commit]


class PreparedData:
    """Digests of data as today's code prepares them; what several committed grids use is prepared once."""

    def __init__(self) -> None:
        self._digests: dict[str, str] = {}

    def __call__(self, name: str, settings: Mapping[str, Any], seed: int) -> str:
        """Return the digest of a seed's splits of the data set ``name``; raise :class:`UserError` if it has none."""
        from ebmbench.core import plugins
        from ebmbench.data.interface import digest_of

        key = json.dumps([name, settings, seed], sort_keys=True)
        if key not in self._digests:
            self._digests[key] = digest_of(plugins.load_entry("dataset", name, settings).splits(seed))
        return self._digests[key]


def against(root: Path) -> list[Finding]:
    """Return findings on every folder of committed tables of the checkout ``root``.

    ``files``: the folder holds the files of the manifest, unchanged. ``config``: the commit exists, and the
    configuration equals that of the commit. Of committed runs alone: ``code``: the recorded digest of each run equals
    that of the commit's source; ``rows``: today's code prepares from the configuration the same data that each run was
    trained and evaluated on. A check that lacks the history, the files of a data set or the same processor is reported
    as unknown.
    """
    found: list[Finding] = []
    named: list[CommittedTables] = []
    folders = {path.parent for path in (root / "results/reference").glob("*/*") if path.parent.name not in RECOMPUTED}
    for folder in sorted(folders):
        try:
            named.append(CommittedTables(folder.name, folder, read_manifest(folder)))
        except UserError as error:
            found.append(Finding("files", folder.name, FAILED, str(error)))
    commits = Commits(root)
    found += [finding for of in named for finding in _files(of)]
    checks = summed("files", found, sum(len(of.origin.files) for of in named), "files")
    checks += summed("config", [line for of in named for line in _config(of, commits)], len(named), "configurations")
    of_runs = [of for of in named if of.holds_runs]
    of_rows = partial(_rows, schema=SCHEMAS / "config.schema.yaml", digest=PreparedData())
    for check_name, of_one, things in (("code", _code, "runs"), ("rows", of_rows, "data splits")):
        looked = [_looked(check_name, of_one, of, commits) for of in of_runs]
        lines = [line for one, _ in looked for line in one]
        checks += summed(check_name, lines, sum(compared for _, compared in looked), things)
    return checks


def _looked(check_name: str, of_one: Check, of: CommittedTables, commits: Commits) -> tuple[list[Finding], int]:
    """Return the findings of a check of runs and the number of things compared; a damaged runs.csv is a finding."""
    try:
        runs = of.runs()
    except UserError as error:
        return [Finding(check_name, of.name, FAILED, str(error))], 0
    return of_one(of, runs, commits)


def _files(of: CommittedTables) -> Iterator[Finding]:
    here = digests(of.folder)
    for path in sorted(here.keys() | of.origin.files.keys()):
        now, then = here.get(path, "missing"), of.origin.files.get(path, "not recorded")
        if now != then:
            yield Finding("files", f"{of.name}/{path}", FAILED, f"sha256 {now}, committed {then}")


def _config(of: CommittedTables, commits: Commits) -> Iterator[Finding]:
    commit, configfile = of.origin.commit, of.origin.configfile
    try:
        held = commits.files(commit)
    except UserError as error:
        yield _unseen("config", of.name, error)
        return
    if configfile is None:
        if of.holds_runs:
            yield Finding("config", of.name, FAILED, f"{manifest.NAME} names no configuration; a grid needs one")
        return
    now = sha256(held[configfile]) if configfile in held else "missing"
    if now != of.origin.config:
        where = f"{of.name}, {configfile} of {commit[:7]}"
        yield Finding("config", where, FAILED, f"sha256 {now}, committed {of.origin.config}")


def _code(of: CommittedTables, runs: pd.DataFrame, commits: Commits) -> tuple[list[Finding], int]:
    found: list[Finding] = []
    compared = 0
    for digest, count in runs[_CODE].value_counts().items():
        where = f"{of.name}, {count} runs"
        if digest not in of.origin.code:
            found.append(Finding("code", where, FAILED, f"digest {digest} belongs to no commit of the run manifest"))
            continue
        commit, modules = of.origin.code[digest]
        try:
            then = commits.sources(commit).digest(modules)
        except KeyError as error:
            found.append(Finding("code", where, FAILED, f"commit {commit[:7]} has no module {error.args[0]}"))
        except UserError as error:
            found.append(_unseen("code", where, error))
        else:
            compared += count
            if then != digest:
                found.append(Finding("code", where, FAILED, f"digest {digest}, of commit {commit[:7]} {then}"))
    return found, compared


def _rows(
    of: CommittedTables, runs: pd.DataFrame, commits: Commits, schema: Path, digest: PreparedData
) -> tuple[list[Finding], int]:
    try:
        asked = grid(commits.config(of.origin, schema))
    except UserError as error:
        return [_unseen("rows", of.name, error)], 0
    named = {cell.dataset for cell in asked.settings}
    found: list[Finding] = []
    compared = 0
    for (name, seed), same in runs.groupby(["dataset", "seed"]):
        where = f"{of.name}, {name}, seed {seed}"
        if name not in named or not seed.isdecimal():
            allowed = f"a seed and one of {', '.join(sorted(named))}"
            found.append(Finding("rows", where, FAILED, f"{len(same)} runs of runs.csv; allowed: {allowed}"))
            continue
        try:
            now = digest(name, cell_dependencies.dataset(asked.settings, name), int(seed))
        except UserError as error:
            found.append(_unseen("rows", where, error))
            continue
        compared += 1
        others = same[same[_DATA] != now].drop_duplicates(_DATA)
        found += [_other_rows(where, now, row) for row in others.to_dict("records")]
    return found, compared


def _other_rows(where: str, now: str, run: Mapping[str, Any]) -> Finding:
    made_on = run[_PROCESSOR]
    detail = f"digest {now}, committed {run[_DATA]}"
    if made_on == processor():
        return Finding("rows", where, FAILED, detail)
    # whitening in double precision, then rounding to single: of millions of values, a last digit may vary by processor
    return Finding("rows", where, UNKNOWN, f"{detail}, prepared on another processor, {made_on}")


def _unseen(check_name: str, where: str, error: UserError) -> Finding:
    outcome = FAILED if isinstance(error, history.UnknownCommitError) else UNKNOWN
    return Finding(check_name, where, outcome, str(error))
