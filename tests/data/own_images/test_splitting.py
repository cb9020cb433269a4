"""Splits of one's own images: the same test images for every seed, identical images together, or as given."""

import numpy as np
import pytest
import torch

from ebmbench.core.errors import UserError
from ebmbench.data.copies import count_copies
from ebmbench.data.own_images.splitting import group_images, set_apart
from tests.data.own_images.pictures import folder_of, levels, load, ordered


def rows(part):
    return {tuple(row) for row in part.tolist()}


def test_test_images_are_the_same_for_every_seed_and_validation_images_are_not(tmp_path):
    dataset = load("image_folder", folder_of(tmp_path / "mine", levels(50)), test_fraction=0.3)
    first, second = dataset.splits(0), dataset.splits(1)
    assert [len(part) for part in first[:3]] == [32, 3, 15]
    assert torch.equal(first.test, second.test) and rows(first.val) != rows(second.val)
    assert torch.equal(dataset.splits(0).train, first.train)
    # the images by which extractors judge
    published = dataset.published()
    assert rows(dataset.scaled(published.test.pixels)) == rows(first.test)
    assert rows(dataset.scaled(published.train.pixels)) == rows(first.train) | rows(first.val)


def test_identical_images_are_in_one_split(tmp_path):
    images = levels(80)
    images[::2] = images[0::4].repeat(2, axis=0)
    dataset = load("image_folder", folder_of(tmp_path / "mine", images))
    for seed in range(5):
        splits = dataset.splits(seed)
        parts = [rows(part) for part in splits[:3]]
        assert sum(map(len, parts)) == len(set.union(*parts)) == 60
        counts = count_copies(splits.groups)
        assert (counts.rows, counts.distinct, counts.val, counts.test) == (80, 60, 0, 0)
        assert 0 < len(splits.test) <= 16


def test_a_split_without_regard_to_copies_would_share_some():
    """Power: of pairs of copies that are split one by one, some are parted."""
    groups = torch.arange(30).repeat_interleave(2)
    rest, apart = set_apart(groups, 12, torch.Generator().manual_seed(0))
    assert len(apart) == 12 and not torch.isin(groups[apart], groups[rest]).any()
    rest, apart = set_apart(torch.arange(60), 12, torch.Generator().manual_seed(0))
    assert torch.isin(groups[apart], groups[rest]).any()


def test_groups_number_distinct_images():
    images = levels(4)[[2, 0, 2, 3, 0]]
    assert group_images(images).tolist() == [0, 1, 0, 2, 1]


def test_given_splits_are_kept_with_their_copies(tmp_path):
    train, val, test = levels(20), levels(10, seed=1), levels(12, seed=2)
    test[0] = train[0]
    paths = {f"{name}_path": folder_of(tmp_path / name, of) for name, of in (("train", train), ("test", test))}
    paths |= {"val_path": folder_of(tmp_path / "val", val)}
    dataset = load("image_folder", **{name: str(path) for name, path in paths.items()})
    splits = dataset.splits(3)
    for part, expected in zip(splits[:3], (train, val, test), strict=True):
        found = dataset.coordinates(3).inverse(part.double()).numpy()
        np.testing.assert_allclose(ordered(found), ordered(expected), atol=1e-4)
    assert count_copies(splits.groups).test == 1
    assert len(dataset.files()) == 3
    # without images for validation, each seed takes some of the training images
    without = load("image_folder", train_path=str(paths["train_path"]), test_path=str(paths["test_path"]))
    assert [len(part) for part in without.splits(0)[:3]] == [18, 2, 12]


@pytest.mark.parametrize(
    ("fraction", "line"),
    [
        (0.001, "0.001 takes 0 of the 30 images for testing and leaves 30"),
        (0.99, "0.99 takes 30 of the 30 images for testing and leaves 0"),
        (0.7, "0.7 takes 21 of the 30 images for testing and leaves 9"),
    ],
)
def test_a_fraction_that_leaves_a_split_empty_is_named(tmp_path, fraction, line):
    dataset = load("image_folder", folder_of(tmp_path / "mine", levels(30)), test_fraction=fraction)
    with pytest.raises(UserError, match=f"mine: test_fraction = {line}; needed: 1 or more for testing and 10 or more"):
        dataset.check_source()


def test_too_few_distinct_images_for_three_splits_are_one_line(tmp_path):
    folder = folder_of(tmp_path / "mine", levels(2).repeat(20, axis=0))
    with pytest.raises(UserError, match=r"mine: only 2 of the 40 images are distinct, too few for three splits"):
        load("image_folder", folder).check_source()
