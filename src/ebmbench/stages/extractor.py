"""An extractor of a set of images: its weights, and the features of all images of the set."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from ebmbench import files
from ebmbench.data.images import Images, Published
from ebmbench.data.streams import name_of
from ebmbench.errors import UserError
from ebmbench.extractors.base import Extractor, UnavailableWeightsError, digest
from ebmbench.seeds import generator

#: the sets of images whose features are kept, by the names of the splits that they are the reference of
REFERENCES = ("train", "test")


class Features(NamedTuple):
    """What a job's file holds: ``weights`` by name, their ``sha256``, features of ``train`` and ``test`` images.

    ``reason``: why there are none, empty if there are.
    """

    weights: dict[str, Tensor]
    sha256: str
    train: Tensor
    test: Tensor
    reason: str


def write(dataset: Images, name: str, extractor: Extractor, out: Path) -> None:
    """Write ``out``, a .safetensors with weights and features of all published images, and the .json beside it.

    Where there are no weights the first is empty, and the second tells why: no error, for a set may have other
    extractors. Raises :class:`UserError` for a data set that is none of images.
    """
    if not isinstance(dataset, Images):
        raise UserError(f"extractors: {name_of(dataset)} is no set of images")
    images = Published(
        *(part._replace(pixels=dataset.shown(dataset.scaled(part.pixels))) for part in dataset.published())
    )
    try:
        weights = extractor.weights(images, generator("extractor", name_of(dataset), name))
    except UnavailableWeightsError as error:
        files.write_tensors(out, {})
        files.write_json(out.with_suffix(".json"), {"extractor": name, "reason": str(error)})
        return
    tensors = {f"weights/{key}": tensor for key, tensor in weights.tensors.items()}
    for reference, pictures in zip(REFERENCES, images, strict=True):
        tensors[f"features/{reference}"] = extractor.features(weights.tensors, pictures.pixels)
    facts = {"extractor": name, "reason": "", "sha256": digest(weights.tensors), **weights.facts}
    files.write_tensors(out, tensors)
    files.write_json(out.with_suffix(".json"), facts)


def read(path: Path) -> Features:
    """What :func:`write` wrote."""
    tensors, facts = files.read_tensors(path), files.read_json(path.with_suffix(".json"))
    features = files.under(tensors, "features")
    nothing = next(iter(features.values()), None)
    return Features(
        files.under(tensors, "weights"),
        str(facts.get("sha256", "")),
        features.get("train", nothing),
        features.get("test", nothing),
        str(facts["reason"]),
    )
