"""Verbs of the command line that users call by hand, not the workflow."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

#: the data sets, evaluation sets and committed tables that a command means, in a checkout
CONFIG, SCHEMA, REFERENCE = "config/config.yaml", "workflow/schemas/config.schema.yaml", "results/reference"


def score(arguments: argparse.Namespace) -> None:
    """Score samples of your own, and place them beside the committed tables."""
    from ebmbench.models.statistics.sets import load_set
    from ebmbench.planning.statistic_sets import parts_of
    from ebmbench.workflow.stages.external_samples import write_external_scores

    config = _config(arguments)
    sets = {name: load_set(parts_of(name, config["sets"], "config: evaluate")) for name in config["evaluate"]}
    dataset, a = _dataset(arguments.dataset, config), arguments
    out = a.out or Path("results/given", a.samples.stem)
    print(write_external_scores(a.samples, a.dataset, dataset, a.seed, sets, a.root / REFERENCE, out))
    print(f"written: {out}/scores.csv, {out}/placed.md")


def rows(arguments: argparse.Namespace) -> None:
    """Write the rows of a data set's seed as .npz: what to train and judge on."""
    from ebmbench.workflow.stages.external_samples import write_rows

    write_rows(arguments.dataset, _dataset(arguments.dataset, _config(arguments)), arguments.seed, arguments.out)


def audit(arguments: argparse.Namespace) -> None:
    """Compare a grid's fresh tables with the committed run, and what is committed with itself."""
    from ebmbench.workflow.stages.audit import verdict, write_audit

    write_audit(arguments.tables, arguments.root, arguments.out)
    print(verdict(arguments.out / "audit.csv"))


def methods(arguments: argparse.Namespace) -> None:
    """Print the page of all methods, each with its formula, source and file."""
    from ebmbench.reporting.methods_page import methods_page

    print(methods_page(), end="")


def changes(arguments: argparse.Namespace) -> None:
    """Write into the change log what a grid's fresh tables change in the committed run."""
    from datetime import UTC, datetime

    from ebmbench.workflow.stages.changelog import write_changelog

    write_changelog(arguments.tables, arguments.committed, arguments.log, datetime.now(UTC).date())


def provenance(arguments: argparse.Namespace) -> None:
    """Write where a committed run is from: its commit, configuration, code and files."""
    from ebmbench.workflow.stages.run_manifest import write_run_manifest

    write_run_manifest(arguments.committed, arguments.configfile, arguments.root, arguments.commit or ["HEAD"])


def add(verbs: Any) -> None:
    """Add the commands' parsers to ``verbs``."""
    verb = verbs.add_parser("audit", help=audit.__doc__)
    verb.set_defaults(function=audit)
    verb.add_argument("--tables", type=Path, default=Path("results/smoke/tables"), help="the fresh ones (%(default)s)")
    verb.add_argument("--root", type=Path, default=Path(), help="the checkout (here)")
    verb.add_argument("--out", type=Path, default=Path("results/audit"), help="folder to write (%(default)s)")
    verbs.add_parser("methods", help=methods.__doc__).set_defaults(function=methods)
    verb = verbs.add_parser("changes", help=changes.__doc__)
    verb.set_defaults(function=changes)
    verb.add_argument("--tables", type=Path, required=True, help="the fresh ones")
    verb.add_argument("--committed", type=Path, required=True, help="the folder that they are to replace")
    verb.add_argument("--log", type=Path, default=Path("CHANGELOG.md"), help="the change log (%(default)s)")
    verb = verbs.add_parser("provenance", help=provenance.__doc__)
    verb.set_defaults(function=provenance)
    verb.add_argument("--committed", type=Path, required=True, help="the committed run's folder")
    verb.add_argument("--configfile", required=True, help="its configuration, below the checkout")
    verb.add_argument("--commit", action="append", help="that it was run with (HEAD); again for more than one")
    verb.add_argument("--root", type=Path, default=Path(), help="the checkout (here)")
    for function in (score, rows):
        verb = verbs.add_parser(function.__name__, help=function.__doc__)
        verb.set_defaults(function=function)
        if function is score:
            verb.add_argument("--samples", type=Path, required=True, help=".npz with samples (N, D), log-densities")
        verb.add_argument("--dataset", required=True, help="an entry of the configuration")
        verb.add_argument("--seed", type=int, default=0, help="of the data set's split and draws (0)")
        verb.add_argument("--configfile", type=Path, default=None, help=f"the configuration ({CONFIG})")
        verb.add_argument("--root", type=Path, default=Path(), help="the checkout (here)")
        verb.add_argument("--out", type=Path, default=None, required=function is rows, help="folder or file to write")


def _config(arguments: argparse.Namespace) -> dict[str, Any]:
    import yaml

    from ebmbench.core.errors import UserError
    from ebmbench.planning.config import check

    path = arguments.configfile or arguments.root / CONFIG
    if not path.is_file():
        raise UserError(f"{path}: the file is missing; run this in a checkout, or give --root or --configfile")
    return check(yaml.safe_load(path.read_text(encoding="utf-8")), arguments.root / SCHEMA)


def _dataset(name: str, config: dict[str, Any]) -> Any:
    from ebmbench.core import plugins
    from ebmbench.core.errors import UserError

    if name not in config["datasets"]:
        raise UserError(f"--dataset {name}: no entry of the configuration; allowed: {', '.join(config['datasets'])}")
    return plugins.load_entry("dataset", name, config["datasets"][name])
