"""InceptionV3, the network that defines the Frechet inception distance."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ebmbench.core.device import CPU
from ebmbench.data.images import Published
from ebmbench.evaluation.extractors.blocks import features_in_blocks
from ebmbench.evaluation.extractors.interface import UnavailableWeightsError, Weights
from ebmbench.evaluation.extractors.weight_file import read_weight_file
from ebmbench.evaluation.metrics.fidelity import torch_fidelity

__all__ = ["Inception"]

#: first digits of the sha256 of torch-fidelity's copy of the weights of 2015-12-05, which are part of its name
GENUINE = "6726825d"

#: images per block
BLOCK = 64


@dataclass(frozen=True)
class Inception:
    """The 2,048 features of torch-fidelity's InceptionV3, with the weights of 2015 that define the FID.

    ``path``: a file of these weights in torch-fidelity's format; if empty, torch-fidelity's own download. With other
    weights the distance must not be called FID.
    """

    path: str = ""

    def weights(self, images: Published, generator: torch.Generator) -> Weights:
        """Read the weights from ``path``, or fetch them as torch-fidelity does."""
        path = Path(self.path) if self.path else self._downloaded()
        tensors, sha256 = read_weight_file(path, "inception")
        return Weights(tensors, {"source": path.name, "file_sha256": sha256, "fid": sha256.startswith(GENUINE)})

    def features(self, tensors: Mapping[str, Tensor], pixels: Tensor, device: torch.device = CPU) -> Tensor:
        """Return the output of the last pooling layer; grey images get three equal channels."""
        network = _network(tensors).to(device)
        return features_in_blocks(
            lambda rows: network(rows.expand(-1, 3, -1, -1).contiguous())[0], pixels, device, BLOCK
        )

    def _downloaded(self) -> Path:
        of = torch_fidelity("torch_fidelity.feature_extractor_inceptionv3")
        name = of.URL_INCEPTION_V3.rpartition("/")[2]
        path = Path(torch.hub.get_dir()) / "checkpoints" / name
        if not path.is_file():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                torch.hub.download_url_to_file(of.URL_INCEPTION_V3, str(path), GENUINE, progress=False)
            except (OSError, RuntimeError) as error:
                raise UnavailableWeightsError(
                    f"inception: no weights: {_shown(path)} is missing and could not be downloaded ({error}); "
                    "give a file's path as extractors: {...: {inception: {path: ...}}}"
                ) from error
        return path


def _network(tensors: Mapping[str, Tensor]) -> torch.nn.Module:
    """Return torch-fidelity's network, which reads its weights only from a file."""
    of = torch_fidelity("torch_fidelity.feature_extractor_inceptionv3")
    with tempfile.NamedTemporaryFile(suffix=".pth") as file:
        torch.save(dict(tensors), file.name)
        return of.FeatureExtractorInceptionV3("inception", ["2048"], feature_extractor_weights_path=file.name)


def _shown(path: Path) -> str:
    """Return the path with the home folder as ``~``, so that result tables do not depend on one machine."""
    return f"~/{path.relative_to(Path.home())}" if path.is_relative_to(Path.home()) else str(path)
