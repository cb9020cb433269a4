"""Images of one's own arrive as they are in the files, whatever their format, axes and scale."""

import math

import numpy as np
import pytest
import torch
from PIL import Image

from tests.data.own_images.pictures import (
    all_levels,
    archive_of,
    encoded,
    folder_of,
    levels,
    load,
    ordered,
    picture,
)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_folder_has_its_pictures_channel_by_channel_and_nothing_else(tmp_path, channels):
    images = levels(channels=channels)
    folder = folder_of(tmp_path / "mine", images)
    (folder / ".DS_Store").write_text("not shown")
    dataset = load("image_folder", folder)
    np.testing.assert_allclose(all_levels(dataset), ordered(images), atol=1e-4)
    splits = dataset.splits(0)
    assert dataset.shape == (channels, 8) and dataset.dim == 64 * channels
    assert [len(part) for part in splits[:3]] == [29, 3, 8]
    # -1 is black and 1 is white
    assert -1 <= splits.train.min() < -0.9 and 0.9 < splits.train.max() <= 1
    assert splits.log_det == pytest.approx(64 * channels * math.log(2 / 255))


def test_folders_in_a_folder_are_classes(tmp_path):
    folder_of(tmp_path / "mine/cats", levels(12))
    folder_of(tmp_path / "mine/dogs", levels(18, seed=1))
    dataset = load("image_folder", tmp_path / "mine")
    labels = torch.cat(dataset.splits(0).labels)
    assert labels.bincount().tolist() == [12, 18]
    assert "30, 2 classes: cats, dogs" in dataset.facts()["images"]


@pytest.mark.parametrize(
    "axes",
    [lambda x: x[:, 0], lambda x: x, lambda x: np.moveaxis(x, 1, 3)],
    ids=["NHW", "NCHW", "NHWC"],
)
@pytest.mark.parametrize(
    ("scale", "top"),
    [
        (lambda x: x, 255),
        (lambda x: x.astype(np.int64), 255),
        (lambda x: x.astype(np.float32), 255),
        (lambda x: x / 255, 1),
    ],
    ids=["bytes", "whole", "floats", "fractions"],
)
def test_an_archive_has_the_same_images_by_any_axes_and_scale(tmp_path, axes, scale, top):
    images = levels()
    np.save(tmp_path / "mine.npy", axes(scale(images)))
    dataset = load("image_archive", tmp_path / "mine.npy")
    np.testing.assert_allclose(all_levels(dataset), ordered(images) * top / 255, atol=1e-4)
    # in the coordinates of models the scale does not matter
    reference = load("image_archive", archive_of(tmp_path / "bytes.npz", images=images))
    for part, expected in zip(dataset.splits(1)[:3], reference.splits(1)[:3], strict=True):
        torch.testing.assert_close(part, expected)
    assert dataset.log_det == pytest.approx(64 * math.log(2 / top))


def test_colours_of_an_archive_are_read_from_either_axis(tmp_path):
    images = levels(channels=3)
    for name, array in (("first", images), ("last", np.moveaxis(images, 1, 3))):
        np.save(tmp_path / f"{name}.npy", array)
        np.testing.assert_allclose(
            all_levels(load("image_archive", tmp_path / f"{name}.npy")), ordered(images), atol=1e-4
        )


def test_an_archive_has_classes_and_a_name_for_its_images(tmp_path):
    labels = np.arange(40) % 4
    path = archive_of(tmp_path / "mine.npz", faces=levels(), other=np.zeros(3), labels=labels)
    assert torch.cat(load("image_archive", path, array="faces").splits(0).labels).bincount().tolist() == [10] * 4
    path = archive_of(tmp_path / "two.npz", images=levels(), masks=levels())
    assert load("image_archive", path).dim == 64


