"""Try `ebmbench choose` on four tables, and compare its recommendation with the best of a grid without a time limit.

    python benchmarks/choosing.py --minutes 20 --out results/choosing       # --table diabetes: one of them

On two cores a table takes the given minutes and half an hour to an hour for its grid. All choices come first, on a
quiet machine; the same command goes on where it was stopped, with a choice that was stopped from its start. The csv has
a row per table: how long the choice took, what it recommends, the likelihood of held-out rows by that method as chosen
and by the best of the grid, their difference paired by seed, and on the table drawn from a known mixture the exact KL
of both.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import logsumexp
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

import ebmbench
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import read_json, write_csv, write_json, write_text
from ebmbench.reporting.comparison.paired import paired
from ebmbench.workflow.choose.choice import Choosing, Table
from ebmbench.workflow.choose.grid_file import Size, grid_text
from ebmbench.workflow.choose.time_plan import FIRST, MOST_STEPS, MOST_TRIALS
from ebmbench.workflow.snakemake_call import snakemake_command

#: the grid that has no time limit: twice the steps and twice the trials that a choice plans at most
FULL = Size(2 * FIRST.steps * MOST_STEPS, 2 * MOST_TRIALS)

#: rows of the known table, and fresh points of it at which KL is the mean of log p - log q
ROWS, POINTS = 4000, 20_000

#: the known table: weights, means and one covariance factor of a mixture in four dimensions
WEIGHTS = np.array([0.5, 0.3, 0.2])
MEANS = np.array([[0.0, 0.0, 0.0, 0.0], [3.0, 3.0, 0.0, -2.0], [-3.0, 2.0, 3.0, 1.0]])
FACTOR = np.array([[1.0, 0.0, 0.0, 0.0], [0.6, 0.8, 0.0, 0.0], [0.0, 0.5, 0.7, 0.0], [0.3, 0.0, -0.4, 0.6]])


def mixture(n: int, seed: int) -> pd.DataFrame:
    """Draw ``n`` rows of the known table."""
    draw = np.random.default_rng(seed)
    component = draw.choice(len(WEIGHTS), size=n, p=WEIGHTS)
    x = MEANS[component] + draw.standard_normal((n, MEANS.shape[1])) @ FACTOR.T
    return pd.DataFrame(x, columns=list("abcd"))


def log_density(x: np.ndarray) -> np.ndarray:
    """Compute the log-density of the known table at ``x: (n, 4)``, ``(n,)``."""
    u = (x[:, None] - MEANS) @ np.linalg.inv(FACTOR).T
    log_norm = MEANS.shape[1] / 2 * np.log(2 * np.pi) + np.log(np.abs(np.linalg.det(FACTOR)))
    return logsumexp(np.log(WEIGHTS) - 0.5 * (u**2).sum(-1) - log_norm, axis=1)


#: tables by name
TABLES: Mapping[str, Callable[[], pd.DataFrame]] = {
    "diabetes": lambda: load_diabetes(as_frame=True, scaled=False).frame,
    "breast_cancer": lambda: load_breast_cancer(as_frame=True).data,
    "wine": lambda: load_wine(as_frame=True).data,
    "mixture": lambda: mixture(ROWS, 0),
}


class Run(NamedTuple):
    """Trained methods of a grid on one table: the ``folder`` of its runs, and likelihoods, methods by seeds."""

    folder: Path
    nll: pd.DataFrame

    @classmethod
    def read(cls, results: Path, dataset: str) -> Run:
        """Read the held-out negative log-likelihoods of the trained methods on a data set."""
        scores = read_typed(results / "tables/scores.csv")
        rows = scores[
            (scores["metric"] == "nll")
            & (scores["split"] == "test")
            & (scores["distribution"] == "model")
            & (scores["status"] == "ok")
            & (scores["loss"] != "none")
        ]
        methods = rows["family"] + "-" + rows["loss"] + "-" + rows["stats"]
        table = rows.assign(method=methods).pivot(index="method", columns="seed", values="value")
        return cls(results / "runs" / dataset, table.astype(float))

    def best(self) -> str:
        """Return the method with the lowest mean, among those with a likelihood on every seed."""
        return str(self.nll.dropna().mean(axis="columns").idxmin())

    def kl(self, method: str, seed: int = 0) -> float:
        """Return the KL divergence from the known table to a method's model, in nats, in the table's own units."""
        rows = mixture(POINTS, 1)
        model = ebmbench.load_run(self.folder / method, seed=seed)
        return float((log_density(rows.to_numpy()) - np.asarray(model.log_prob(rows))).mean())


def compared(chosen: Run, method: str, full: Run) -> dict[str, Any]:
    """Compare a method as chosen with the best of the full grid, by seed; within: it is not shown to be worse."""
    best = full.best()
    gap = paired(chosen.nll.loc[method], full.nll.loc[best])
    return {
        "recommended": method,
        "nll": chosen.nll.loc[method].mean(),
        "best": best,
        "best_nll": full.nll.loc[best].mean(),
        "gap": gap.mean,
        "gap_ci_low": gap.ci_low,
        "gap_ci_high": gap.ci_high,
        "within": bool(gap.ci_low <= 0),
    }


def exact(chosen: Run, method: str, full: Run) -> dict[str, float]:
    """Return the exact KL of the recommended method and the least of all methods of both grids."""
    of_chosen, of_full = ({name: run.kl(name) for name in run.nll.dropna().index} for run in (chosen, full))
    return {"kl": of_chosen[method], "least_kl": min(*of_chosen.values(), *of_full.values())}


#: what is compared on tables whose density is known
OF_KNOWN = {"mixture": (compared, exact)}


class Choice(NamedTuple):
    """A finished choice: its wall time, the ``results`` that it rests on, the recommended method, how many are tied."""

    minutes: float
    seconds: int
    results: str
    method: str
    tied: int


def choose(name: str, minutes: float, out: Path, root: Path) -> Choice:
    """Choose a method for a table, or read what an earlier call has chosen in the same minutes."""
    folder, path = out / name, out / f"{name}.csv"
    finished = folder / "choice.json"
    earlier = Choice(**read_json(finished)) if finished.exists() else None
    if earlier is not None and earlier.minutes == minutes:
        return earlier
    shutil.rmtree(folder, ignore_errors=True)  # what a stopped choice has already run would take no time
    out.mkdir(parents=True, exist_ok=True)
    TABLES[name]().to_csv(path, index=False)
    begun = time.monotonic()
    found = Choosing(Table.of(path, {}), folder, root, minutes, None, print).run()
    seconds = round(time.monotonic() - begun)
    choice = Choice(minutes, seconds, str(found.results), found.cell.method, len(found.tied))
    write_json(finished, choice._asdict())
    return choice


def against_full_grid(name: str, choice: Choice, out: Path, root: Path) -> dict[str, Any]:
    """Run a table's full grid, and return the row that compares the choice with it."""
    folder, table = out / name, Table.of(out / f"{name}.csv", {})
    config = folder / "full.yaml"
    write_text(config, grid_text(*table, folder / "full", FULL))
    command = [*snakemake_command([], config, root, {}), "--cores", "all", "--quiet", "rules", "--rerun-incomplete"]
    subprocess.run(command, cwd=root, check=True)
    chosen, full = (Run.read(results, table.name) for results in (Path(choice.results), folder / "full"))
    row = {"table": name, "minutes": choice.minutes, "seconds": choice.seconds, "tied": choice.tied}
    for comparison in OF_KNOWN.get(name, (compared,)):
        row |= comparison(chosen, choice.method, full)
    return row


def record(path: Path, row: Mapping[str, Any]) -> None:
    """Write a table's row to the csv, in place of an earlier one of it; rows of other tables stay."""
    earlier = read_typed(path) if path.exists() else pd.DataFrame({"table": []})
    others = earlier[earlier["table"] != row["table"]]
    write_csv(path, pd.concat([others, pd.DataFrame([row])]) if len(others) else pd.DataFrame([row]))


def main() -> int:
    """Write the csv, a row as soon as a table is done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", choices=list(TABLES), action="append", help="default: all")
    parser.add_argument("--minutes", type=float, default=20.0, help="for each choice")
    parser.add_argument("--out", type=Path, default=Path("results/choosing"), help="folder for tables and results")
    options = parser.parse_args()
    out, root = options.out.absolute(), Path(__file__).parents[1]
    choices = {name: choose(name, options.minutes, out, root) for name in options.table or TABLES}
    for name, choice in choices.items():
        row = against_full_grid(name, choice, out, root)
        record(out / "choosing.csv", row)
        print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
