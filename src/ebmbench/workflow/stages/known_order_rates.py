"""Stage that measures how often the benchmark's rules decide wrongly about methods of known order, and their power."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.core.files import write_csv, write_text
from ebmbench.experiments.calibration.known_order import tilted_oracle
from ebmbench.experiments.calibration.known_order.decisions import decisions
from ebmbench.experiments.calibration.known_order.measured import METRICS, SIZES
from ebmbench.experiments.calibration.known_order.page import CURVES, page
from ebmbench.experiments.calibration.known_order.problems import PROBLEMS
from ebmbench.experiments.calibration.known_order.rates import in_order, rates
from ebmbench.experiments.calibration.known_order.study import KnownOrderStudy
from ebmbench.reporting.comparison.equivalence import MARGIN
from ebmbench.reporting.figures.known_order import known_order
from ebmbench.workflow.stages.study_settings import study_of


def write_rates(metric: str, parts: Path, settings: Mapping[str, Any], out: Path) -> None:
    """Write how often each rule decides rightly by ``metric``, from the scores of all problems in ``parts``."""
    if metric not in METRICS:
        raise UserError(f"metric {metric!r} of methods of known order is unknown; {allowed_names(metric, METRICS)}")
    scores = pd.concat([_part(parts / f"{name}.csv") for name in PROBLEMS], ignore_index=True)
    write_csv(out, rates(decisions(metric, scores, study_of("known_order", KnownOrderStudy, settings))))


def write_matched_rates(name: str, settings: Mapping[str, Any], out: Path) -> None:
    """Write how often the equivalence test of moments is right about tilted oracles of the sizes ``name``."""
    if name not in SIZES:
        raise UserError(f"sizes {name!r} of tilted oracles are unknown; {allowed_names(name, SIZES)}")
    study = study_of("known_order", KnownOrderStudy, settings)
    distances = [MARGIN * tilt for tilt in tilted_oracle.TILTS]
    runs = tilted_oracle.pool(distances, SIZES[name], study.tilted)
    write_csv(out, rates(tilted_oracle.decisions(name, runs)))


def write_known_order(parts: Path, out: Path) -> None:
    """Write known_order.csv, its page and figure into the folder ``out``, from the rates in ``parts``."""
    table = in_order(pd.concat([_part(parts / f"{name}.csv") for name in (*METRICS, *SIZES)], ignore_index=True))
    write_csv(out / "known_order.csv", table)
    write_text(out / "known_order.md", page(table))
    known_order(table, CURVES, out / "known_order_rates")


def _part(path: Path) -> pd.DataFrame:
    if not path.exists():
        raise UserError(f"{path}: the file is missing; make it with `snakemake calibration`")
    return read_typed(path)
