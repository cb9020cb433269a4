"""Stage that writes the splits of a data set for a block of seeds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from ebmbench.core import files
from ebmbench.core.midpoints import midpoints
from ebmbench.data.copies import count_copies, unique_test_rows
from ebmbench.data.images import Images
from ebmbench.data.interface import SPLITS, Dataset, KnownDensity, Splits, digest_of
from ebmbench.data.manifold import Manifold
from ebmbench.data.mixture import IsotropicMixture
from ebmbench.data.split_checks import check_splits, checked_log_prob


def write_dataset(
    dataset: Dataset,
    name: str,
    seeds: Sequence[int],
    folder: Path,
    block: str,
    grid_n: int = 360,
    read_as: str = "",
) -> None:
    """Write ``folder/seeds{block}.safetensors`` (examples, labels, log-densities, grid, curve) and its ``.json``.

    The examples are float32; the true log-density at the test examples and on the grid is float64. The grid holds the
    midpoints of ``grid_n``² equal cells of [-box, box]², first coordinate slowest. For a distribution on a curve the
    file holds the cells of :meth:`~ebmbench.data.manifold.Manifold.cells`; for a mixture of Gaussians beyond two
    dimensions its centres, weights and standard deviation. If the data set scores unique rows, ``test_unique`` marks
    the test examples without a copy in train. The ``.json`` also records the local files
    that the splits were read from, and ``read_as`` (:func:`ebmbench.planning.local_files.read_as`). Raises
    :class:`UserError` before anything is written if the splits are not what the data set declares
    (:func:`~ebmbench.data.split_checks.check_splits`).
    """
    tensors: dict[str, Tensor] = {}
    digest, sizes, log_det, copies = {}, {}, {}, {}
    for seed in seeds:
        splits = dataset.splits(seed)
        check_splits(dataset, name, seed, splits)
        tensors |= _rows(dataset, name, seed, splits)
        digest[str(seed)] = digest_of(splits)
        sizes[str(seed)] = [len(getattr(splits, split)) for split in SPLITS]
        log_det[str(seed)] = splits.log_det
        if splits.groups is not None:
            copies[str(seed)] = count_copies(splits.groups)._asdict()
    grid = None
    if isinstance(dataset, KnownDensity) and dataset.dim == 2 and dataset.box is not None:
        grid = {"n": grid_n, "box": dataset.box}
        tensors |= _grid(dataset, name, dataset.box, grid_n)
    elif isinstance(dataset, IsotropicMixture):
        tensors |= _mixture(dataset)
    if isinstance(dataset, Manifold):
        tensors |= {f"manifold/{part}": tensor for part, tensor in dataset.cells()._asdict().items()}
    about = {
        "dataset": name,
        "dim": dataset.dim,
        "digest": digest,
        "sizes": sizes,
        "log_det": log_det,
        "copies": copies,
        "grid": grid,
        "facts": dataset.facts(),
        "files": [file._asdict() for file in sorted(set(dataset.files()))],
        "read_as": read_as,
    }
    files.write_tensors(folder / f"seeds{block}.safetensors", tensors)
    files.write_json(folder / f"seeds{block}.json", about)


def _rows(dataset: Dataset, name: str, seed: int, splits: Splits) -> dict[str, Tensor]:
    tensors = {f"{seed}/{split}": getattr(splits, split).float() for split in SPLITS}
    if splits.labels is not None:
        # seeds may share the labels of their test examples, and safetensors refuses tensors that share memory
        tensors |= {f"{seed}/{split}_label": labels.clone() for split, labels in splits.labels._asdict().items()}
        if isinstance(dataset, Images) and dataset.without is not None:
            tensors[f"{seed}/test_odd"] = splits.labels.test == dataset.without
    if splits.groups is not None and dataset.scores_unique_rows:
        tensors[f"{seed}/test_unique"] = unique_test_rows(splits.groups)
    if isinstance(dataset, KnownDensity):
        tensors[f"{seed}/test_log_prob"] = checked_log_prob(dataset, name, splits.test)
    return tensors


def _grid(dataset: KnownDensity, name: str, box: float, n: int) -> dict[str, Tensor]:
    points = midpoints(box, n)
    tensors = {"grid/points": points, "grid/log_prob": checked_log_prob(dataset, name, points)}
    component = dataset.component(points)
    return tensors if component is None else tensors | {"grid/component": component}


def _mixture(dataset: IsotropicMixture) -> dict[str, Tensor]:
    centres, weights, sd = dataset.gaussians()
    return {"mixture/centres": centres, "mixture/weights": weights, "mixture/sd": torch.tensor(sd).double()}
