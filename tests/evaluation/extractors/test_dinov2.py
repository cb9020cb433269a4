"""DINOv2 from the authors' file is the network of its paper, on images scaled as torch-fidelity scales them."""

import pytest
import torch
from torch.nn import functional

from ebmbench.core import plugins
from ebmbench.data.images import Pictures, Published
from ebmbench.evaluation.extractors import dinov2
from ebmbench.evaluation.extractors.interface import UnavailableWeightsError
from ebmbench.evaluation.metrics.fidelity import torch_fidelity
from tests.helpers.extractor_weights import DEPTH, GRID, HEADS, WIDTH, of_dinov2
from tests.helpers.targets import generator


@pytest.fixture(scope="module")
def tensors():
    return of_dinov2()


@pytest.fixture(scope="module")
def path(tensors, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "dinov2_vits14_pretrain.pth"
    torch.save(tensors, path)
    return path


def pixels(n, channels=3, side=32, seed=0):
    return torch.randint(256, (n, channels, side, side), generator=generator(seed), dtype=torch.uint8)


def published(of):
    return Published(*(Pictures(of, torch.zeros(len(of), dtype=torch.long)) for _ in range(2)))


def transformer(w, x, offset=0.1):
    """The class token, by the formulas of the paper   (Dosovitskiy et al. 2021 with layer scale)."""

    def norm(x, name):
        return functional.layer_norm(x, (WIDTH,), w[f"{name}.weight"], w[f"{name}.bias"], eps=1e-6)

    def linear(x, name):
        return functional.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])

    grid = w["pos_embed"][:, 1:].reshape(1, GRID, GRID, WIDTH).permute(0, 3, 1, 2)
    factor = (16 + offset) / GRID
    grid = functional.interpolate(grid, scale_factor=(factor, factor), mode="bicubic").flatten(2).transpose(1, 2)
    patches = functional.conv2d(x, w["patch_embed.proj.weight"], w["patch_embed.proj.bias"], stride=14)
    x = torch.cat([w["cls_token"].expand(len(x), -1, -1), patches.flatten(2).transpose(1, 2)], 1)
    x = x + torch.cat([w["pos_embed"][:, :1], grid], 1)
    for block in range(DEPTH):
        of = f"blocks.{block}"
        q, k, v = (
            part.unflatten(-1, (HEADS, -1)).transpose(1, 2)
            for part in linear(norm(x, f"{of}.norm1"), f"{of}.attn.qkv").chunk(3, -1)
        )
        seen = ((q @ k.mT) / (WIDTH / HEADS) ** 0.5).softmax(-1) @ v
        x = x + w[f"{of}.ls1.gamma"] * linear(seen.transpose(1, 2).flatten(2), f"{of}.attn.proj")
        hidden = functional.gelu(linear(norm(x, f"{of}.norm2"), f"{of}.mlp.fc1"))
        x = x + w[f"{of}.ls2.gamma"] * linear(hidden, f"{of}.mlp.fc2")
    return norm(x, "norm")[:, 0]


def of_torch_fidelity(monkeypatch, network, images):
    """Features by torch-fidelity's class, which can only download; it gets ``network`` in place of the download."""
    of = torch_fidelity("torch_fidelity.feature_extractor_dinov2").FeatureExtractorDinoV2
    with monkeypatch.context() as patch:
        patch.setattr("torch.hub.load", lambda *_, **__: Callable(network))
        return of("dinov2-vit-s-14", ["dinov2"])(images)[0]


class Callable(torch.nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def test_features_are_those_of_the_paper_s_network_behind_torch_fidelity_s_scaling(monkeypatch, tensors, path):
    plugin = plugins.load("extractor", "dinov2", path=str(path))
    images = pixels(3)
    weights = plugin.weights(published(images), generator())
    assert weights.facts["source"] == path.name and len(str(weights.facts["file_sha256"])) == 64
    monkeypatch.setattr(dinov2, "BLOCK", 2)
    found = plugin.features(weights.tensors, images)
    expected = of_torch_fidelity(monkeypatch, lambda x: transformer(tensors, x), images)
    assert found.shape == (3, WIDTH) and found.std(0).mean() > 0.01
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    # without the offset of the authors' interpolation features differ by more
    other = of_torch_fidelity(monkeypatch, lambda x: transformer(tensors, x, offset=0.0), images)
    assert (found - other).abs().max() > 1e-2


def test_grey_images_have_three_equal_channels(tensors, path):
    plugin = plugins.load("extractor", "dinov2", path=str(path))
    grey = pixels(1, channels=1)
    torch.testing.assert_close(plugin.features(tensors, grey), plugin.features(tensors, grey.expand(-1, 3, -1, -1)))


def test_without_a_file_the_reason_names_the_setting():
    with pytest.raises(UnavailableWeightsError, match=r"dinov2: no weights; give .*dinov2_vitl14_pretrain\.pth.*path:"):
        plugins.load("extractor", "dinov2").weights(published(pixels(2)), generator())


@pytest.mark.parametrize(
    "spoil",
    {
        "registers": lambda of: of | {"register_tokens": torch.zeros(1, 4, WIDTH)},
        "another width": lambda of: of | {"pos_embed": torch.zeros(1, 1 + GRID**2, 64)},
        "no embeddings": lambda of: {name: tensor for name, tensor in of.items() if name != "pos_embed"},
        "no last layer": lambda of: {name: tensor for name, tensor in of.items() if name != "norm.bias"},
        "a list": lambda of: of | {"pos_embed": torch.zeros(3)},
        "no tensors": lambda of: {"network": of},
    }.items(),
    ids=lambda case: case[0],
)
def test_other_weights_are_a_reason_that_names_the_file(spoil, tensors, tmp_path):
    path = tmp_path / "other.pth"
    torch.save(spoil[1](dict(tensors)), path)
    with pytest.raises(UnavailableWeightsError, match=r"dinov2: .*other\.pth") as error:
        plugins.load("extractor", "dinov2", path=str(path)).weights(published(pixels(2)), generator())
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("width", sorted(dinov2.NETWORKS))
def test_every_size_has_a_network_of_its_width(width):
    timm = dinov2.import_with_torchvision("timm")
    with torch.device("meta"):
        network = timm.create_model(dinov2.NETWORKS[width], img_size=dinov2.SIDE)
    assert network.num_features == width and network(torch.empty(1, 3, 224, 224, device="meta")).shape == (1, width)
