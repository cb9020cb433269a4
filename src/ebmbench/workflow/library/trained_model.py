"""A trained model of a run, in the units of its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ebmbench.core import files
from ebmbench.core.errors import UserError
from ebmbench.core.local_files import LocalFile
from ebmbench.core.seeds import generator
from ebmbench.inference.likelihoods.interface import LogZ, Normalisation, Problem
from ebmbench.inference.sampling import SampleSettings, normalise, sample
from ebmbench.models.blocks import log_density_in_blocks, score_in_blocks
from ebmbench.models.interface import Density, Model
from ebmbench.planning.statistic_sets import parts_with_means
from ebmbench.reporting.number_text import number_text
from ebmbench.training.moment_matching.posthoc import PostHoc
from ebmbench.training.moment_solver import solve_moments_of_rows
from ebmbench.workflow.library.run_folder import RunFolder
from ebmbench.workflow.library.units import Rows, Units
from ebmbench.workflow.library.whole_numbers import checked_number, checked_seed
from ebmbench.workflow.stages.sample import Plan
from ebmbench.workflow.stages.tilt import untilted
from ebmbench.workflow.stages.trained_runs import TrainedJob, problem_of

if TYPE_CHECKING:
    import pandas as pd

CPU = torch.device("cpu")

#: number of samples from which log Z is estimated anew
SAMPLES = 10_000


@dataclass(frozen=True, repr=False)
class TrainedModel:
    """A trained model; densities and samples are in the units of the data set, with its columns.

    ``log_z``: estimate of log Z with ``stderr``, its standard error in nats, as the run recorded it; ``units``: the
    columns and the map to the coordinates in which the model was trained. Tables of rounded values were dequantised, so
    densities are those of the values plus noise.
    """

    run: str
    units: Units
    log_z: LogZ
    model: Model
    job: TrainedJob
    plan: Plan
    seed: int

    @classmethod
    def of(cls, folder: str | Path, seed: int) -> TrainedModel:
        """Read the run of ``seed`` in ``folder``, ``{results}/runs/{dataset}/{family}-{loss}-{stats}``.

        Raises :class:`UserError` if there is no such run, or if its training failed.
        """
        place = RunFolder.find(Path(folder), seed)
        trained = place.stage("run.json")
        if trained["status"] != "ok":
            raise UserError(
                f"{place.folder}: the training of seed {seed} ended with {trained['status']}: {trained['reason']}"
            )
        job = TrainedJob.of(place.folder, place.data)
        sampled = place.stage("sampling.json")
        return cls(
            job.cell.run(seed),
            _units(job, seed),
            _recorded_log_z(place, sampled),
            job.model(seed, CPU),
            job,
            Plan.of(sampled["settings"]),
            seed,
        )

    def __repr__(self) -> str:
        """Return a line with the run, its columns and log Z, without weights."""
        return f"<TrainedModel {self.run}: {self.units.columns_text}; {self._density_text}>"

    @property
    def columns(self) -> Sequence[str]:
        """The names of the data set's columns."""
        return self.units.columns

    def log_prob(self, x: Rows) -> np.ndarray:
        """Return the normalised log-density at ``x: (N, D)``, ``(N,)``, in nats per row in the data's own units.

        log p(x) = -U(z) - log Z + log |det dz/dx|, with z the coordinates of the model. All values share the error
        ``log_z.stderr``. Raises :class:`UserError` for a model without a density, or if its log Z could not be
        estimated.
        """
        if self.log_z.status != "ok":
            raise UserError(f"{self.run}: no log-density, because log Z is {self.log_z.status}: {self.log_z.reason}")
        values = log_density_in_blocks(self._density, self.units.to_model(x))
        return (values - self.log_z.value + self.units.coordinates.log_det).numpy()

    def energy(self, x: Rows) -> np.ndarray:
        """Return the energy U at ``x: (N, D)``, ``(N,)``, in nats, up to a constant: lower is more likely."""
        return -log_density_in_blocks(self._density, self.units.to_model(x)).numpy()

    def score(self, x: Rows) -> np.ndarray:
        """Return the score, the gradient of the log-density in x, at ``x: (N, D)``, ``(N, D)``, in inverse units.

        Raises :class:`UserError` for a model without a density that can be differentiated.
        """
        model = self._density
        if not model.differentiable:
            raise UserError(f"{self.run}: the density of family {self.job.cell.family} has no gradient")
        gradient = score_in_blocks(model, self.units.to_model(x))
        return self.units.coordinates.gradient(gradient.double()).numpy()

    def sample(self, n: int, seed: int = 0) -> np.ndarray:
        """Draw ``n`` samples from the model itself, ``(n, D)``: exact, by quadrature, or by sequential Monte Carlo.

        ``seed`` decides the samples. Raises :class:`UserError` if they cannot be drawn, e.g. because the estimator of
        log Z failed.
        """
        return self.units.to_array(self._drawn(n, seed))

    def sample_frame(self, n: int, seed: int = 0) -> pd.DataFrame:
        """Return the samples of :meth:`sample` as a table with the data set's columns."""
        return self.units.to_frame(self._drawn(n, seed))

    def run_sampler(self, n: int, seed: int = 0) -> np.ndarray:
        """Draw ``n`` samples with the sampler that the run's configuration declares, ``(n, D)``.

        They come from chains that may not have converged: the run's row in sampling.md reports R-hat. Raises
        :class:`UserError` if some are not finite.
        """
        found = sample(self._problem, self.plan.methods, self._settings(n), self._stream("sampler", seed)).generated
        if found.reason:
            raise UserError(f"{self.run}: {found.reason}")
        return self.units.to_array(found.samples)

    def tilt(self, statistics: str, seed: int = 0) -> TrainedModel:
        """Return this model tilted so that its means of ``statistics`` are those of the training rows.

        p*(x) = p(x) exp <eta, T(x)> / Z, the closest distribution to p in KL(p* || p) with these means. ``statistics``
        is a statistic (``"moments"``, ``"histograms"``, ...) or a standard set (``"s1"``, ...). log Z is estimated
        anew. Raises :class:`UserError` for unknown statistics, for a model that has statistics already or cannot be
        tilted, and if no tilt is found.
        """
        if self.job.settings["statistics"]:
            own = ", ".join(self.job.settings["statistics"])
            raise UserError(f"{self.run}: the model has statistics already: {own}; tilt the run without them")
        parts = parts_with_means(statistics, "tilt: statistics")
        cell = self.job.cell._replace(stats=f"tilted_{statistics}")
        settings = {**self.job.settings, "statistics": parts}
        model = untilted(cell, settings, self.job, self.seed, CPU)
        problem = Problem(model, self._train, self.job.data.box)
        found = solve_moments_of_rows(problem, self.plan.methods.likelihoods, PostHoc(), self._stream("tilt", seed))
        if found.status != "ok":
            raise UserError(f"{self.run}: no tilt to the means of {statistics}: {found.reason}")
        tilted = replace(
            self, run=cell.run(self.seed), model=model, job=self.job._replace(cell=cell, settings=settings)
        )
        return replace(tilted, log_z=tilted._normalised(SAMPLES, seed).log_z)

    @property
    def _density_text(self) -> str:
        if not isinstance(self.model, Density):
            return "no density in x"
        if self.log_z.status != "ok":
            return f"log Z {self.log_z.status}"
        return f"log Z = {number_text(self.log_z.value)}, standard error {number_text(self.log_z.stderr, 2)}"

    @property
    def _density(self) -> Density:
        if not isinstance(self.model, Density):
            raise UserError(f"{self.run}: family {self.job.cell.family} has no density in x; it can be sampled")
        return self.model

    @property
    def _train(self) -> Tensor:
        return self.job.data.of(self.seed).splits.train

    @property
    def _problem(self) -> Problem | Model:
        return problem_of(self.model, self.job.data.of(self.seed), self.job.data.box, CPU)

    def _settings(self, n: int) -> SampleSettings:
        number = checked_number(f"{self.run}: number of samples", n, least=1)
        return replace(self.plan.settings, samples=number, bounds=0)

    def _normalised(self, n: int, seed: int) -> Normalisation:
        return normalise(self._problem, self.plan.methods.likelihoods, self._settings(n), self._stream("model", seed))

    def _drawn(self, n: int, seed: int) -> Tensor:
        found = self._normalised(n, seed)
        if found.log_z.status == "failed" or not found.samples.isfinite().all():
            raise UserError(f"{self.run}: no samples of the model: {found.log_z.reason or 'some are not finite'}")
        return found.samples

    def _stream(self, purpose: str, seed: int) -> torch.Generator:
        return generator("in use", purpose, self.job.cell.dataset, self.seed, checked_seed(seed))


