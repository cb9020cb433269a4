"""The audit of a fresh run and of what is committed: audit.csv and audit.md."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.core.files import write_csv, write_text
from ebmbench.planning.reference_runs import grid_of
from ebmbench.provenance.audit import claim_verdicts, commit_check, documented_numbers, fresh_run
from ebmbench.provenance.audit.finding import FAILED, Finding
from ebmbench.reporting.claims import claim
from ebmbench.reporting.markdown_latex import markdown
from ebmbench.workflow.stages.claims import evaluate

_ABOUT = (
    "A fresh run of {grid} against the committed one in results/reference/{grid}, and what is committed against "
    "itself. keys: the rows that there are; status: of each row; data: digests of the rows that models see; exact: "
    "values of controls, which are not trained, within a relative {rtol:g}; trained: all other values within "
    "{scales:g} times their scale, sqrt(sd over seeds² + 2 stderr²), of the run in which that is less; claims: "
    "verdicts judged again by the committed runs; readme: the cells of its tables against the committed pages. "
    "Of every committed run, by the commit that it names: files: it holds what was put there; config: its "
    "configuration is the commit's; code: each run's is the commit's; rows: prepared again they are those that each "
    "run has seen. unknown: what it takes is not here, such as the history of a checkout, or a data set's files."
)

_LINES = "Each thing that a check found, one a line."


class FailedAuditError(UserError):
    """Something is not as committed: a line each."""

    def __str__(self) -> str:
        return Exception.__str__(self)


def audit(tables: Path, root: Path) -> list[Finding]:
    """Findings on a grid's fresh ``tables`` and on what the checkout ``root`` has committed.

    The committed run is that of the grid's name: the folder of ``tables``, or ``default`` for the default grid's.
    Raises :class:`UserError` for a file that is missing.
    """
    reference = root / "results/reference"
    committed = reference / grid_of(tables.resolve().parent)
    if not committed.is_dir():
        allowed = ", ".join(sorted(path.parent.name for path in reference.glob("*/scores.csv")))
        raise UserError(f"{committed}: no committed run of this grid; allowed: {allowed}")
    found = fresh_run.against(*(read_typed(folder / "scores.csv") for folder in (tables, committed)))
    found += fresh_run.data_digests(*(read_typed(folder / "runs.csv") for folder in (tables, committed)))
    asked = claim.read_claims(root / "config/claims.yaml", root / "workflow/schemas/claims.schema.yaml")
    found += claim_verdicts.changed(evaluate(asked, reference), read_typed(reference / "claims/claims.csv"))
    found += documented_numbers.against((root / "README.md").read_text(encoding="utf-8"), reference)
    return found + commit_check.against(root)


def write_audit(tables: Path, root: Path, out: Path) -> None:
    """Write audit.csv and audit.md into ``out``, whatever is found."""
    found = audit(tables, root)
    write_csv(out / "audit.csv", pd.DataFrame(found, columns=list(Finding._fields)))
    checks = [of for of in found if of.where == "all"]
    shown = pd.DataFrame({"check": of.check, "outcome": of.outcome, "found": of.detail} for of in checks)
    lines = pd.DataFrame({"check": of.check, "where": of.where, "found": of.detail} for of in found if of not in checks)
    about = _ABOUT.format(grid=grid_of(tables.resolve().parent), rtol=fresh_run.RTOL, scales=fresh_run.SCALES)
    write_text(out / "audit.md", f"{markdown('Audit', about, shown)}\n#{markdown('Not as committed', _LINES, lines)}")


def verdict(audited: Path) -> str:
    """What the checks of an audit.csv say, a line a check.

    Raises :class:`FailedAuditError` with a line for everything that is not as committed.
    """
    found = [Finding(**row) for row in read_typed(audited).to_dict("records")]
    failed = [of.line for of in found if of.outcome == FAILED]
    if failed:
        raise FailedAuditError("\n".join([f"not as committed, by {audited}", *failed]))
    return "\n".join(of.line for of in found)
