"""Features are computed on the device that is asked for, and read from it once per block."""

import pytest
import torch

from ebmbench.core import plugins
from ebmbench.data.images import Pictures, Published
from ebmbench.evaluation.extractors import blocks
from tests.helpers.extractor_weights import of_dinov2, of_inception
from tests.helpers.targets import generator

META = torch.device("meta")


def pixels(n, seed=0):
    return torch.randint(256, (n, 3, 32, 32), generator=generator(seed), dtype=torch.uint8)


def of_cnn():
    images = Pictures(pixels(8), torch.arange(8) % 2)
    return plugins.load("extractor", "cnn", epochs=1).weights(Published(images, images), generator()).tensors


def of_efficientnet():
    return pytest.importorskip("efficientnet_lite_pytorch").EfficientNet.from_name("efficientnet-lite0").state_dict()


#: random weights of each extractor
WEIGHTS = {
    "cnn": of_cnn,
    "efficientnet_lite0": of_efficientnet,
    "inception": lambda: of_inception().state_dict(),
    "dinov2": of_dinov2,
}


def test_all_extractors_are_among_them():
    assert set(WEIGHTS) == set(plugins.available("extractor"))


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_network_reads_nothing_from_its_device_but_the_features_of_a_block(name, monkeypatch):
    """On the meta device a value that is read raises, as does an operation on tensors of two devices."""
    plugin, weights, images, read = plugins.load("extractor", name), WEIGHTS[name](), pixels(3), []
    on_cpu = plugin.features(weights, images)
    assert on_cpu.device.type == "cpu" and on_cpu.dtype == torch.float32

    def on_host(features):
        read.append(features)
        return torch.zeros(features.shape)

    monkeypatch.setattr(blocks, "_on_host", on_host)
    monkeypatch.setattr(blocks, "AT_ONCE", 2)
    found = plugin.features(weights, images, META)
    assert {of.device for of in read} == {META} and [len(of) for of in read] == [2, 1]
    assert found.shape == on_cpu.shape and images.device.type == "cpu"


def test_a_transfer_within_the_network_is_noticed():
    with pytest.raises(RuntimeError, match=r"item\(\) cannot be called on meta tensors"):
        blocks.features_in_blocks(lambda rows: rows * float(rows.float().mean()), pixels(2), META, 2)


def test_blocks_on_the_cpu_have_the_size_that_is_asked_for_and_full_precision():
    seen = []

    def network(rows):
        seen.append((len(rows), torch.backends.cudnn.allow_tf32, torch.backends.cudnn.enabled, rows.requires_grad))
        return rows.float().flatten(1)

    before = torch.backends.cudnn.allow_tf32
    assert torch.equal(blocks.features_in_blocks(network, pixels(5), torch.device("cpu"), 2), network(pixels(5)))
    assert [of[0] for of in seen] == [2, 2, 1, 5] and {of[1:3] for of in seen[:3]} == {(False, True)}
    assert torch.backends.cudnn.allow_tf32 == before == seen[-1][1]