def _units(job: TrainedJob, seed: int) -> Units:
    """Return the units of a job's data; raise :class:`UserError` unless they are those of its file."""
    data = job.data.dataset
    _check_files(job)
    found = Units(job.cell.dataset, data.column_names(), data.coordinates(seed))
    recorded = job.data.of(seed).splits.log_det
    if abs(found.coordinates.log_det - recorded) > 1e-6 * max(1.0, abs(recorded)):
        raise UserError(
            f"data set {job.cell.dataset}: log |det dz/dx| is {found.coordinates.log_det:g} and was {recorded:g} when "
            "the run was made; its class must define coordinates(seed)"
        )
    return found


def _check_files(job: TrainedJob) -> None:
    """Raise :class:`UserError` if a local file of the data has changed since the run was made, and is still there."""
    for recorded in (LocalFile(**entry) for entry in job.data.facts.get("files", [])):
        if recorded.present_digest() not in (None, recorded.sha256):
            raise UserError(
                f"{recorded.path}: the file has changed since the run of {job.cell.dataset} was made; "
                "run snakemake again, or restore the file"
            )


def _recorded_log_z(place: RunFolder, sampled: Mapping[str, Any]) -> LogZ:
    of = sampled.get("likelihood", {"status": "failed", "reason": "the run was not sampled", "method": "none"})
    status = (of["method"], of["status"], of["reason"])
    if of["status"] != "ok":
        return LogZ(float("nan"), float("nan"), *status)
    tensors = files.under(files.read_tensors(place.folder / "log_prob.safetensors"), place.seed)
    return LogZ(float(tensors["log_z"]), float(tensors["log_z_stderr"]), *status)
