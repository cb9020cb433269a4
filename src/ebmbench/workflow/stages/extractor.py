"""Stage that writes a feature extractor of an image data set: its weights, and the features of all images."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ebmbench.core import files, plugins
from ebmbench.core.device import CPU
from ebmbench.core.errors import UserError
from ebmbench.core.seeds import generator
from ebmbench.data.images import Images, Published, shown
from ebmbench.data.streams import name_of
from ebmbench.evaluation.extractors.interface import Extractor, UnavailableWeightsError, digest
from ebmbench.evaluation.extractors.known_images import KnownImages, image_keys

#: the sets of images whose features are kept, by the names of the splits for which they are the reference
REFERENCES = ("train", "test")


class Features(NamedTuple):
    """Content of an extractor's file: a plug-in's ``kind`` and ``settings``, its ``weights`` by name, their ``sha256``.

    ``train``, ``test``: features ``(n, F)`` of the published training and test images of ``dim`` numbers each;
    ``genuine``: whether they are those of the Frechet inception distance; ``reason``: why there are no features, empty
    if there are; ``keys``: for each of :data:`REFERENCES`, the contents of its images, by which they are found.
    """

    kind: str
    settings: Mapping[str, Any]
    weights: dict[str, Tensor]
    sha256: str
    dim: int
    train: Tensor | None
    test: Tensor | None
    genuine: bool
    reason: str
    keys: Mapping[str, Tensor]

    def reference(self, split: str) -> Tensor:
        """Return the features of the published images of one of :data:`REFERENCES`, ``(n, F)``.

        Raises :class:`UserError` for a file without features.
        """
        found = {"train": self.train, "test": self.test}[split]
        if found is None:
            raise UserError(f"extractor {self.kind}: no features of the {split} images; write the extractor again")
        return found

    def plugin(self, asked_by: str) -> Extractor:
        """Return the plug-in that uses the weights; raises :class:`UserError` after ``asked_by`` if there are none."""
        if self.reason:
            raise UserError(f"{asked_by}: features are not available, {self.reason}")
        return plugins.load("extractor", self.kind, **self.settings)

    def known(self) -> KnownImages:
        """Return all published images with their features, to be found by content; raise as :meth:`reference`."""
        features = torch.cat([self.reference(split) for split in REFERENCES])
        if set(self.keys) != set(REFERENCES):
            raise UserError(f"extractor {self.kind}: its file has no contents of images; write the extractor again")
        return KnownImages(torch.cat([self.keys[split] for split in REFERENCES]), features)


def write_extractor(dataset: Images, name: str, extractor: Extractor, out: Path, device: torch.device = CPU) -> None:
    """Write weights and features of all published images to ``out``, a .safetensors, and a .json next to it.

    The features are computed on ``device``; weights that are trained here are trained on the CPU. If the weights are
    unavailable, the first is empty and the second gives the reason; this is no error, because a data set may have
    other extractors. Raises :class:`UserError` for a data set without images.
    """
    if not isinstance(dataset, Images):
        raise UserError(f"extractors: {name_of(dataset)} is not an image data set")
    images = Published(*(part._replace(pixels=shown(dataset.scaled(part.pixels))) for part in dataset.published()))
    read = {"dim": dataset.dim, "files": file_digests(dataset)}
    facts = {"extractor": plugins.entry_of(extractor), **read, "reason": ""}
    try:
        weights = extractor.weights(images, generator("extractor", name_of(dataset), name))
    except UnavailableWeightsError as error:
        files.write_tensors(out, {})
        files.write_json(out.with_suffix(".json"), facts | {"reason": str(error)})
        return
    tensors = {f"weights/{key}": tensor for key, tensor in weights.tensors.items()}
    for reference, pictures in zip(REFERENCES, images, strict=True):
        tensors[f"features/{reference}"] = extractor.features(weights.tensors, pictures.pixels, device)
        tensors[f"keys/{reference}"] = image_keys(pictures.pixels)
    files.write_tensors(out, tensors)
    files.write_json(out.with_suffix(".json"), {**facts, "sha256": digest(weights.tensors), **weights.facts})


def file_digests(dataset: Images) -> list[str]:
    """Return the sha256 of the local files that the images were read from."""
    return [file.sha256 for file in dataset.files()]


def read_features(path: Path) -> Features:
    """Read the files that :func:`write_extractor` wrote."""
    tensors, facts = files.read_tensors(path), files.read_json(path.with_suffix(".json"))
    features, entry = files.under(tensors, "features"), dict(facts["extractor"])
    return Features(
        kind=entry.pop("kind"),
        settings=entry,
        weights=files.under(tensors, "weights"),
        sha256=str(facts.get("sha256", "")),
        dim=int(facts["dim"]),
        train=features.get("train"),
        test=features.get("test"),
        genuine=bool(facts.get("fid", False)),
        reason=str(facts["reason"]),
        keys=files.under(tensors, "keys"),
    )
