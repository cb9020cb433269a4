"""``ebmbench stage``: the stages about committed results: audit, claims, published numbers and the static page."""

from __future__ import annotations

import click

from ebmbench.workflow.cli.group import stage
from ebmbench.workflow.cli.options import AnyPath, command


@command(stage)
def audit_page(tables: AnyPath, root: AnyPath, out: AnyPath) -> None:
    """Write the audit of a fresh run against the committed one; a failed check is no error here."""
    from ebmbench.workflow.stages.audit import write_audit

    write_audit(tables, root, out)


@command(stage)
def audited(found: AnyPath) -> None:
    """Print the checks of a written audit; fail if one of them failed."""
    from ebmbench.workflow.stages.audit import verdict

    click.echo(verdict(found))


@command(stage)
def claims(claims: AnyPath, schema: AnyPath, reference: AnyPath, out: AnyPath) -> None:
    """Evaluate the papers' claims on the committed runs."""
    from ebmbench.workflow.stages.claims import write_claims

    write_claims(claims, schema, reference, out)


@command(stage)
def published(tables: AnyPath, published: AnyPath, schema: AnyPath) -> None:
    """Compare the grid's numbers with those of the literature."""
    from ebmbench.workflow.stages.literature import write_literature_comparison

    write_literature_comparison(tables, published, schema)


@command(stage)
def speed(reference: AnyPath, out: AnyPath) -> None:
    """Write the cost of the suite beyond training."""
    from ebmbench.workflow.stages.speed import write_speed

    write_speed(reference, out)


@command(stage)
def site(results: AnyPath, out: AnyPath) -> None:
    """Write the static page of committed results."""
    from ebmbench.workflow.stages.site import write_site

    write_site(results, out)
