"""Fashion-MNIST: grey images of articles of clothing, 28 x 28 pixels."""

from __future__ import annotations

from dataclasses import dataclass

from ebmbench.data.idx import Files, IdxImages
from ebmbench.data.images import Digit, Subset
from ebmbench.data.registries import DebianPackage
from ebmbench.data.remotes import Address
from ebmbench.data.sources import DataFile, FileLocation

__all__ = ["FashionMnist"]

PACKAGE = DebianPackage("dataset-fashion-mnist")

#: the publisher's address
ADDRESS = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"


def _file(name: str, sha256: str) -> DataFile:
    path = (f"./usr/share/datasets/fashion-mnist/{name}.gz", name)
    return DataFile(
        f"fashion_mnist/{name}", sha256, PACKAGE, path, (FileLocation(Address(f"{ADDRESS}/{name}.gz"), (name,)),)
    )


@dataclass(frozen=True)
class FashionMnist(IdxImages):
    """Fashion-MNIST: 60,000 training and 10,000 test images in ten classes (Xiao, Rasul and Vollgraf, 2017)."""

    rows: Subset | None = None
    without: Digit | None = None

    dim = 784
    side = 28
    train = Files(
        _file("train-images-idx3-ubyte", "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
        _file("train-labels-idx1-ubyte", "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
    )
    test = Files(
        _file("t10k-images-idx3-ubyte", "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
        _file("t10k-labels-idx1-ubyte", "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
    )
    citation = (
        "H. Xiao, K. Rasul, R. Vollgraf. Fashion-MNIST: a novel image dataset for benchmarking machine learning "
        "algorithms. arXiv 1708.07747, 2017"
    )
    licence = "MIT (Zalando SE)"
