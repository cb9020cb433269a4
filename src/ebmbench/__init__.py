"""A reproducible benchmark suite for energy-based generative models.

``available(axis)`` lists the plug-ins of an axis (``"dataset"``, ``"family"``, ``"loss"``, ``"stats"``,
``"statistic"``, ``"sampler"``, ``"likelihood"``, ...); ``load(axis, name, **settings)`` imports one and builds it with
its settings:

    >>> import ebmbench
    >>> "ed" in ebmbench.available("loss")
    True
    >>> ebmbench.load("loss", "ed", t=0.5)
    EnergyDiscrepancy(t=0.5, M=4, w=1.0)

``load_dataset`` returns a data set's rows, ``load_run`` a trained model, ``evaluate`` scores samples of any model, and
``results`` reads the tables of a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from ebmbench.core.plugins import available, load
    from ebmbench.workflow.library.datasets import LoadedDataset
    from ebmbench.workflow.library.evaluation import LogProb
    from ebmbench.workflow.library.results import Results
    from ebmbench.workflow.library.trained_model import TrainedModel
    from ebmbench.workflow.library.units import Rows

__all__ = ["__version__", "available", "evaluate", "load", "load_dataset", "load_run", "results"]

__version__ = "0.1.0"

# torch and pandas are imported where they are used, so that planning and the command line start without them; plug-ins
# as well, because each job of the workflow imports this package before it asks for a fork


def __getattr__(name: str) -> Any:
    """Return ``available`` or ``load``, imported on first use."""
    if name not in ("available", "load"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ebmbench.core import plugins

    return getattr(plugins, name)


def load_dataset(name: str, seed: int = 0, **settings: Any) -> LoadedDataset:
    """Load the rows of a data set for one seed, in its own units, with its columns.

        >>> import ebmbench
        >>> moons = ebmbench.load_dataset("moons", seed=0)
        >>> moons.train.shape, moons.test.shape, moons.columns
        ((50000, 2), (10000, 2), ['0', '1'])

    ``settings`` are those of the data set's plug-in. Raises :class:`~ebmbench.core.errors.UserError` for an unknown
    name or setting.
    """
    from ebmbench.workflow.library.datasets import LoadedDataset

    return LoadedDataset.of(name, seed, settings)


def load_run(folder: str | Path, seed: int = 0) -> TrainedModel:
    """Load the trained model of one run, ``{results}/runs/{dataset}/{family}-{loss}-{stats}``.

        model = ebmbench.load_run("results/runs/redwine/ebm-ed-none", seed=0)
        model.sample_frame(1000), model.log_prob(table), model.tilt("histograms")

    Raises :class:`~ebmbench.core.errors.UserError` if there is no such run, or if its training failed.
    """
    from ebmbench.workflow.library.trained_model import TrainedModel

    return TrainedModel.of(folder, seed)


def evaluate(
    samples: Rows,
    dataset: LoadedDataset,
    log_prob: LogProb | None = None,
    statistics: str | Sequence[str] = ("moments",),
    extractors: Mapping[str, Mapping[str, Any]] | None = None,
) -> pd.DataFrame:
    """Score samples of any model, in the units of ``dataset``: one row per metric, with its standard error.

        >>> import ebmbench
        >>> rings = ebmbench.load_dataset("rings", seed=0)
        >>> scores = ebmbench.evaluate(rings.train, rings)
        >>> "energy_distance" in set(scores["metric"])
        True

    ``log_prob``: the model's normalised log-density as a function of rows; it adds the likelihood and, in the plane,
    exact KL. Distances and likelihoods are in the coordinates of the committed tables, in which real tables are
    whitened. ``statistics``: statistics or standard sets whose means are compared.

    Images, with or without axes for pixels, also have Frechet and kernel distances, precision and recall by the
    features of ``extractors``, such as ``{"cnn": {"epochs": 3}}``. By default these are the extractors that a checkout,
    if the working folder is one, names for the data set, as for ``ebmbench score``; there are none elsewhere. Their
    files are kept in results/given/extractors.

    Raises :class:`~ebmbench.core.errors.UserError` for samples or densities that cannot be scored.
    """
    from pathlib import Path

    from ebmbench.core import plugins
    from ebmbench.workflow.cli.dataset_entry import find_extractors
    from ebmbench.workflow.library.evaluation import check_dataset, scores_of
    from ebmbench.workflow.stages.external_extractors import ExtractorFiles

    check_dataset(dataset)
    kind = plugins.name_of(dataset.dataset)
    chosen = find_extractors(dataset.name, kind, Path()) if extractors is None else extractors
    return scores_of(samples, dataset, log_prob, statistics, ExtractorFiles(chosen, Path("results/extractors")))


def results(run: str | Path, reference: str | Path = "results/reference") -> Results:
    """Read the tables of a committed run by its name, or of any results folder.

        ebmbench.results("energy_discrepancy").summary

    The name of a grid without its rung is that of its largest rung. ``reference``: the folder of the committed runs.
    Raises :class:`~ebmbench.core.errors.UserError` for an unknown run.
    """
    from pathlib import Path

    from ebmbench.workflow.library.results import Results

    return Results.of(run, Path(reference))
