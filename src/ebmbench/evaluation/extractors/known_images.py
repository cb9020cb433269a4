"""Find images by their content among those whose features are known, in whatever order and split."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.core.errors import UserError


class KnownImages(NamedTuple):
    """Images by content: ``keys: (N,)`` from :func:`image_keys`, ``features: (N, F)``."""

    keys: Tensor
    features: Tensor

    def of(self, images: Tensor) -> Tensor:
        """Return the features of ``images: (n, C, side, side)`` uint8, ``(n, F)``.

        Raises :class:`UserError` if one of them is not known.
        """
        order = self.keys.argsort()
        asked = image_keys(images)
        places = order[torch.searchsorted(self.keys[order], asked).clamp(max=len(order) - 1)]
        unknown = int((self.keys[places] != asked).sum())
        if unknown:
            raise UserError(f"features: {unknown} of {len(asked)} images are not among the published ones")
        return self.features[places]


def image_keys(images: Tensor) -> Tensor:
    """Return a number for the content of each image, ``(n, ...)`` uint8 -> ``(n,)`` int64: 64 bits of a digest."""
    # a Python integer beyond int64 has no place in a tensor
    return torch.tensor([_key(image.numpy().tobytes()) for image in images], dtype=torch.int64)


def _key(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little", signed=True)
