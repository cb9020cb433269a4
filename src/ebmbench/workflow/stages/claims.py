"""Stage that tests the papers' claims on committed runs: claims.csv and claims.md."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ebmbench.core.files import write_csv, write_text
from ebmbench.core.schemas import SCHEMAS
from ebmbench.planning.reference_runs import rungs_of
from ebmbench.reporting.claims import rungs
from ebmbench.reporting.claims.claim import Claim, Claims, read_claims
from ebmbench.reporting.claims.combine import Weighed, weigh
from ebmbench.reporting.claims.evidence import OTHER_LAW, Tables, gather, has_law, reader
from ebmbench.reporting.claims.page import claims_page
from ebmbench.reporting.claims.published import literature
from ebmbench.reporting.claims.verdicts import decide, rows, table, verdict
from ebmbench.reporting.comparison.literature import read_literature


class Judged(NamedTuple):
    """The table of all verdicts, and the verdicts at each rung of the claims on grids with rungs."""

    table: pd.DataFrame
    by_rung: pd.DataFrame


def write_claims(claims: Path, schema: Path, reference: Path, out: Path) -> None:
    """Judge the ``claims`` by the committed runs in ``reference``; write claims.csv and claims.md into ``out``."""
    asked = read_claims(claims, schema)
    found = judge(asked, reference)
    write_csv(out / "claims.csv", found.table)
    write_text(out / "claims.md", claims_page(found.table, asked.level, found.by_rung))


def evaluate(asked: Claims, reference: Path) -> pd.DataFrame:
    """Return the table of all verdicts: that of :func:`judge`."""
    return judge(asked, reference).table


def judge(asked: Claims, reference: Path) -> Judged:
    """Judge the claims; literature results are those in ``published`` next to ``reference``.

    A claim on a grid with committed rungs is judged at each (:mod:`~ebmbench.reporting.claims.rungs`).
    """
    of_grid = cache(lambda grid: reader(reference / grid))
    by_grid = {claim.grid: rungs_of(reference, claim.grid) for claim in asked.claims}
    ladders = [by_grid[claim.grid] for claim in asked.claims]
    decided = [
        decide([weigh(claim, gather(claim, of_grid(claim.grid))) for claim in view], asked.level)
        for view in rungs.views(asked.claims, by_grid)
    ]
    published = read_literature(reference.parent / "published", SCHEMAS / "published.schema.yaml")
    found: list[dict[str, object]] = []
    for of in rungs.agreed(decided, ladders):
        further = _beside(of.of, of_grid(of.of.claim.grid), asked.level) | _literature(of.of.claim, published)
        found += rows(of, asked.level, further)
    return Judged(table(found), rungs.table(decided, ladders))


def _beside(of: Weighed, tables: Tables, level: float) -> dict[str, object]:
    """Return the verdict for the distribution that the claim does not declare, tested alone."""
    law = OTHER_LAW.get(of.claim.law or "")
    if law is None or not has_law(of.claim, tables, law):
        return {}
    other = replace(of.claim, law=law)
    found = weigh(other, gather(other, tables))
    effect = found.mean.effect if found.mean else found.single.effect if found.single else None
    word = verdict(found.sided, found.p, level)
    return {"other_law": law, "other_law_effect": effect, "other_law_p": found.p, "other_law_verdict": word}


def _literature(claim: Claim, published: pd.DataFrame) -> dict[str, object]:
    if not claim.published or published.empty:
        return {}
    found = literature(claim, published)
    return {"published_for": found.agree, "published_against": found.disagree, "published": found.text}
