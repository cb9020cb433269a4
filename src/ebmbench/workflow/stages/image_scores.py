"""Stage that scores a job's image samples by features: image_scores.csv, with the columns of scores.csv."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from ebmbench.core import plugins
from ebmbench.core.columns import SCORES
from ebmbench.core.device import CPU
from ebmbench.core.files import write_csv
from ebmbench.core.seeds import generator
from ebmbench.data.images import shown
from ebmbench.evaluation.contract import RunFiles, RunOutcome
from ebmbench.evaluation.data_files import DataFiles
from ebmbench.evaluation.distributions import Distribution, distributions
from ebmbench.evaluation.metrics.copying import copying, nearest_distances
from ebmbench.evaluation.metrics.equal_numbers import indices_worth
from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.evaluation.metrics.features import (
    MANIFOLD,
    coverage,
    frechet_distance,
    frechet_distances,
    halves,
    kernel_distance,
    precision_recall,
)
from ebmbench.evaluation.metrics.jackknife import LEAST
from ebmbench.evaluation.metrics.registry import FID, OF_FEATURES, feature_name, metric
from ebmbench.evaluation.sample_size import IMAGES, sample_size, too_few
from ebmbench.workflow.stages import extractor
from ebmbench.workflow.stages.extractor import REFERENCES, Features
from ebmbench.workflow.stages.score import Row, numbered, row_of

#: distances of equal numbers of samples: those whose expected values depend on the number, and what comes with them
OF_EQUAL_NUMBERS = ("fd", "fdinf", "precision", "recall", "coverage")

#: (features of samples, number of independent ones that they are worth) -> how often they are copies
CopyTest = Callable[[Tensor, float], Estimate]


class FeatureJudge(NamedTuple):
    """An extractor with its features of real images; ``name`` is its name within names of metrics.

    ``floors``: number of samples -> the Frechet distance that as many training images reach, by reference; cached.
    ``device``: where features of samples are computed.
    """

    name: str
    of: Features
    floors: Callable[[int], Mapping[str, Estimate]]
    device: torch.device

    @classmethod
    def read(cls, name: str, path: Path, device: torch.device) -> FeatureJudge:
        """Read a file of :mod:`ebmbench.workflow.stages.extractor`."""
        of = extractor.read_features(path)
        return cls(name, of, cache(partial(_floors, of)), device)

    def metric(self, distance: str) -> str:
        """Return the metric name of a distance: FID if the weights are those of its definition."""
        return FID if distance == "fd" and self.of.genuine else feature_name(distance, self.name)

    def scored(self) -> list[tuple[str, str]]:
        """Return the references, as splits, and the distances to each."""
        return [
            (split, name) for split in REFERENCES for name in OF_FEATURES if split in metric(self.metric(name)).splits
        ]


def write_image_scores(
    run_dir: Path, data_file: Path, extractors: Mapping[str, Path], device: torch.device = CPU
) -> None:
    """Write :func:`image_scores` as image_scores.csv into ``run_dir``."""
    write_csv(run_dir / "image_scores.csv", image_scores(run_dir, data_file, extractors, device))


def image_scores(
    run_dir: Path, data_file: Path, extractors: Mapping[str, Path], device: torch.device = CPU
) -> pd.DataFrame:
    """Return the distances of a job's samples in ``run_dir``; ``extractors`` are files of :mod:`extractor`, by name.

    ``data_file``: the data set's .safetensors, whose splits say how many images biased distances use; ``device``: that
    of the features.

    There is one row per seed, distribution, extractor, distance and reference: all published training or test images,
    but for copies the images that a seed trained on.
    Without weights the rows have the status skipped and the reason. Samples that are not finite have the status failed.
    """
    run, data = RunFiles(run_dir), DataFiles(data_file)
    judges = [FeatureJudge.read(name, path, device) for name, path in extractors.items()]
    rows: list[Row] = []
    for seed in run.seeds:
        head = {**run.cell._asdict(), "seed": int(seed), "run": run.cell.run(int(seed))}
        size = sample_size(data.rows(seed), IMAGES)
        copies = {judge.name: cache(partial(_copy_test, judge, data, seed)) for judge in judges}
        found: dict[tuple[str, str], Mapping[tuple[str, str], Estimate | RunOutcome]] = {}
        for distribution in distributions(run, seed):
            for judge in judges:
                key = (distribution.part, judge.name)
                if key not in found:
                    found[key] = _scores(run, seed, distribution, judge, size, copies[judge.name])
                rows += [head | row for row in _rows(distribution, judge, found[key])]
    return numbered(pd.DataFrame(rows, columns=list(SCORES)))


def _rows(
    distribution: Distribution, judge: FeatureJudge, found: Mapping[tuple[str, str], Estimate | RunOutcome]
) -> Iterator[Row]:
    drawn = f"{distribution.method}, {distribution.steps} steps" if distribution.steps else distribution.method
    method = f"{drawn}; {judge.name} {judge.of.sha256[:12]}".strip()
    reported = {
        "distribution": distribution.name,
        "beta": distribution.beta,
        "mark": distribution.mark,
        "method": method,
    }
    for (split, distance), estimate in found.items():
        yield reported | row_of(split, judge.metric(distance), distribution.outcome, estimate)


def _scores(
    run: RunFiles,
    seed: str,
    distribution: Distribution,
    judge: FeatureJudge,
    size: int,
    copies: Callable[[], CopyTest],
) -> dict[tuple[str, str], Estimate | RunOutcome]:
    names = judge.scored()
    if judge.of.reason:
        return dict.fromkeys(names, RunOutcome("skipped", judge.of.reason))
    if distribution.outcome.status != "ok":
        return dict.fromkeys(names, distribution.outcome)
    draws = run.draws(seed, distribution.part, judge.of.dim)
    if not draws.isfinite().all():
        return dict.fromkeys(names, RunOutcome("failed", "a sample is not finite"))
    plugin = plugins.load("extractor", judge.of.kind, **judge.of.settings)
    features = plugin.features(judge.of.weights, shown(draws), judge.device)
    floors, n_eff = judge.floors(size), run.n_eff(seed, distribution.part)
    outcome = too_few(n_eff, size)
    chosen = features if outcome else features[_chosen(run, seed, len(features), n_eff, size)]
    copied = outcome if outcome and n_eff < 1 else copies()(features, n_eff)
    found: dict[str, Mapping[str, Estimate | RunOutcome]] = {}
    for split in REFERENCES:
        reference = judge.of.reference(split)
        equal = dict.fromkeys(OF_EQUAL_NUMBERS, outcome) if outcome else _of_equal_numbers(chosen, reference, size)
        others = {"kid": kernel_distance(features, reference), "floor": floors[split], "copying": copied}
        found[split] = {**others, **equal, **_few(size)}
    return {(split, distance): found[split][distance] for split, distance in names}


def _copy_test(judge: FeatureJudge, data: DataFiles, seed: str) -> CopyTest:
    """Return the test for copies of a seed's training images, by the features of samples and of test images."""
    known, images, odd = judge.of.known(), data.rows(seed), data.odd(seed)
    # images of a class that training does not see are farther from it for another reason
    test = images["test"] if odd is None else images["test"][~odd]
    train, held_out = (known.of(shown(rows)) for rows in (images["train"], test))
    new = nearest_distances(held_out[:MANIFOLD], train)
    return lambda features, n_eff: copying(nearest_distances(features[:MANIFOLD], train), new, n_eff)


