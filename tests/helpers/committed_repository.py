"""A repository with a committed run: its configuration, its table of runs, and what the audit finds in it."""

from __future__ import annotations

import subprocess

import pandas as pd

from ebmbench.data.interface import digest_of
from ebmbench.data.moons import Moons
from ebmbench.planning import code_modules
from ebmbench.planning.config import check, grid
from ebmbench.provenance import manifest
from ebmbench.provenance.audit.commit_check import against
from ebmbench.provenance.code_digest import installed
from ebmbench.provenance.environment import processor
from tests.helpers.paths import ROOT

SCHEMA = ROOT / "src/ebmbench/core/schemas/config.schema.yaml"
CONFIG = {
    "datasets": {"moons": {"train": 50, "val": 50, "test": 50}},
    "families": {"ebm": {}},
    "losses": {"ed": {}, "dsm": {}},
    "stats": {"none": {}},
}


def git(folder, *words):
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", folder, *who, *words], check=True, capture_output=True)


def runs_of(folder):
    """runs.csv as a run of the code that there is in ``folder`` would write it."""
    asked = grid(check(CONFIG, SCHEMA))
    rows = digest_of(Moons(**CONFIG["datasets"]["moons"]).splits(0))
    return pd.DataFrame(
        {
            **job.cell._asdict(),
            "seed": 0,
            "run": job.cell.run(0),
            "provenance.code_digest": installed(folder / "src").digest(
                code_modules.of_run(check(CONFIG, SCHEMA), asked, job.cell)
            ),
            "provenance.data_digest": rows,
            "provenance.host.processor": processor(),
        }
        for job in asked.jobs
    )


def outcomes(folder):
    found = against(folder)
    return {line.check: line.outcome for line in found if line.where == "all"}, [
        line for line in found if line.where != "all"
    ]


def sealed(reference):
    """Say of the files that they are what was put there, so that other checks are asked."""
    reported = manifest.read_manifest(reference)
    manifest.write_manifest(reference, reported._replace(files=manifest.digests(reference)))


def doctored(reference, column, value):
    runs = pd.read_csv(reference / "runs.csv")
    runs.loc[0, column] = value
    runs.to_csv(reference / "runs.csv", index=False)
    sealed(reference)
