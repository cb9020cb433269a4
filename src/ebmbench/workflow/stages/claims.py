"""Stage that tests the papers' claims on committed runs: claims.csv and claims.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ebmbench.core.files import write_csv, write_text
from ebmbench.reporting.claims import claim, evidence
from ebmbench.reporting.claims.verdicts import ALL, judge, table
from ebmbench.reporting.comparison.tables import interval_text
from ebmbench.reporting.markdown_latex import markdown

_ABOUT = (
    "Claims of the three papers that committed runs can test, in our words. Verdict on an entry: held if the whole "
    "interval of the difference supports the claim, not held if the whole interval contradicts it, otherwise "
    "undecided. Overall verdict: held if held on at least half of the entries and contradicted on none; not held if "
    "not held on at least half. The intervals of a claim hold simultaneously with probability {sure:.0%}. Unless a "
    "grid states otherwise, the settings are ours: a claim that is not held here may hold in the paper's own setting."
)

_EACH = (
    "The difference in the direction of the claim with its simultaneous interval; margins are in config/claims.yaml. "
    "pairs: pairs compared; lost: pairs without a value on one side. Tests: paired by seed (Student's t), normal "
    "(means with their own errors), numbers (exact values, or a comparison with a floor that is a quantile)."
)


def write_claims(claims: Path, schema: Path, reference: Path, out: Path) -> None:
    """Judge the ``claims`` by the committed runs in ``reference``; write claims.csv and claims.md into ``out``."""
    asked = claim.read_claims(claims, schema)
    found = evaluate(asked, reference)
    write_csv(out / "claims.csv", found)
    write_text(out / "claims.md", _page(found, asked.level))


def evaluate(asked: claim.Claims, reference: Path) -> pd.DataFrame:
    """Return the table of all verdicts."""
    tables: dict[tuple[str, str], pd.DataFrame] = {}
    rows: list[dict[str, object]] = []
    for entry in asked.claims:
        key = (entry.grid, entry.table)
        if key not in tables:
            tables[key] = evidence.read_evidence(entry, reference)
        rows += judge(entry, evidence.gather(entry, tables[key]), asked.level)
    return table(rows)


def _page(found: pd.DataFrame, level: float) -> str:
    together, each = found[found["on"] == ALL], found[found["on"] != ALL]
    about = _ABOUT.format(sure=1 - level)
    claims = pd.DataFrame([_claimed(row) for row in together.to_dict("records")])
    entries = pd.DataFrame([_judged(row) for row in each.to_dict("records")])
    return f"{markdown('Claims', about, claims)}\n#{markdown('Verdicts by entry', _EACH, entries)}"


def _claimed(row: dict[str, object]) -> dict[str, object]:
    counts = ", ".join(_counts(row))
    return {"claim": row["claim"], "source": row["source"], "verdict": row["verdict"], "entries": counts}


def _counts(row: dict[str, object]) -> Sequence[str]:
    return [f"{row[name]} {name.replace('_', ' ')}" for name in ("held", "not_held", "undecided") if row[name]]


def _judged(row: dict[str, Any]) -> dict[str, Any]:
    effect = interval_text(row["effect"], row["ci_high"] - row["effect"]) if row["pairs"] else "—"
    pairs = f"{row['pairs']}" + (f" ({row['lost']} lost)" if row["lost"] else "")
    named = {"claim": row["id"], "on": row["on"], "verdict": row["verdict"], "difference": effect, "unit": row["unit"]}
    return named | {"pairs": pairs, "test": row["test"]}
