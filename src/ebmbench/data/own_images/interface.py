"""Base class of image data sets from files that the configuration names."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from annotated_types import Ge, Gt, Lt
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.core.local_files import LocalFile
from ebmbench.data.copies import RowGroups
from ebmbench.data.images import VALIDATION, Images, Pictures, Published
from ebmbench.data.interface import Splits
from ebmbench.data.own_files.paths import check_paths
from ebmbench.data.own_files.refusal import counted
from ebmbench.data.own_images.fitting import LEAST_SIDE, Fitting
from ebmbench.data.own_images.part import Part
from ebmbench.data.own_images.splitting import group_images, set_apart
from ebmbench.data.streams import stream

#: fewest images: of all splits together, and of each file of given splits
LEAST, LEAST_GIVEN = 20, 10


@dataclass(frozen=True)
class OwnImages(Images):
    """Images of the user's own; ``path``, or in its place ``train_path``, ``test_path`` and, if there is, ``val_path``.

    A fraction ``test_fraction`` of the images at ``path`` is used for testing, the same for every seed. Without
    ``val_path`` each seed uses a random tenth of the others for validation. ``size``: number of pixels a side, to which
    the central square of each image is scaled; ``channels``: 1 for grey, 3 for colour, by default as the images are.
    """

    path: str | None = None
    train_path: str | None = None
    val_path: str | None = None
    test_path: str | None = None
    size: Annotated[int, Ge(LEAST_SIDE)] | None = None
    channels: Literal[1, 3] | None = None
    test_fraction: Annotated[float, Gt(0), Lt(1)] = 0.2

    def __post_init__(self) -> None:
        super().__post_init__()
        given = {"train_path": self.train_path, "val_path": self.val_path, "test_path": self.test_path}
        words = "train_path and test_path, with val_path or not"
        check_paths(self.path, given, ("train_path", "test_path"), words)

    @abstractmethod
    def read_part(self, path: Path, fitting: Fitting) -> Part:
        """Read the images at a path; raise :class:`UserError` with one line."""

    @property
    def dim(self) -> int:  # type: ignore[override]
        """Number of pixels times channels."""
        return self._parts[0].pixels[0].size

    @property
    def top(self) -> float:  # type: ignore[override]
        """The largest level."""
        return self._parts[0].top

    def published(self) -> Published:
        """Return the images of given splits, those for validation after the training ones, or set test images apart."""
        if self.path is None:
            *train, test = self._pictures
            return Published(_joined(train), test)
        (everything,) = self._pictures
        number = self._number_for_testing(len(everything.labels))
        groups = group_images(everything.pixels.numpy())
        rest, tested = set_apart(groups, number, stream(self, "test"))
        self._require(len(rest), len(tested))
        return Published(everything.of(rest), everything.of(tested))

    def _number_for_testing(self, images: int) -> int:
        """Return the number of test images; raise :class:`UserError` if none are left for one of the splits."""
        number = round(self.test_fraction * images)
        if number < 1 or images - number < VALIDATION:
            raise UserError(
                f"{self._label}: test_fraction = {self.test_fraction} takes {number} of the {images} images for "
                f"testing and leaves {images - number}; needed: 1 or more for testing and {VALIDATION} or more others"
            )
        return number

    def splits(self, seed: int) -> Splits:
        """Split as the settings say; identical images are in one split, except in given ones."""
        found = super().splits(seed)
        parts = found[:3]
        groups = group_images(torch.cat(parts).numpy()).split([len(part) for part in parts])
        return found._replace(groups=RowGroups(*groups))

    def check_source(self) -> None:
        """Read and check the files, and split them for a first seed."""
        self.splits(0)

    def files(self) -> tuple[LocalFile, ...]:
        """Return the files, or folders."""
        return tuple(part.file for part in self._parts)

    def origin(self) -> dict[str, object]:
        """Return the files with their sha256, the numbers of images and classes, the split, and what was done."""
        fitting = self._fitting.statement
        return {
            "split": self._split_statement,
            "images": f"{sum(len(part.pixels) for part in self._parts):,}, {self._classes_statement}; {fitting}",
            "copies": "identical images stay in their files" if self.path is None else "identical images: in one split",
            "source": ", ".join(self._paths),
            "sha256": ", ".join(file.sha256 for file in self.files()),
        }

    def class_names(self) -> list[str]:
        """Return the names of the classes, as the folders or the file have them."""
        return self._classes

    def _divide(self, train: Pictures, seed: int) -> tuple[Tensor, ...]:
        if self.val_path is not None:
            given = [len(part.pixels) for part in self._parts[:2]]
            return torch.arange(sum(given)).split(given)
        order = torch.randperm(len(train.labels), generator=stream(self, "split", seed))
        groups = group_images(train.pixels.numpy())[order]
        parts = set_apart(groups, len(order) // VALIDATION, stream(self, "copies", seed))
        self._require(*map(len, parts))
        return tuple(order[part] for part in parts)

    def _require(self, *sizes: int) -> None:
        """Raise :class:`UserError` if a split is empty."""
        if not all(sizes):
            images = np.concatenate([part.pixels for part in self._parts])
            distinct = len(group_images(images).unique())
            raise UserError(
                f"{self._label}: only {distinct} of the {len(images)} images are distinct, too few for three splits "
                "without common ones; needed: more images, or train_path, val_path and test_path"
            )

    @property
    def _paths(self) -> list[str]:
        """The paths, train, validation and test if there are several."""
        return [path for path in (self.path, self.train_path, self.val_path, self.test_path) if path]

    @property
    def _label(self) -> str:
        return ", ".join(self._paths)

    @property
    def _fitting(self) -> Fitting:
        return Fitting(self.size, self.channels)

    @cached_property
    def _parts(self) -> list[Part]:
        parts = [self.read_part(Path(path), self._fitting) for path in self._paths]
        least, first = LEAST if self.path else LEAST_GIVEN, parts[0]
        for path, part in zip(self._paths, parts, strict=True):
            number = len(part.pixels)
            if number < least:
                raise UserError(f"{path}: {counted(number, 'image')}; allowed: {least} or more")
            if (part.pixels.shape[1:], part.top) != (first.pixels.shape[1:], first.top):
                raise UserError(
                    f"{path}: {_form(part)}, and {self._paths[0]}: {_form(first)}; allowed: the same of all"
                )
        return parts

    @cached_property
    def _classes(self) -> list[str]:
        return sorted({name for part in self._parts for name in part.classes})

    @cached_property
    def _pictures(self) -> list[Pictures]:
        numbers = {name: number for number, name in enumerate(self._classes)}
        return [
            Pictures(torch.from_numpy(part.pixels), torch.tensor([numbers[name] for name in part.classes]))
            for part in self._parts
        ]

    @property
    def _split_statement(self) -> str:
        validation = "each seed uses a random tenth of the others for validation"
        if self.path:
            return f"a random fraction of {self.test_fraction:g}, the same for every seed, for testing; {validation}"
        return "the given files" + ("" if self.val_path else f"; {validation}")

    @property
    def _classes_statement(self) -> str:
        names = self._classes
        return f"{len(names)} classes: {', '.join(names)}" if len(names) > 1 else "without classes"


def _joined(parts: Sequence[Pictures]) -> Pictures:
    return Pictures(*(torch.cat(tensors) for tensors in zip(*parts, strict=True)))


def _form(part: Part) -> str:
    channels, side, _ = part.pixels.shape[1:]
    return f"{channels} x {side} x {side}, levels 0 to {part.top}"
