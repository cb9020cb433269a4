"""The images of one file or folder of the user's, as they are read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ebmbench.core.local_files import LocalFile


class Part(NamedTuple):
    """Images ``pixels: (N, C, side, side)``, uint8 or float32, with levels from 0 to ``top``, and the class of each.

    ``classes``: names, all the same if the file tells none apart.
    """

    pixels: np.ndarray
    classes: list[str]
    top: float
    file: LocalFile
