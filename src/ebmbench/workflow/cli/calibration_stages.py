"""``ebmbench stage``: the stages that calibrate samplers, log Z estimators and the rules of decision."""

from __future__ import annotations

from typing import Annotated, Any

from ebmbench.workflow.cli.group import stage
from ebmbench.workflow.cli.options import AnyPath, OptionalPath, Parsed, command, json_object

OptionalJson = Annotated[dict[str, Any] | None, Parsed("json", json_object), "overrides of the defaults"]


@command(stage)
def calibrate_energies(out: AnyPath) -> None:
    """Train the energies of which some targets of the calibration consist."""
    from ebmbench.workflow.stages.calibrate import write_energies

    write_energies(out)


@command(stage)
def calibrate_log_z(name: str, out: AnyPath, settings: OptionalJson = None, energies: OptionalPath = None) -> None:
    """Estimate log Z of a target with a known answer, repeatedly."""
    from ebmbench.workflow.stages.calibrate import write_log_z

    write_log_z(name, settings or {}, out, energies)


@command(stage)
def calibrate_samplers(energies: AnyPath, out: AnyPath, settings: OptionalJson = None) -> None:
    """Run every sampler on targets with known answers."""
    from ebmbench.workflow.stages.calibrate import write_samplers

    write_samplers(settings or {}, energies, out)


@command(stage)
def calibrate_summary(tables: AnyPath, out: AnyPath) -> None:
    """Write the tables and the figure of the log Z study from its parts."""
    from ebmbench.workflow.stages.calibrate import write_summary

    write_summary(tables, out)


@command(stage)
def calibrate_known_scores(name: str, out: AnyPath, settings: OptionalJson = None) -> None:
    """Score methods of known order on a problem."""
    from ebmbench.workflow.stages.known_order_scores import write_scores

    write_scores(name, settings or {}, out)


@command(stage)
def calibrate_known_rates(name: str, tables: AnyPath, out: AnyPath, settings: OptionalJson = None) -> None:
    """Measure how often the rules decide rightly by a metric, from the scores of methods of known order."""
    from ebmbench.workflow.stages.known_order_rates import write_rates

    write_rates(name, tables, settings or {}, out)


@command(stage)
def calibrate_matched_rates(name: str, out: AnyPath, settings: OptionalJson = None) -> None:
    """Measure how often the equivalence test of moments is right about oracles tilted by known amounts."""
    from ebmbench.workflow.stages.known_order_rates import write_matched_rates

    write_matched_rates(name, settings or {}, out)


@command(stage)
def calibrate_known_order(tables: AnyPath, out: AnyPath) -> None:
    """Write the table, page and figure of methods of known order from their parts."""
    from ebmbench.workflow.stages.known_order_rates import write_known_order

    write_known_order(tables, out)
