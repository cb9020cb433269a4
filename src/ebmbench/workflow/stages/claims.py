"""Stage that tests the papers' claims on committed runs: claims.csv and claims.md."""

from __future__ import annotations

from collections.abc import Sequence
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
from ebmbench.reporting.claims.evidence import OTHER_DISTRIBUTION, Tables, gather, has_distribution, reader
from ebmbench.reporting.claims.page import claims_page
from ebmbench.reporting.claims.published import literature
from ebmbench.reporting.claims.unfit_metrics import SCORES, Failing, claimed_columns, without_unfit
from ebmbench.reporting.claims.verdicts import decide, rows, table, verdict
from ebmbench.reporting.comparison.columns import Column
from ebmbench.reporting.comparison.controls import controls, failing
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
    views = rungs.views(asked.claims, by_grid)
    failed = cache(lambda grid: _failing([claim for view in views for claim in view], grid, of_grid(grid)))
    decided = [
        decide([_weighed(claim, of_grid(claim.grid), failed(claim.grid)) for claim in view], asked.level)
        for view in views
    ]
    published = read_literature(reference.parent / "published", SCHEMAS / "published.schema.yaml")
    found: list[dict[str, object]] = []
    for of in rungs.agreed(decided, ladders):
        grid = of.of.claim.grid
        further = _beside(of.of, of_grid(grid), failed(grid), asked.level) | _literature(of.of.claim, published)
        found += rows(of, asked.level, further)
    return Judged(table(found), rungs.table(decided, ladders))


def _weighed(claim: Claim, tables: Tables, failed: Failing) -> Weighed:
    return weigh(claim, without_unfit(claim, gather(claim, tables), failed))


def _failing(claims: Sequence[Claim], grid: str, tables: Tables) -> Failing:
    """Return the columns that claims on a grid compare and that fail a control there."""
    columns = set().union(*(claimed_columns(of) | _of_other_distribution(of) for of in claims if of.grid == grid))
    return failing(controls(tables(SCORES), columns)) if columns else {}


def _of_other_distribution(claim: Claim) -> set[Column]:
    distribution = OTHER_DISTRIBUTION.get(claim.distribution or "")
    return claimed_columns(replace(claim, distribution=distribution)) if distribution else set()


def _beside(of: Weighed, tables: Tables, failed: Failing, level: float) -> dict[str, object]:
    """Return the verdict for the distribution that the claim does not declare, tested alone."""
    distribution = OTHER_DISTRIBUTION.get(of.claim.distribution or "")
    if distribution is None or not has_distribution(of.claim, tables, distribution):
        return {}
    other = replace(of.claim, distribution=distribution)
    found = _weighed(other, tables, failed)
    effect = found.mean.effect if found.mean else found.single.effect if found.single else None
    word = verdict(found.sided, found.p, level)
    return {
        "other_distribution": distribution,
        "other_distribution_effect": effect,
        "other_distribution_p": found.p,
        "other_distribution_verdict": word,
    }


def _literature(claim: Claim, published: pd.DataFrame) -> dict[str, object]:
    if not claim.published or published.empty:
        return {}
    found = literature(claim, published)
    return {"published_for": found.agree, "published_against": found.disagree, "published": found.text}
