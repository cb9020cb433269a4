"""The network by which the Frechet inception distance is defined."""

from __future__ import annotations

import hashlib
import pickle
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ebmbench.data.images import Published
from ebmbench.evaluation.extractors.interface import UnavailableWeightsError, Weights
from ebmbench.evaluation.metrics.fidelity import torch_fidelity

__all__ = ["Inception"]

#: how the sha256 of torch-fidelity's copy of the weights of 2015-12-05 begins, as its name tells
GENUINE = "6726825d"

#: images at once
BLOCK = 64


@dataclass(frozen=True)
class Inception:
    """The 2,048 features of torch-fidelity's InceptionV3, with the weights of 2015 that the distance is defined by.

    ``path``: a file of them in torch-fidelity's format, or where it is empty torch-fidelity's own download. With other
    weights the distance is none to be called FID.
    """

    path: str = ""

    def weights(self, images: Published, generator: torch.Generator) -> Weights:
        """Read with torch's reader of tensors alone: a pickle of anything else is refused."""
        path = Path(self.path) if self.path else self._downloaded()
        try:
            content = path.read_bytes()
            tensors = torch.load(path, weights_only=True, map_location="cpu")
        except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
            reason = " ".join(str(error).split())[:200]
            raise UnavailableWeightsError(f"inception: no weights in {path} ({reason})") from error
        sha256 = hashlib.sha256(content).hexdigest()
        return Weights(dict(tensors), {"source": path.name, "file_sha256": sha256, "fid": sha256.startswith(GENUINE)})

    @torch.no_grad()
    def features(self, tensors: Mapping[str, Tensor], pixels: Tensor) -> Tensor:
        """The last pooling; grey images as three equal channels."""
        network = _network(tensors)
        blocks = [network(rows.expand(-1, 3, -1, -1).contiguous())[0] for rows in pixels.split(BLOCK)]
        return torch.cat(blocks)

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
    """torch-fidelity's network, which reads its weights from a file only."""
    of = torch_fidelity("torch_fidelity.feature_extractor_inceptionv3")
    with tempfile.NamedTemporaryFile(suffix=".pth") as file:
        torch.save(dict(tensors), file.name)
        return of.FeatureExtractorInceptionV3("inception", ["2048"], feature_extractor_weights_path=file.name)


def _shown(path: Path) -> str:
    """The home folder as ``~``: what a table tells of a file is no matter of one machine."""
    return f"~/{path.relative_to(Path.home())}" if path.is_relative_to(Path.home()) else str(path)
