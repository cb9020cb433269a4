"""What a person has in folders and files, and cannot be used, is one line that names it and what to do."""

import numpy as np
import pytest
from PIL import Image

from ebmbench.core.errors import UserError
from tests.data.own_images.pictures import archive_of, encoded, folder_of, levels, load, picture


def refused(dataset):
    with pytest.raises(UserError) as error:
        dataset.check_source()
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.fixture
def folder(tmp_path):
    return folder_of(tmp_path / "mine", levels())


def palette():
    return picture(levels(channels=3)[0]).quantize(8)


def see_through():
    shown = picture(levels(channels=3)[0])
    shown.putalpha(100)
    return shown


#: name of a file that joins the folder -> its content, settings, and the line
FILES = {
    "notes.txt": (b"x", {}, "{0}: notes.txt is no picture; allowed: .png, .jpg, .jpeg; move it out of the folder"),
    "a.png": (b"x", {}, "{0}/a.png: not a complete PNG or JPEG picture (it does not begin like one)"),
    "b.png": (encoded(picture(levels()[0]))[:60], {}, "{0}/b.png: not a complete PNG or JPEG picture ("),
    "c.jpg": (encoded(picture(levels()[0]), "JPEG")[:-40], {}, "{0}/c.jpg: not a complete PNG or JPEG picture ("),
    "d.png": (encoded(palette()), {}, "{0}/d.png: has a palette; write channels: 3 for colour or channels: 1 for grey"),
    "e.png": (encoded(see_through()), {"channels": 1}, "{0}/e.png: has transparent pixels; write background: white or"),
    "f.png": (
        encoded(Image.fromarray(np.full((8, 8), 999, dtype=np.uint16))),
        {},
        "{0}/f.png: more than 8 bits per level (mode I;16",
    ),
    "g.jpg": (encoded(Image.new("CMYK", (8, 8)), "JPEG"), {}, "{0}/g.jpg: has inks (CMYK); write channels: 3"),
    "h.png": (
        encoded(picture(levels(side=9)[0])),
        {},
        "{0}: h.png has 9 x 9 pixels and 00.png 8 x 8 pixels; write size: 8, or another number of pixels, to crop",
    ),
    "i.png": (
        encoded(picture(levels(channels=3)[0])),
        {},
        "{0}: i.png is in colour and 00.png is grey; write channels: 1 or channels: 3",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_in_a_folder_that_is_no_such_picture(folder, name):
    content, settings, line = FILES[name]
    (folder / name).write_bytes(content)
    assert refused(load("image_folder", folder, **settings)).startswith(line.format(folder))


def test_a_folder_of_nothing_one_picture_or_another_shape(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.npz").write_bytes(b"x")
    folder_of(tmp_path / "one", levels(1))
    folder_of(tmp_path / "wide", levels(30)[:, :, :4])
    folder_of(tmp_path / "tiny", levels(30, side=2))
    folder_of(tmp_path / "deep/a/b", levels(30))
    folder_of(tmp_path / "both", levels(30))
    folder_of(tmp_path / "both/class", levels(30))
    lines = {
        "absent": f"absent: No such file or directory; paths are relative to the working folder, {tmp_path}",
        "empty": "empty: no pictures in the folder; needed: .png, .jpg, .jpeg",
        "file.npz": "file.npz: not a folder; a file of arrays, .npy or .npz, has kind: image_archive",
        "one": "one: 1 image; allowed: 20 or more",
        "wide": "wide: the images have 8 x 4 pixels; needed: squares; write size: 4 to crop them",
        "tiny": "tiny: the images have 2 x 2 pixels; allowed: 3 x 3 or more",
        "deep": "deep: a/b/00.png is in a folder within a folder; allowed: pictures, or a folder per class",
        "both": "both: has 29.png and class/29.png; allowed: pictures, or a folder per class, not both",
    }
    for path, line in lines.items():
        assert refused(load("image_folder", path)) == line


def test_given_splits_of_another_form_or_too_few(tmp_path):
    train, test = folder_of(tmp_path / "train", levels(20)), folder_of(tmp_path / "test", levels(20, side=9))
    few = folder_of(tmp_path / "few", levels(9))
    line = refused(load("image_folder", train_path=str(train), test_path=str(test)))
    assert line.startswith(f"{test}: 1 x 9 x 9, levels 0 to 255, and {train}: 1 x 8 x 8")
    line = refused(load("image_folder", train_path=str(train), test_path=str(few)))
    assert line == f"{few}: 9 images; allowed: 10 or more"


#: array, settings -> the line
ARRAYS = [
    (levels() / 127.5 - 1, {}, "lies in [-1, 1]; allowed: 0 to 255, or 0 to 1; (x + 1) / 2 has 0 to 1"),
    (levels().astype(int) * 2, {}, "lies in [0, 510]; allowed: 0 to 255, or 0 to 1"),
    (levels(), {"white": 1}, "lies in [0, 255]; allowed: 0 to 1; write white: and the number that stands for white"),
    (levels() % 17, {"white": 15}, "lies in [0, 16]; allowed: 0 to 15; write white: and the number that stands for"),
    (levels() // 128, {}, "has whole numbers of at most 1; write white: 1 if 1 is white, or white: 255"),
    (levels() % 17, {}, "has values up to 16, neither 1 nor 255; write white: and the number that stands for"),
    (levels() % 17, {}, "stands for white, such as white: 16, or white: 255 if the images are that dark"),
    (levels() / 255 * 1.00001, {}, "has values up to 1.00001, neither 1 nor 255; write white: and the number"),
    (np.where(levels() > 250, np.nan, 0.5), {}, "values that are NaN or infinite; allowed: finite numbers"),
    (levels().reshape(40, 64), {}, "has the shape (40, 64); allowed: (N, H, W), (N, H, W, C) or (N, C, H, W) with C"),
    (levels().reshape(40, 64), {}, "give it axes of pixels with reshape"),
    (levels(channels=4), {}, "has the shape (40, 4, 8, 8); allowed: (N, H, W), (N, H, W, C) or (N, C, H, W) with C"),
    (levels(channels=4), {}, "leave out the channel of transparency"),
    (levels(channels=3, side=3), {}, "has the shape (40, 3, 3, 3), in which axis 1 or axis 3 could be the channels"),
    (levels(0)[:, 0], {}, "has the shape (0, 8, 8): it holds no images"),
    (levels(0), {}, "has the shape (0, 1, 8, 8): it holds no images"),
    (levels()[:, 0, :0], {}, "has the shape (40, 0, 8); allowed: (N, H, W)"),
    (levels(1), {}, ": 1 image; allowed: 20 or more"),
    (levels() + 0j, {}, "holds values of type complex128; allowed: real numbers"),
    (levels()[:, :, :4], {}, "the images have 8 x 4 pixels; needed: squares; write size: 4"),
    (levels(), {"array": "faces"}, "array: 'faces'; an .npy has one array without a name; leave array out"),
]


@pytest.mark.parametrize(("array", "settings", "line"), ARRAYS, ids=range(len(ARRAYS)))
def test_an_array_that_is_none_of_images(tmp_path, array, settings, line):
    np.save(tmp_path / "mine.npy", array)
    found = refused(load("image_archive", tmp_path / "mine.npy", **settings))
    assert found.startswith(f"{tmp_path}/mine.npy: ") and line in found


def test_an_archive_that_is_none_of_images(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    archive_of("keras.npz", x_train=levels(), y_train=np.zeros(40))
    archive_of("labels.npz", images=levels(), labels=np.zeros((40, 10), dtype=int))
    (tmp_path / "broken.npz").write_bytes(b"PK")
    (tmp_path / "mine.csv").write_text("a,b\n")
    (tmp_path / "folder").mkdir()
    lines = {
        "absent.npz": f"absent.npz: No such file or directory; paths are relative to the working folder, {tmp_path}",
        "folder": "folder: a folder; one of pictures has kind: image_folder",
        "mine.csv": "mine.csv: the name ends in '.csv'; allowed: .npy, .npz",
        "broken.npz": "broken.npz: not a complete NumPy file of plain arrays of numbers",
        "keras.npz": "keras.npz: the arrays are x_train (40, 1, 8, 8), y_train (40,); write array: and the name of the "
        "one with the images",
        "labels.npz": "labels.npz: the array labels has the shape (40, 10) and the type int64; allowed: (40,), whole "
        "numbers or text, one class per image",
    }
    for path, line in lines.items():
        assert refused(load("image_archive", path)) == line
    found = refused(load("image_archive", "keras.npz", array="x_tran"))
    assert found == "keras.npz: array: 'x_tran' is unknown; did you mean x_train? allowed: x_train, y_train"


@pytest.mark.parametrize("white", [0, -16, float("inf")])
def test_no_number_that_can_stand_for_white(white):
    with pytest.raises(UserError, match=f"white = {white}; allowed: .*above 0"):
        load("image_archive", "mine.npy", white=white)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({}, "path is missing; allowed: path, or train_path and test_path"),
        ({"path": "a", "train_path": "b"}, "path and train_path are both there; allowed: path, or train_path and"),
        ({"train_path": "a"}, "test_path is missing beside train_path; allowed"),
        ({"val_path": "a"}, "train_path is missing beside val_path; allowed"),
        ({"train_path": ""}, "train_path = '' names no file"),
    ],
)
def test_paths_that_are_missing_or_too_many(settings, line):
    with pytest.raises(UserError, match=line):
        load("image_folder", **settings)