def _chosen(run: RunFiles, seed: str, n: int, n_eff: float, size: int) -> Tensor:
    """Return the indices of as many samples as are worth ``size`` independent ones."""
    stream = generator(run.cell.dataset, "score", int(seed), "equal draws")
    return indices_worth(size, n, n_eff, stream)


def _floors(of: Features, n: int) -> dict[str, Estimate]:
    """Return the distances of at most ``n`` training images, the same for all jobs, to the rest and to test images."""
    images, others = halves(of.reference("train"), n, generator("extractor", "halves"))
    return {"train": frechet_distance(images, others), "test": frechet_distance(images, of.reference("test"))}


def _few(size: int) -> dict[str, RunOutcome]:
    """Return the outcome of Frechet distances between sets of ``size`` images if these are too few, else nothing."""
    if size >= LEAST:
        return {}
    reason = f"{size} images are compared on this data set; a Frechet distance needs {LEAST} for validation and testing"
    return dict.fromkeys(("fd", "fdinf", "floor"), RunOutcome("failed", reason))


def _of_equal_numbers(features: Tensor, reference: Tensor, size: int) -> dict[str, Estimate]:
    precision, recall = precision_recall(features, reference)
    frechet = frechet_distances(features, reference)
    found = {"fd": frechet.plain, "fdinf": frechet.corrected, "precision": precision}
    found = {name: estimate._replace(n=size) for name, estimate in found.items()}
    # the number of these is that of the images
    return found | {"recall": recall, "coverage": coverage(features, reference)}
