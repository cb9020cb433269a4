"""Images of the user's own, from a NumPy file that the configuration names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ebmbench.core.ranges import PositiveFloat
from ebmbench.data.own_images.archives import Choice, read_archive
from ebmbench.data.own_images.fitting import Fitting
from ebmbench.data.own_images.interface import OwnImages
from ebmbench.data.own_images.part import Part

__all__ = ["ImageArchive"]


@dataclass(frozen=True)
class ImageArchive(OwnImages):
    """Images of the user's own in a NumPy file: ``datasets: {mine: {kind: image_archive, path: data/mine.npz}}``.

    ``path``: a file ``.npy`` or ``.npz``, relative to the working folder, with images (N, H, W), (N, H, W, C) or
    (N, C, H, W), C = 1 or 3; the classes are those of an array ``labels``, if the file has one. ``array``: the name of
    the array of images, the only one or ``images`` by default. ``white``: the number that stands for white,
    by default 1 or 255, as the values show. ``train_path``, ``val_path``, ``test_path``, ``test_fraction``, ``size``
    and ``channels`` as of ``image_folder``.
    """

    array: str | None = None
    white: PositiveFloat | None = None

    def read_part(self, path: Path, fitting: Fitting) -> Part:
        """Read a file."""
        return read_archive(path, Choice(self.array, self.white), fitting)
