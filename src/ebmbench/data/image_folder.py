"""Pictures of the user's own, from a folder that the configuration names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ebmbench.data.own_images.decoding import Background, Decoding
from ebmbench.data.own_images.fitting import Fitting
from ebmbench.data.own_images.folders import read_folder
from ebmbench.data.own_images.interface import OwnImages
from ebmbench.data.own_images.part import Part

__all__ = ["ImageFolder"]


@dataclass(frozen=True)
class ImageFolder(OwnImages):
    """A folder of pictures of the user's own: ``datasets: {mine: {kind: image_folder, path: data/pictures}}``.

    ``path``: a folder of ``.png`` and ``.jpg`` files, or of a folder for each class, relative to the working folder; a
    fraction ``test_fraction`` of them is used for testing, the same for every seed. In its place ``train_path`` and
    ``test_path``, and ``val_path`` if there is one, give the splits. Without it each seed uses a random tenth of the
    other images for validation. ``size``: scales the central square of each picture to so many pixels a side;
    ``channels``: 1 converts to grey, 3 to colour; ``background``: the colour behind transparent pixels, which are
    refused without it.
    """

    background: Background = "error"

    def read_part(self, path: Path, fitting: Fitting) -> Part:
        """Read a folder."""
        return read_folder(path, Decoding(self.channels, self.background), fitting)
