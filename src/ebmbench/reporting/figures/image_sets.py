"""The image data sets of a figure, and their images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.core import plugins
from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.core.files import open_tensors, read_json
from ebmbench.data.images import Images
from ebmbench.reporting.figures.interface import Inputs


class ImageSet(NamedTuple):
    """An image data set with ``dim`` numbers per image: the data file of each seed, and the cells trained on it."""

    name: str
    dim: int
    files: Mapping[int, Path]
    cells: Mapping[Cell, Sequence[Path]]

    @property
    def first(self) -> int:
        """Return the first seed."""
        return min(self.files)

    def rows(self, seed: int, split: str, n: int | None = None) -> Tensor:
        """Read the images of a split, ``(N, D)``: the first ``n``, or all."""
        path, key = self.files[seed], f"{seed}/{split}"
        with open_tensors(path, "pt") as tensors:
            # read one split of one seed, because the file of a large data set does not fit in memory
            if key not in tensors.keys():  # noqa: SIM118 - a safetensors handle is not iterable
                raise UserError(f"{path}: {key} is missing; needed: a tensor of shape (any, {self.dim})")
            return tensors.get_slice(key)[:n] if n is not None else tensors.get_tensor(key)

    def seen(self, seed: int) -> Tensor:
        """Read the test images, ``(N, D)``, without those of a class that models were not trained on."""
        with open_tensors(self.files[seed], "pt") as tensors:
            name = f"{seed}/test_odd"
            odd = tensors.get_tensor(name) if name in tensors.keys() else None  # noqa: SIM118 - as above
        test = self.rows(seed, "test")
        return test if odd is None else test[~odd.to(torch.bool)]


def image_sets(inputs: Inputs) -> list[ImageSet]:
    """Return the image data sets in order, each with its cells in the order of the methods.

    Without a match, the cells are the trained ones without matched statistics. Raises :class:`UserError` if no data
    set consists of images.
    """
    cells = inputs.plain_cells()
    found: dict[str, ImageSet] = {}
    for path in inputs.data_files:
        facts = read_json(path)
        name, own = facts["dataset"], {cell: runs for cell, runs in cells.items() if cell.dataset == facts["dataset"]}
        if not own or not _of_images(name, next(iter(own.values()))[0]):
            continue
        files = {int(seed): path.with_suffix(".safetensors") for seed in facts["sizes"]}
        held = found[name].files if name in found else {}
        found[name] = ImageSet(name, facts["dim"], {**held, **files}, own)
    if not found:
        raise UserError("figure: it shows no image data set; select some with match")
    return list(found.values())


def names_of(dataset: str, cell: Cell | None) -> tuple[str, str, str, str]:
    """Return the table key of a panel: its cell, or the data set with ``data`` as family if it has no cell."""
    return cell or (dataset, "data", "", "")


def _of_images(name: str, folder: Path) -> bool:
    """Whether the data set of the run in ``folder`` has images; 9 numbers may be 3 x 3 pixels or columns."""
    settings = read_json(folder / "run.json").get("settings", {}).get("dataset", {})
    if plugins.kind_of(name, settings) not in plugins.available("dataset"):
        return False
    return isinstance(plugins.load_entry("dataset", name, settings), Images)
