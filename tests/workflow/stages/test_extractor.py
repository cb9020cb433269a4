"""Features of tiny sets of images, and what there is where no weights are."""

import pytest
import torch

from ebmbench.core import files, plugins
from ebmbench.core.errors import UserError
from ebmbench.data.images import Pictures, Published, shown
from ebmbench.data.remotes import UnavailableError
from ebmbench.evaluation.extractors import efficientnet_lite0, inception
from ebmbench.evaluation.extractors.interface import UnavailableWeightsError, digest
from ebmbench.evaluation.metrics.features import frechet_distance
from ebmbench.workflow.stages import extractor
from tests.helpers.extractor_weights import of_inception
from tests.helpers.targets import generator


def pictures(n, channels=3, side=32, seed=0):
    pixels = torch.randint(256, (n, channels, side, side), generator=generator(seed), dtype=torch.uint8)
    return Pictures(pixels, torch.arange(n) % 2)


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """The file of the suite's own network on the digits."""
    out = tmp_path_factory.mktemp("extractors") / "digits-cnn.safetensors"
    data = plugins.load("dataset", "digit_images")
    extractor.write_extractor(data, "cnn", plugins.load("extractor", "cnn", epochs=6), out)
    return data, out


def test_the_suite_s_own_network_finds_labels_and_its_features_tell_images_apart(digits):
    data, out = digits
    facts, found = files.read_json(out.with_suffix(".json")), extractor.read_features(out)
    assert facts["accuracy"] > 0.85 and found.reason == "" and len(found.sha256) == 64
    assert found.train.shape == (1438, 64) and found.test.shape == (359, 64)
    rows = data.scaled(data.published().test.pixels)
    cnn = plugins.load("extractor", "cnn")
    again = cnn.features(found.weights, shown(rows))
    torch.testing.assert_close(again, found.test, rtol=0, atol=1e-5)
    # noise on the images raises the distance from step to step
    noise = torch.randn(rows.shape, generator=generator(1))
    distances = [
        frechet_distance(cnn.features(found.weights, shown(rows + s * noise)), found.train).value
        for s in (0.0, 0.2, 0.4, 0.8)
    ]
    assert distances == sorted(distances) and distances[1] > 1.5 * distances[0]


def test_a_class_of_outliers_keeps_what_is_no_image_away_from_images(digits, tmp_path):
    """Shares of images with permuted pixels within real images' balls, without and with such a class."""
    data, plain = digits
    cnn = plugins.load("extractor", "cnn", epochs=6, outliers=0.25)
    extractor.write_extractor(data, "cnn", cnn, tmp_path / "digits-cnn.safetensors")
    rows = data.scaled(data.published().test.pixels)
    torn = shown(rows[:, torch.randperm(64, generator=generator(3))])
    shares = []
    for path in (plain, tmp_path / "digits-cnn.safetensors"):
        found = extractor.read_features(path)
        radius = torch.cdist(found.test, found.test).kthvalue(4, dim=1).values
        near = torch.cdist(cnn.features(found.weights, torn), found.test) <= radius
        shares.append(float(near.any(1).float().mean()))
    assert shares[0] > 0.3 and shares[1] < 0.05
    assert files.read_json(tmp_path / "digits-cnn.json")["accuracy"] > 0.8


def test_weights_are_the_same_for_the_same_set_and_have_a_digest(digits, tmp_path):
    found = extractor.read_features(digits[1])
    assert digest(found.weights) == found.sha256
    changed = {**found.weights, "classes.bias": found.weights["classes.bias"] + 1e-3}
    assert digest(changed) != found.sha256
    small = Published(pictures(60, 1, 8), pictures(20, 1, 8, 1))
    one, other = (plugins.load("extractor", "cnn", epochs=1).weights(small, generator(5)) for _ in range(2))
    assert digest(one.tensors) == digest(other.tensors)


def test_rows_are_shown_as_the_levels_that_they_were_made_of():
    data = plugins.load("dataset", "digit_images")
    levels = data.published().test.pixels
    found = shown(data.scaled(levels))
    assert torch.equal(found, (levels.double() / 16 * 255).round().to(torch.uint8))
    assert shown(torch.full((1, 64), 7.0)).min() == 255 and shown(torch.full((1, 64), -7.0)).max() == 0


