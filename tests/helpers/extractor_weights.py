"""Weights of feature extractors that are not those of any file: random ones in the files' formats."""

import tempfile

import pytest
import torch

from ebmbench.evaluation.metrics.fidelity import torch_fidelity
from tests.helpers.targets import generator

#: features, depth and heads of the smallest network, and the side of the grid of positions that it was trained with
WIDTH, DEPTH, HEADS, GRID = 384, 12, 6, 37


def of_dinov2():
    """Random weights by the names, and of the sizes, in the authors' file."""
    draw = generator(7)

    def normal(*shape, scale=0.02):
        return scale * torch.randn(shape, generator=draw)

    found = {
        "cls_token": normal(1, 1, WIDTH),
        "mask_token": normal(1, WIDTH),
        "pos_embed": normal(1, 1 + GRID**2, WIDTH, scale=1.0),
        "patch_embed.proj.weight": normal(WIDTH, 3, 14, 14),
        "patch_embed.proj.bias": normal(WIDTH),
        "norm.weight": 1 + normal(WIDTH),
        "norm.bias": normal(WIDTH),
    }
    for block in range(DEPTH):
        for name, shape in {
            "attn.qkv": (3 * WIDTH, WIDTH),
            "attn.proj": (WIDTH, WIDTH),
            "mlp.fc1": (4 * WIDTH, WIDTH),
            "mlp.fc2": (WIDTH, 4 * WIDTH),
        }.items():
            found[f"blocks.{block}.{name}.weight"] = normal(*shape, scale=0.05)
            found[f"blocks.{block}.{name}.bias"] = normal(shape[0])
        for name in ("norm1", "norm2"):
            found[f"blocks.{block}.{name}.weight"] = 1 + normal(WIDTH)
            found[f"blocks.{block}.{name}.bias"] = normal(WIDTH)
        for name in ("ls1", "ls2"):
            found[f"blocks.{block}.{name}.gamma"] = 0.5 + normal(WIDTH)
    return found


def of_inception():
    """The network of torch-fidelity with random weights."""
    of = torch_fidelity("torch_fidelity.feature_extractor_inceptionv3").FeatureExtractorInceptionV3
    with pytest.MonkeyPatch.context() as patch, tempfile.NamedTemporaryFile(suffix=".pth") as file:
        patch.setattr(of, "load_state_dict", lambda *_: None)
        torch.save({}, file.name)
        return of("inception", ["2048"], feature_extractor_weights_path=file.name)
