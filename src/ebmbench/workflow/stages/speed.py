"""Stage that reports computing time: core-seconds of committed runs, and the measurements of benchmarks/."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_csv, write_text
from ebmbench.planning.reference_runs import grids
from ebmbench.reporting.markdown import markdown

#: tables that benchmarks/ writes, by file name: title and description
MEASURED = {
    "loss_steps": (
        "Training steps by loss",
        "CPU milliseconds per step, medians of one measurement in which all losses alternate: four layers of 128 SiLU "
        "units, batches of 128 in two dimensions, one thread. plain: a direct implementation of the formula with "
        "torch's default Adam. ours also has the base measure and the moving average. over: ours divided by the other "
        "time, that of the faster package; below 1 ours is faster.",
    ),
    "planning": (
        "Dry runs by size of the grid",
        "Wall-clock seconds of `snakemake -n` before any output exists, with five seeds per job.",
    ),
    "scoring": (
        "Scoring one seed",
        "CPU seconds for all metrics of one seed in two dimensions, with as many samples of each distribution as test "
        "samples.",
    ),
}

_ABOUT = (
    "Training (with tilting), checkpoints (with their exact likelihoods; recorded by newer runs only) and sampling "
    "(with log Z) are seconds from runs.csv, one thread each; fraction is their part of the core-seconds. "
    "Core-seconds cover all invocations: wall-clock seconds times the cores given to Snakemake. They also include data "
    "preparation, process start, scoring, tables, figures, experiments, searches, cores that are idle at the end, and "
    "other programs that ran at the same time."
)


def write_speed(reference: Path, out: Path) -> None:
    """Write core_seconds.csv and speed.md into ``out`` from the committed runs and benchmarks in ``reference``."""
    found = core_seconds(reference)
    write_csv(out / "core_seconds.csv", found)
    pages = [markdown("Core-seconds of committed runs", _ABOUT, _rounded(found))]
    for name, (title, about) in MEASURED.items():
        path = reference / "benchmarks" / f"{name}.csv"
        if path.is_file():
            pages.append(markdown(title, about, _rounded(read_typed(path))))
    write_text(out / "speed.md", "\n#".join(pages))


def core_seconds(reference: Path) -> pd.DataFrame:
    """Return one row per committed grid: runs, core-seconds in total and by part, and the fraction of those parts.

    The parts are training, checkpoints and sampling.
    """
    rows = []
    for grid in grids(reference):
        runs, invocations = (read_typed(reference / grid / f"{name}.csv") for name in ("runs", "invocations"))
        spent = float((invocations["seconds"] * invocations["cores_used"]).sum())
        parts = {"training": _training(runs), "checkpoints": _checkpoints(runs), "sampling": runs["sampling.seconds"]}
        sums = {name: float(seconds.sum()) for name, seconds in parts.items()}
        row = {"grid": grid, "runs": len(runs), "invocations": len(invocations), "core_seconds": spent}
        rows.append(row | sums | {"fraction": sum(sums.values()) / spent})
    return pd.DataFrame(rows)


def _training(runs: pd.DataFrame) -> pd.Series:
    """Return the seconds of each run's own training: for a tilt, without those of the run that it started from."""
    seconds, tilted = runs["train.seconds"].fillna(0.0), _tilted(runs)
    plain = runs[~tilted & (runs["stats"] == "none")]
    begun = plain.set_index(["dataset", "family", "loss", "seed"])["train.seconds"]
    keys = pd.MultiIndex.from_frame(runs[["dataset", "family", "loss", "seed"]])
    before = begun.reindex(keys).fillna(0.0).to_numpy()
    return (seconds - before.clip(max=seconds) * tilted).clip(lower=0)


def _checkpoints(runs: pd.DataFrame) -> pd.Series:
    """Return the seconds of each run's own checkpoints: 0 for a tilt, whose checkpoints belong to the original run."""
    if "train.checkpoint_seconds" not in runs:
        return pd.Series(0.0, index=runs.index)
    return runs["train.checkpoint_seconds"].fillna(0.0).mask(_tilted(runs), 0.0)


def _tilted(runs: pd.DataFrame) -> pd.Series:
    """Return whether each run is a tilt of another."""
    if "provenance.tilted" not in runs:
        return pd.Series(False, index=runs.index)
    return runs["provenance.tilted"].notna()


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Format numbers for readers; missing values are empty."""
    return table.map(_text)


def _text(value: object) -> str:
    if not isinstance(value, int | float):
        return str(value)
    if value != value:
        return ""
    return f"{value:,.3g}" if isinstance(value, float) and value < 1000 else f"{value:,.0f}"
