"""Stage for calibration on known targets: tables of the studies, their summary, pages and figure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ebmbench.core.errors import UserError
from ebmbench.core.files import write_csv
from ebmbench.experiments.calibration import log_z_study, sampler_study, trained_energies
from ebmbench.experiments.calibration.products import CELLS
from ebmbench.experiments.calibration.summary import WIDE, summarise
from ebmbench.experiments.calibration.targets import PRODUCTS, TARGETS, target
from ebmbench.reporting.figures.log_z_error import log_z_error
from ebmbench.reporting.markdown import write_both
from ebmbench.workflow.stages.study_settings import study_of

#: optional results of another tool, with the columns of log_z.csv and in the same folder
PEER = "peer_log_z.csv"

_LOG_Z = f"""Estimates of log Z on targets with known log Z, over independent repetitions. Energy evaluations count
points and include pilot runs. rmse: root mean squared error in nats over the repetitions with status ok
(± its standard error), lower is better; failed: repetitions in which the method itself reported a failure,
excluded from the other columns; reported: mean standard error reported by the method; covered: fraction of
errors within {WIDE:g} reported standard errors, nearer to .95 is better; bracketed: fraction of repetitions in
which both bounds hold, higher is better; gap: median difference of the bounds in nats, lower is better.
CPU-seconds are medians for one thread."""

_SAMPLERS = f"""Estimates by every sampler of a mean with known true value. Gaussians: the variance relative to the
true variance, averaged over directions. Latent space: the weight of the heavier of two modes, with quadrature
as reference. Products of trained energies: the mean of U(x) - log b(x), a sum of quadratures. Errors are
Monte-Carlo errors of the means of independent chains (SMC: of its populations). An estimate is right within
{sampler_study.WRONG:g} standard errors; z nearer to 0 is better. Chains with R-hat above 1.05 are marked
unconverged, whatever their estimate. R-hat and ESS are the worst over the coordinates and the log-density;
higher ESS per evaluation is better."""

_ENERGIES = f"""Energies trained in the plane, of which trained8, trained16 and trained32 are products. log Z and
the mean energy, E[U(x) - log b(x)], are midpoint sums with {CELLS} x {CELLS} cells; change: by the last
halving of the step. KL: KL(data || model), lower is better."""


def write_energies(out: Path) -> None:
    """Train the energies of the products; write energies.safetensors, energies.csv and energies.md into ``out``."""
    path = out / "energies.safetensors"
    trained_energies.write(path)
    rows = trained_energies.table(trained_energies.read(path))
    write_both(out / "energies", rows, "Trained energies", _ENERGIES, _energies_table(rows))


def write_log_z(name: str, settings: Mapping[str, Any], out: Path, energies: Path | None = None) -> None:
    """Write the rows of the log Z study for the target ``name``; ``energies``: as in ``target``."""
    study = study_of("log_z", log_z_study.LogZStudy, settings)
    write_csv(out, log_z_study.study(name, target(name, energies), study))


def write_samplers(settings: Mapping[str, Any], energies: Path, out: Path) -> None:
    """Run the sampler study and write samplers.csv and samplers.md into the folder ``out``.

    ``energies``: file of the trained energies of which some targets consist.
    """
    rows = sampler_study.study(study_of("samplers", sampler_study.SamplerStudy, settings), energies)
    write_both(out / "samplers", rows, "Samplers", _SAMPLERS, _samplers_table(rows))


def write_summary(parts: Path, out: Path) -> None:
    """Write log_z.csv from the files in ``parts``, its summary, page and figure into the folder ``out``."""
    files = [file for file in (parts / f"{name}.csv" for name in [*TARGETS, *PRODUCTS]) if file.exists()]
    if not files:
        raise UserError(f"{parts}: no results of the log Z study; make them with calibrate_log_z")
    rows = pd.concat([pd.read_csv(file) for file in files], ignore_index=True)
    write_csv(out / "log_z.csv", rows)
    peer = out / PEER
    summary = summarise(pd.concat([rows, pd.read_csv(peer)], ignore_index=True) if peer.exists() else rows)
    write_both(out / "log_z_summary", summary, "log Z", _LOG_Z, _log_z_table(summary))
    log_z_error(summary, out / "log_z_error")


def _energies_table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "data set": rows["dataset"],
            "log Z (nats)": rows["log_z"].map("{:.6f}".format),
            "change": rows["log_z_change"].map(_short),
            "mean energy (nats)": rows["mean_energy"].map("{:.6f}".format),
            "change of it": rows["mean_energy_change"].map(_short),
            "KL (nats)": rows["kl"].map(_short),
        }
    )


def _log_z_table(summary: pd.DataFrame) -> pd.DataFrame:
    errors = [_with_error(*pair) for pair in zip(summary["rmse"], summary["rmse_stderr"], strict=True)]
    return pd.DataFrame(
        {
            "target": summary["target"],
            "method": summary["method"],
            "budget": summary["budget"],
            "runs": summary["repetitions"],
            "failed": summary["failed"],
            "rmse (nats)": errors,
            "reported (nats)": summary["mean_stderr"].map(_short),
            "covered": summary["coverage"].map(_share),
            "bracketed": summary["bracketed"].map(_share),
            "gap (nats)": summary["median_gap"].map(_short),
            "evaluations": summary["energy_evaluations"].map(_count),
            "CPU-seconds": summary["cpu_seconds"].map(_short),
        }
    )


def _samplers_table(rows: pd.DataFrame) -> pd.DataFrame:
    answers = [_with_error(*pair) for pair in zip(rows["value"], rows["stderr"], strict=True)]
    return pd.DataFrame(
        {
            "target": rows["target"],
            "sampler": rows["sampler"],
            "kind": rows["kind"],
            "step size": rows["step_size"].map(_short),
            "acceptance": rows["acceptance"].map(_short),
            "R-hat": rows["rhat"].map(_short),
            "ESS": rows["ess"].map(_count),
            "ESS per 1000 evaluations": (1000 * rows["ess_per_evaluation"]).map(_short),
            "asked": rows["asked"],
            "truth": rows["truth"].map(_short),
            "answer": answers,
            "z": rows["z"].map(_short),
            "mark": rows["mark"],
            "verdict": rows["verdict"],
        }
    )


def _with_error(value: float, error: float) -> str:
    if pd.isna(value):
        return ""
    return _short(value) if pd.isna(error) else f"{value:.4f} ± {error:.1g}"


def _short(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.3g}"


def _share(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.3f}"


def _count(value: float) -> str:
    return "" if pd.isna(value) else f"{value:,.0f}"
