"""Sets of images as their publishers write them: tiny archives in the upstream formats."""

import gzip
import hashlib
import io
import struct

import numpy as np
from PIL import Image
from scipy.io import savemat

from ebmbench.core import plugins
from ebmbench.data import celeba64, cifar10
from ebmbench.data.idx import Files
from tests.helpers.packed import make_tar, make_zip

DRAW = np.random.default_rng(1)


def levels(*shape):
    return DRAW.integers(0, 256, shape, dtype=np.uint8)


def idx(array):
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


def known(file, content):
    """The file with the sha256 of ``content``."""
    return file._replace(sha256=hashlib.sha256(content).hexdigest())


class Upstream:
    """A set of 60 images for training and 20 for testing, written as its publisher writes it."""

    def __init__(self, monkeypatch, folder):
        self.monkeypatch, self.folder = monkeypatch, folder
        #: published sha256 -> that of the tiny file in its place
        self.replaced = {}
        self.labels = np.arange(80) % 10

    def put(self, file, content):
        path = self.folder / file.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        found = known(file, content)
        self.replaced[file.sha256] = found.sha256
        return found


class OfIdx(Upstream):
    name = "mnist"

    def write(self, side=28, cut=None, compressed=False):
        data = plugins.load("dataset", self.name)
        self.pixels = levels(80, side, side)
        for split, part in (("train", slice(0, 60)), ("test", slice(60, 80))):
            files = getattr(data, split)
            contents = [idx(self.pixels[part])[:cut], idx(self.labels[part])]
            put = self.put_compressed if compressed else self.put
            found = [put(file, content) for file, content in zip(files, contents, strict=True)]
            self.monkeypatch.setattr(type(data), split, Files(*found))
        self.images = self.pixels[:, None]
        return data

    def put_compressed(self, file, content):
        """As the mirror has it."""
        self.put(file._replace(name=f"{self.name}/{file.mirrors[0].remote.file}"), gzip.compress(content))
        return known(file, content)


class OfFashion(OfIdx):
    name = "fashion_mnist"


class OfSvhn(Upstream):
    name = "svhn"

    def write(self, side=32, cut=None):
        data = plugins.load("dataset", self.name)
        self.images = levels(80, 3, side, side)
        for split, part in (("train", slice(0, 60)), ("test", slice(60, 80))):
            buffer = io.BytesIO()
            labels = np.where(self.labels[part] == 0, 10, self.labels[part]).astype(np.uint8)[:, None]
            savemat(buffer, {"X": self.images[part].transpose(2, 3, 1, 0), "y": labels})
            file = self.put(getattr(data, split), buffer.getvalue()[:cut])
            self.monkeypatch.setattr(type(data), split, file)
        return data


class OfCifar(Upstream):
    name = "cifar10"

    def write(self, side=32, cut=None):
        self.images = levels(80, 3, side, side)
        rows = np.concatenate([self.labels[:, None].astype(np.uint8), self.images.reshape(80, -1)], 1)
        names = [*cifar10.TRAIN, *cifar10.TEST]
        sizes = np.cumsum([12] * 5)
        batches = {
            f"{cifar10.FOLDER}/{name}": part.tobytes() for name, part in zip(names, np.split(rows, sizes), strict=True)
        }
        file = self.put(cifar10.Cifar10.archive, make_tar(batches)[:cut])
        self.monkeypatch.setattr(cifar10.Cifar10, "archive", file)
        return plugins.load("dataset", self.name)


def jpeg(image):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


class OfCeleba(Upstream):
    name = "celeba64"

    def write(self, side=178, cut=None):
        self.labels = np.zeros(80)
        # the range of `faces` is read once and for all: before the number of faces is another
        celeba64.Celeba64()
        self.monkeypatch.setattr(celeba64, "TRAINING", 60)
        self.monkeypatch.setattr(celeba64, "VALIDATION", 5)
        # a face is one colour, which JPEG keeps
        colours = levels(85, 3)
        faces = {
            f"{celeba64.FOLDER}/{number + 1:06d}.jpg": jpeg(Image.new("RGB", (side, 218), tuple(map(int, colour))))
            for number, colour in enumerate(colours)
        }
        file = self.put(celeba64.Celeba64.archive, make_zip(faces)[:cut])
        self.monkeypatch.setattr(celeba64.Celeba64, "archive", file)
        shown = np.concatenate([colours[:60], colours[65:]])
        self.images = np.broadcast_to(shown[:, :, None, None], (80, 3, 64, 64))
        return plugins.load("dataset", self.name, faces=60, tested=20)


SETS = [OfIdx, OfFashion, OfSvhn, OfCifar, OfCeleba]
