"""Stage that writes the splits of a data set for a block of seeds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from ebmbench.core import files
from ebmbench.core.errors import UserError
from ebmbench.core.midpoints import midpoints
from ebmbench.data.images import Images
from ebmbench.data.interface import SPLITS, Dataset, KnownDensity, Splits, digest_of
from ebmbench.data.manifold import Manifold


def write_dataset(
    dataset: Dataset, name: str, seeds: Sequence[int], folder: Path, block: str, grid_n: int = 360
) -> None:
    """Write ``folder/seeds{block}.safetensors`` (examples, labels, log-densities, grid, curve) and its ``.json``.

    The examples are float32; the true log-density at the test examples and on the grid is float64. The grid holds the
    midpoints of ``grid_n``² equal cells of [-box, box]², first coordinate slowest. For a distribution on a curve the
    file holds the cells of :meth:`~ebmbench.data.manifold.Manifold.cells`. Raises :class:`UserError` for a NaN or an
    infinite value in an example.
    """
    tensors: dict[str, Tensor] = {}
    digest, sizes, log_det = {}, {}, {}
    for seed in seeds:
        splits = dataset.splits(seed)
        tensors |= _rows(dataset, name, seed, splits)
        digest[str(seed)] = digest_of(splits)
        sizes[str(seed)] = [len(getattr(splits, split)) for split in SPLITS]
        log_det[str(seed)] = splits.log_det
    grid = None
    if isinstance(dataset, KnownDensity) and dataset.dim == 2 and dataset.box is not None:
        grid = {"n": grid_n, "box": dataset.box}
        tensors |= _grid(dataset, dataset.box, grid_n)
    if isinstance(dataset, Manifold):
        tensors |= {f"manifold/{part}": tensor for part, tensor in dataset.cells()._asdict().items()}
    about = {
        "dataset": name,
        "dim": dataset.dim,
        "digest": digest,
        "sizes": sizes,
        "log_det": log_det,
        "grid": grid,
        "facts": dataset.facts(),
    }
    files.write_tensors(folder / f"seeds{block}.safetensors", tensors)
    files.write_json(folder / f"seeds{block}.json", about)


def _rows(dataset: Dataset, name: str, seed: int, splits: Splits) -> dict[str, Tensor]:
    for split in SPLITS:
        bad = (~getattr(splits, split).isfinite()).any(0).nonzero().flatten()
        if len(bad):
            raise UserError(
                f"dataset {name}: column {bad[0].item()} of the {split} samples of seed {seed} holds a NaN or an "
                "infinite value; every value must be finite"
            )
    tensors = {f"{seed}/{split}": getattr(splits, split).float() for split in SPLITS}
    if splits.labels is not None:
        # seeds may share the labels of their test examples, and safetensors refuses tensors that share memory
        tensors |= {f"{seed}/{split}_label": labels.clone() for split, labels in splits.labels._asdict().items()}
        if isinstance(dataset, Images) and dataset.without is not None:
            tensors[f"{seed}/test_odd"] = splits.labels.test == dataset.without
    if isinstance(dataset, KnownDensity):
        tensors[f"{seed}/test_log_prob"] = dataset.log_prob(splits.test)
    return tensors


def _grid(dataset: KnownDensity, box: float, n: int) -> dict[str, Tensor]:
    points = midpoints(box, n)
    tensors = {"grid/points": points, "grid/log_prob": dataset.log_prob(points)}
    component = dataset.component(points)
    return tensors if component is None else tensors | {"grid/component": component}
