"""The two groups of commands: ``ebmbench`` for users, and ``ebmbench stage`` for the workflow's rules."""

from __future__ import annotations

import os

import click

#: the headings of the help, each with its commands
HEADINGS = {
    "Your own table": ("choose",),
    "Your own grid": ("init", "rungs"),
    "Your own model": ("rows", "score"),
    "Trained models": ("sample",),
    "Checks": ("audit", "recompute"),
    "Methods": ("methods", "settings"),
    "Committed runs": ("reference", "changelog", "provenance", "tolerances", "pages", "quotes"),
    "Workflow": ("stage",),
}


class Headings(click.Group):
    """A group whose help lists the commands under :data:`HEADINGS`."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one section for each heading."""
        for heading, names in HEADINGS.items():
            with formatter.section(heading):
                formatter.write_dl([(name, self.commands[name].get_short_help_str(limit=200)) for name in names])


def example(words: str) -> str:
    """Return the last lines of a command's help: an example, which click must not wrap."""
    return f"\b\nExample, in a checkout:\n  ebmbench {words}"


@click.group(cls=Headings, epilog="`ebmbench COMMAND --help` shows a command's options and an example.")
def ebmbench() -> None:
    """Benchmark energy-based generative models: score your own, check the results, keep reference runs."""


@click.group()
def stage() -> None:
    """Run one stage of the workflow; `ebmbench stage --help` lists them."""
    # torch reads it at its import: more threads slow small networks down and take the cores of other jobs
    os.environ["OMP_NUM_THREADS"] = "1"