def test_images_are_found_by_their_content_in_any_order(digits):
    data, out = digits
    found = extractor.read_features(out)
    rows = data.splits(3)
    known = found.known()
    torch.testing.assert_close(known.of(shown(rows.test)), found.test, rtol=0, atol=0)
    # those of a seed are neither all nor in the published order
    train = known.of(shown(rows.train))
    cnn = plugins.load("extractor", "cnn")
    torch.testing.assert_close(train, cnn.features(found.weights, shown(rows.train)), rtol=0, atol=1e-5)
    changed = shown(rows.test[:4]).clone()
    changed[2] = 255 - changed[2]
    with pytest.raises(UserError, match="features: 1 of 4 images are not among the published ones"):
        known.of(changed)
    with pytest.raises(UserError, match="extractor cnn: its file has no contents of images; write the extractor again"):
        found._replace(keys={}).known()


def test_the_inception_network_is_torch_fidelity_s_with_the_weights_of_a_file(tmp_path):
    path, network = tmp_path / "weights-inception.pth", of_inception()
    torch.save(network.state_dict(), path)
    plugin = plugins.load("extractor", "inception", path=str(path))
    images = Published(pictures(2), pictures(2, seed=1))
    weights = plugin.weights(images, generator())
    # a number made with other weights may not be called FID
    assert weights.facts["fid"] is False and weights.facts["source"] == path.name
    found = plugin.features(weights.tensors, images.train.pixels)
    torch.testing.assert_close(found, network(images.train.pixels)[0], rtol=0, atol=1e-5)
    grey = plugin.features(weights.tensors, pictures(1, 1).pixels)
    assert grey.shape == (1, 2048)


@pytest.mark.parametrize("content", [None, b"", b"no weights at all"])
def test_weights_that_are_missing_or_no_weights_are_reported_by_the_name_of_the_file(content, tmp_path):
    path = tmp_path / "weights.pth"
    if content is not None:
        path.write_bytes(content)
    data, plugin = plugins.load("dataset", "digit_images"), plugins.load("extractor", "inception", path=str(path))
    out = tmp_path / "out.safetensors"
    extractor.write_extractor(data, "inception", plugin, out)
    found = extractor.read_features(out)
    assert str(path) in found.reason and "\n" not in found.reason and found.train is None and found.weights == {}


def test_a_download_that_fails_names_the_file_and_the_setting(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))

    def broken(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(inception.torch.hub, "download_url_to_file", broken)
    with pytest.raises(
        UnavailableWeightsError, match=r"weights-inception-2015-12-05-6726825d\.pth is missing .*no network.*path:"
    ):
        plugins.load("extractor", "inception").weights(Published(pictures(2), pictures(2)), generator())


def test_a_pickle_of_anything_but_tensors_is_refused(tmp_path):
    torch.save({"weights": generator}, tmp_path / "code.pth")
    with pytest.raises(UnavailableWeightsError, match=r"no weights in .*code\.pth"):
        plugins.load("extractor", "inception", path=str(tmp_path / "code.pth")).weights(None, generator())


def test_efficientnet_without_its_file_is_a_reason(monkeypatch, tmp_path):
    monkeypatch.setenv("EBMBENCH_DATA", str(tmp_path))
    monkeypatch.setenv("EBMBENCH_CACHE", str(tmp_path))
    monkeypatch.setattr(efficientnet_lite0, "FILE", efficientnet_lite0.FILE._replace(sha256="0" * 64))
    (tmp_path / efficientnet_lite0.FILE.name).write_bytes(b"x")

    def offline(*_, **__):
        raise UnavailableError("no network")

    monkeypatch.setattr("ebmbench.data.remotes.run", offline)
    with pytest.raises(UnavailableWeightsError, match=r"efficientnet-lite0-57934424\.pth"):
        plugins.load("extractor", "efficientnet_lite0").weights(Published(pictures(2), pictures(2)), generator())


def test_efficientnet_s_features_depend_on_the_image_and_not_on_the_block(monkeypatch):
    network = pytest.importorskip("efficientnet_lite_pytorch").EfficientNet.from_name("efficientnet-lite0")
    plugin = plugins.load("extractor", "efficientnet_lite0", side=64)
    tensors = network.state_dict()
    images = pictures(5).pixels
    found = plugin.features(tensors, images)
    assert found.shape == (5, 1280) and found.std(0).mean() > 0
    grey = images[:, :1]
    torch.testing.assert_close(plugin.features(tensors, grey), plugin.features(tensors, grey.expand(-1, 3, -1, -1)))
    monkeypatch.setattr(efficientnet_lite0, "BLOCK", 2)
    torch.testing.assert_close(plugin.features(tensors, images), found, rtol=1e-4, atol=1e-5)
