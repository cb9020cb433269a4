"""Recompute one committed run: Snakemake runs the few jobs that it depends on."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import yaml
from tabulate import tabulate

from ebmbench.core.cells import Job
from ebmbench.core.csv_schema import read_fields
from ebmbench.core.errors import UserError
from ebmbench.core.files import replacing
from ebmbench.planning.rungs import folder_of
from ebmbench.provenance import history
from ebmbench.provenance.audit.recomputed_run import Comparison
from ebmbench.provenance.code_digest import installed
from ebmbench.provenance.environment import absent, processor, versions
from ebmbench.provenance.recorded_run import Configuration, RecordedRun
from ebmbench.workflow.snakemake_call import checkout, snakemake_command

#: what a workflow needs of a checkout
WORKFLOW = ("Snakefile", "workflow", "profiles", "envs", "src")


def about(of: RecordedRun, found: Configuration, root: Path, recorded: bool) -> str:
    """Return lines on the run: its configuration, code, environment and seconds, each compared with those here."""
    same = of.same_code(installed(root.resolve() / "src"))
    here = "unchanged here" if same else "changed or moved since; `--code recorded` runs that of the commit"
    code = "run from a copy of the commit" if recorded else here
    kept = "changed here since, so that of the commit is used" if found.changed else "unchanged here"
    then, now = of.versions, versions()
    searched = of.search()
    trials = f", search {searched.seconds:.0f} ({searched.trials} trials, run again)" if searched else ""
    return "\n".join(
        [
            f"run            {of.name} of {of.folder}",
            f"configuration  {of.origin.configfile} of commit {of.origin.commit[:12]}; {kept}",
            f"code           commit {of.code.commit[:12]}; {code}",
            f"environment    torch {then['torch']}, Python {then['python']}, {of.row['provenance.host.processor']}; "
            f"here torch {now['torch']}, Python {now['python']}, {processor()}",
            f"seconds        training {_seconds(of, 'train')}, sampling {_seconds(of, 'sampling')}{trials}",
        ]
    )


def recompute(of: RecordedRun, found: Configuration, root: Path, out: Path, recorded: bool) -> pd.DataFrame:
    """Run the jobs of a committed run below ``out`` and return its fresh scores, every field as text.

    The configuration is that of the committed run, except for the results folder and the device, which is the one that
    the run reports. ``recorded``: run the code of its commit, not that of the checkout. Files that an earlier call made
    in ``out`` with the same code are not made again. Raises :class:`UserError` if a job fails, if the history lacks the
    commit, or if a package that its code imports is missing.
    """
    out = out.resolve()
    config = out / "config.yaml"
    with replacing(config) as temporary:
        temporary.write_bytes(found.content)
    rung = of.origin.rung
    folder = Job(of.cell, f"{of.seed}-{of.seed}").folder(out if rung is None else folder_of(out, rung))
    judged = yaml.safe_load(found.content).get("extractors", {})
    names = ["scores.csv", *(["image_scores.csv"] if of.cell.dataset in judged else [])]
    if recorded:
        _check_packages(of)
    with _workflow(root.resolve(), of.code.commit if recorded else None) as source:
        settings: dict[str, str | int] = {"results": str(out), "device": of.row["provenance.device"]}
        settings |= {} if rung is None else {"rung": rung}
        _run_jobs([folder / name for name in names], source, root.resolve(), config, settings)
    return pd.concat([read_fields(folder / name) for name in names], ignore_index=True)


def shown(compared: Sequence[Comparison]) -> str:
    """Return the comparisons as a table for a terminal."""
    rows = [(of.number, of.committed, of.fresh, of.verdict) for of in compared]
    return tabulate(rows, ["metric, split, distribution", "committed", "recomputed", "verdict"], disable_numparse=True)


def _check_packages(of: RecordedRun) -> None:
    """Raise :class:`UserError` if a package that the recorded code imports is not installed."""
    if missing := absent(name for name in of.versions if name != "python"):
        needed = ", ".join(f"{name} {of.versions[name]}" for name in missing)
        raise UserError(f"--code recorded: commit {of.code.commit[:12]} needs {needed}; install it, or use --code now")


def _seconds(of: RecordedRun, part: str) -> str:
    return of.row[f"{part}.seconds"] or "none"


@contextmanager
def _workflow(root: Path, commit: str | None) -> Iterator[Path]:
    """Yield the folder of the workflow: the checkout ``root``, or a temporary copy of its ``commit``."""
    if commit is None:
        yield checkout(root)
        return
    with tempfile.TemporaryDirectory(prefix="ebmbench-") as folder:
        for name, content in history.files(root, commit, *WORKFLOW).items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield Path(folder)


def _run_jobs(
    targets: Sequence[Path], source: Path, root: Path, config: Path, settings: Mapping[str, str | int]
) -> None:
    """Run Snakemake in ``root`` for the files ``targets`` alone; raise :class:`UserError` if a job fails."""
    done = subprocess.run(snakemake_command(targets, config, root, settings, source), cwd=root, check=False)
    if done.returncode != 0:
        raise UserError(f"snakemake ended with exit code {done.returncode}; its last lines above name the failed job")