def test_black_and_white_needs_the_value_of_white(tmp_path):
    np.save(tmp_path / "mine.npy", levels() // 128)
    assert load("image_archive", tmp_path / "mine.npy", white=1).splits(0).train.unique().tolist() == [-1, 1]
    assert load("image_archive", tmp_path / "mine.npy", white=255).splits(0).train.max() < -0.99
    np.save(tmp_path / "bool.npy", levels() > 127)
    assert load("image_archive", tmp_path / "bool.npy").splits(0).train.unique().tolist() == [-1, 1]


@pytest.mark.parametrize("scale", [lambda x: x, lambda x: x.astype(np.float32)], ids=["whole", "floats"])
def test_any_number_can_stand_for_white(tmp_path, scale):
    images = levels() % 17
    np.save(tmp_path / "mine.npy", scale(images))
    dataset = load("image_archive", tmp_path / "mine.npy", white=16)
    np.testing.assert_allclose(all_levels(dataset), ordered(images), atol=1e-5)
    assert dataset.splits(0).train.max() == 1 and dataset.log_det == pytest.approx(64 * math.log(2 / 16))
    assert dataset.facts()["coordinates"].startswith("levels 0 to 16 as [-1, 1]")
    np.save(tmp_path / "above.npy", levels() / 255 * 1.00001)
    assert load("image_archive", tmp_path / "above.npy", white=1.00001).splits(0).train.max() == pytest.approx(1)


def test_the_central_square_is_scaled(tmp_path):
    """White in the middle and black around it; a crop from a corner would have both, and so would a mere scaling."""
    images = np.zeros((20, 1, 16, 32), dtype=np.uint8)
    images[:, :, :, 8:24] = 255
    dataset = load("image_folder", folder_of(tmp_path / "mine", images), size=8)
    with pytest.raises(Exception, match="only 1 of the 20 images are distinct"):
        dataset.splits(0)
    assert dataset._parts[0].pixels.shape == (20, 1, 8, 8) and (dataset._parts[0].pixels == 255).all()


@pytest.mark.parametrize("kind", ["image_folder", "image_archive"])
def test_size_and_channels_are_those_of_pil(tmp_path, kind):
    images = levels(channels=3, side=12)
    folder, archive = folder_of(tmp_path / "mine", images), archive_of(tmp_path / "mine.npz", images=images)
    dataset = load(kind, {"image_folder": folder, "image_archive": archive}[kind], size=8, channels=1)
    expected = [np.asarray(picture(image).convert("L").resize((8, 8), Image.Resampling.BILINEAR)) for image in images]
    # PIL's weights of red, green and blue are rounded to 16 bits
    assert np.abs(dataset._parts[0].pixels[:, 0].astype(float) - np.stack(expected)).max() < 1.01


def test_fractions_are_scaled_as_levels_are(tmp_path):
    images = levels(channels=3, side=12)
    paths = [archive_of(tmp_path / name, images=of) for name, of in (("a.npz", images), ("b.npz", images / 255))]
    whole, fractions = (load("image_archive", path, size=8)._parts[0].pixels.astype(float) for path in paths)
    assert np.abs(whole - 255 * fractions).max() < 1.01 and fractions.max() < 1


def test_grey_becomes_colour_and_black_is_black(tmp_path):
    images = levels()
    dataset = load("image_folder", folder_of(tmp_path / "mine", images), channels=3)
    np.testing.assert_allclose(all_levels(dataset), ordered(np.repeat(images, 3, axis=1)), atol=1e-4)


def test_palettes_and_transparency_are_what_the_settings_say(tmp_path):
    colours = levels(channels=3)
    folder = tmp_path / "mine"
    folder.mkdir()
    for place, image in enumerate(colours):
        alpha = Image.fromarray(np.full((8, 8), 255, dtype=np.uint8))
        alpha.putpixel((0, 0), 0)
        see_through = picture(image)
        see_through.putalpha(alpha)
        see_through.save(folder / f"{place}.png")
    for background, level in (("white", 255), ("black", 0)):
        expected = colours.copy()
        expected[:, :, 0, 0] = level
        dataset = load("image_folder", folder, background=background)
        np.testing.assert_allclose(all_levels(dataset), ordered(expected), atol=1e-4)
    # an alpha that hides nothing is none
    for place, image in enumerate(colours):
        opaque = picture(image)
        opaque.putalpha(255)
        opaque.save(folder / f"{place}.png")
    np.testing.assert_allclose(all_levels(load("image_folder", folder)), ordered(colours), atol=1e-4)
    for place, image in enumerate(colours):
        picture(image).quantize(64, dither=Image.Dither.NONE).save(folder / f"{place}.png")
    expected = [
        np.moveaxis(np.asarray(Image.open(folder / f"{place}.png").convert("RGB")), 2, 0) for place in range(40)
    ]
    np.testing.assert_allclose(
        all_levels(load("image_folder", folder, channels=3)), ordered(np.stack(expected)), atol=1e-4
    )


def test_a_photograph_is_turned_as_its_camera_says(tmp_path):
    folder = folder_of(tmp_path / "mine", levels())
    image = np.zeros((8, 8), dtype=np.uint8)
    image[:4] = 255
    exif = Image.Exif()
    # the camera was turned by 90 degrees
    exif[0x0112] = 6
    (folder / "00.png").unlink()
    (folder / "photo.jpg").write_bytes(encoded(Image.fromarray(image), "JPEG", exif=exif, quality=100))
    turned = load("image_folder", folder)._parts[0].pixels[-1, 0]
    assert turned[:, 4:].min() > 250 and turned[:, :4].max() < 5
