"""DINOv2, a vision transformer that was trained without labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from ebmbench.core.device import CPU
from ebmbench.data.images import Published
from ebmbench.evaluation.extractors.blocks import features_in_blocks
from ebmbench.evaluation.extractors.interface import UnavailableWeightsError, Weights
from ebmbench.evaluation.extractors.weight_file import one_line, read_weight_file
from ebmbench.evaluation.metrics.fidelity import import_with_torchvision, torch_fidelity

__all__ = ["DinoV2"]

#: timm's names of the networks by the number of their features
NETWORKS = {
    384: "vit_small_patch14_dinov2",
    768: "vit_base_patch14_dinov2",
    1024: "vit_large_patch14_dinov2",
    1536: "vit_giant_patch14_dinov2",
}

#: side of the images that the network sees and of its patches, in pixels
SIDE, PATCH = 224, 14

#: means and standard deviations of ImageNet's channels in [0, 1]
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

#: images per block
BLOCK = 32


@dataclass(frozen=True)
class DinoV2:
    """The class token of DINOv2 without registers   (Oquab et al. 2024; for Frechet distances Stein et al. 2023).

    ``path``: the authors' file of weights, such as dinov2_vitl14_pretrain.pth; its size decides which of the four
    networks it is, with 384, 768, 1,024 or 1,536 features. Images are scaled to 224 pixels by bilinear interpolation,
    as in torch-fidelity.
    """

    path: str = ""

    def weights(self, images: Published, generator: torch.Generator) -> Weights:
        """Read the weights from ``path``; there is no download."""
        if not self.path:
            raise UnavailableWeightsError(
                "dinov2: no weights; give the authors' file, such as dinov2_vitl14_pretrain.pth, as "
                "extractors: {...: {dinov2: {path: ...}}}"
            )
        path = Path(self.path)
        tensors, sha256 = read_weight_file(path, "dinov2")
        try:
            _network(tensors)
        except (KeyError, IndexError, RuntimeError) as error:
            reason = f"{path} holds other weights than those of DINOv2 without registers"
            raise UnavailableWeightsError(f"dinov2: {reason} ({one_line(error)})") from error
        return Weights(tensors, {"source": path.name, "file_sha256": sha256})

    def features(self, tensors: Mapping[str, Tensor], pixels: Tensor, device: torch.device = CPU) -> Tensor:
        """Return the class token after the last normalisation; grey images get three equal channels."""
        network = _network(tensors).to(device)
        return features_in_blocks(lambda rows: network(_scaled(rows)), pixels, device, BLOCK)


def _scaled(pixels: Tensor) -> Tensor:
    """Return levels ``(n, C, side, side)`` as ``(n, 3, 224, 224)`` in deviations of ImageNet's channels."""
    of = torch_fidelity("torch_fidelity.interpolate_compat_tensorflow")
    levels = pixels.float().expand(-1, 3, -1, -1)
    large = of.interpolate_bilinear_2d_like_tensorflow1x(levels, size=(SIDE, SIDE), align_corners=False)
    mean, deviation = (255 * large.new_tensor(of_channels).view(3, 1, 1) for of_channels in (MEAN, DEVIATION))
    return (large - mean) / deviation


def _network(tensors: Mapping[str, Tensor]) -> torch.nn.Module:
    """Return timm's network with the authors' weights; raises KeyError, IndexError or RuntimeError for others."""
    timm, of = import_with_torchvision("timm"), import_with_torchvision("timm.models.vision_transformer")
    own = {**tensors, "pos_embed": _positions(tensors["pos_embed"])}
    with torch.device("meta"):
        network = timm.create_model(NETWORKS[own["pos_embed"].shape[-1]], img_size=SIDE)
    network.load_state_dict(of.checkpoint_filter_fn(own, network), assign=True)
    return network.eval()


def _positions(trained: Tensor) -> Tensor:
    """Scale embeddings of positions ``(1, 1 + k^2, F)`` to the patches of ``SIDE`` pixels.

    The authors' code adds .1 patches to the factor of the bicubic interpolation, which moves it by a fraction of a
    patch; timm's own resampling does not.
    """
    token, grid = trained[:, :1], trained[:, 1:]
    side = round(grid.shape[1] ** 0.5)
    square = grid.reshape(1, side, side, -1).permute(0, 3, 1, 2)
    factor = (SIDE // PATCH + 0.1) / side
    scaled = interpolate(square, scale_factor=(factor, factor), mode="bicubic")
    return torch.cat([token, scaled.flatten(2).transpose(1, 2)], dim=1)
