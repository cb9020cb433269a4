"""Folders and files of images of the kinds that people have, made from a fixed generator."""

import io

import numpy as np
from PIL import Image

from ebmbench.core import plugins


def levels(n=40, side=8, channels=1, seed=0):
    """Random levels ``(n, channels, side, side)`` uint8."""
    return np.random.default_rng(seed).integers(0, 256, (n, channels, side, side), dtype=np.uint8)


def picture(image):
    """PIL's picture of levels ``(C, H, W)``."""
    return Image.fromarray(np.moveaxis(image, 0, 2).squeeze())


def encoded(image, form="PNG", **options):
    """The bytes of a file of a PIL picture."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def folder_of(path, images):
    """Write levels as 00.png, 01.png, ... into a new folder and return it."""
    path.mkdir(parents=True)
    for place, image in enumerate(images):
        picture(image).save(path / f"{place:02d}.png")
    return path


def archive_of(path, **arrays):
    np.savez(path, **arrays)
    return path


def load(kind, path=None, **settings):
    return plugins.load("dataset", kind, **({"path": str(path)} if path else {}), **settings)


def all_levels(dataset, seed=0):
    """The images of all splits in their own units, as sorted rows."""
    splits = dataset.splits(seed)
    rows = np.concatenate([dataset.coordinates(seed).inverse(part.double()).numpy() for part in splits[:3]])
    return rows[np.lexsort(rows.T[::-1])]


def ordered(images):
    rows = images.reshape(len(images), -1).astype(float)
    return rows[np.lexsort(rows.T[::-1])]
