"""Stage that reports computing time: core-seconds of committed runs, and the measurements of benchmarks/."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_csv, write_text
from ebmbench.planning.reference_runs import grids
from ebmbench.reporting.markdown_latex import markdown

#: tables that benchmarks/ writes, by file name: title and description
MEASURED = {
    "loss_steps": (
        "A training step by each loss",
        "Milliseconds of the processor a step, medians of one session in which all alternate: four layers of 128 SiLU "
        "units, batches of 128 in the plane, one thread. plain: the formula written down with torch's default Adam. "
        "ours has the base measure and the moving average besides. over: ours divided by the other, by the faster of "
        "the packages; below 1 ours is faster.",
    ),
    "planning": (
        "A dry run against the size of the grid",
        "Seconds of the clock of `snakemake -n`, nothing of the grid made yet, five seeds a job.",
    ),
    "scoring": (
        "Scoring a seed against its test rows",
        "Seconds of the processor for all metrics of one seed in the plane, as many draws of each law as test rows.",
    ),
}

_ABOUT = (
    "Training, with what tilts take, checkpoints with their exact likelihoods (told by newer runs only), and sampling "
    "with log Z are seconds of runs.csv, a thread each; share is of all three. Core-seconds are "
    "those of all invocations: seconds by the clock times the cores given to Snakemake. What else they hold: data, "
    "start of processes, scoring, tables, figures, experiments, searches, cores that wait at the end, and what ran "
    "beside."
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
        rows.append(row | sums | {"share": sum(sums.values()) / spent})
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
