"""Images with axes for pixels are flattened in the data's order; other scales are refused, saying what to do."""

import numpy as np
import pytest

from ebmbench.core import plugins
from ebmbench.data.image_arrays import check_scale, flattened


def levels(shape, top=255):
    return np.random.default_rng(0).integers(0, top + 1, size=shape)


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_are_flattened_channel_by_channel(channels):
    images = levels((5, channels, 8, 8))
    rows = images.reshape(5, -1)
    np.testing.assert_array_equal(flattened(images, channels, 8), rows)
    np.testing.assert_array_equal(flattened(np.moveaxis(images, 1, 3), channels, 8), rows)
    np.testing.assert_array_equal(flattened(rows, channels, 8), rows)


def test_one_channel_needs_no_axis_and_other_shapes_stay():
    images = levels((5, 8, 8))
    np.testing.assert_array_equal(flattened(images, 1, 8), images.reshape(5, 64))
    for shape in [(5, 8, 8), (5, 8, 7), (5, 2, 8, 8), (64,), (), (0, 3)]:
        array = np.zeros(shape)
        assert flattened(array, 3, 8) is array
    assert flattened(np.zeros((0, 3, 8, 8)), 3, 8).shape == (0, 192)


@pytest.mark.parametrize(
    ("rows", "top", "remedy"),
    [
        (levels((9, 64)) / 255, 16, "2 * x - 1"),
        (levels((9, 64)), 255, "2 * x / 255 - 1"),
        (levels((9, 64)), 16, "2 * x / 255 - 1"),
        (levels((9, 64), 16), 16, "2 * x / 16 - 1"),
        (levels((9, 64), 1000), 255, r"2 \* x / \(largest level\) - 1".replace("\\", "")),
    ],
)
def test_a_scale_without_values_below_0_is_refused_and_its_remedy_is_right(rows, top, remedy):
    with pytest.raises(ValueError) as error:
        check_scale(rows, top)
    assert f"which {remedy} makes of them" in str(error.value)
    converted = eval(remedy.replace("(largest level)", "1000"), {"x": rows})
    assert converted.min() < -0.9 and 0.9 < converted.max() <= 1
    check_scale(converted, top)


def test_values_that_were_no_levels_before_their_conversion_are_refused():
    for values in (levels((9, 64)) / 255, levels((9, 64)) / 127.5 - 1):
        with pytest.raises(ValueError, match="black everywhere; allowed: levels 0 to 255, such as 255"):
            check_scale(2 * values / 255 - 1, 255)
    # dark, but levels
    check_scale(2 * levels((9, 64), 3) / 255 - 1, 255)
    # black and white may have no others
    check_scale(2.0 * levels((9, 64), 1) - 1, 1)


def test_data_of_a_data_set_are_on_its_scale_and_other_data_sets_have_no_axes():
    digits = plugins.load_entry("dataset", "digits", {"kind": "digit_images"})
    rows = digits.splits(0).train.numpy()
    digits.check_scale(rows)
    np.testing.assert_array_equal(digits.flattened(rows.reshape(-1, 1, 8, 8)), rows)
    with pytest.raises(ValueError, match=r"has values in \[0, 1\]"):
        digits.check_scale((rows + 1) / 2)
    moons = plugins.load("dataset", "moons")
    images = np.ones((3, 1, 8, 8))
    assert moons.flattened(images) is images
    moons.check_scale(np.ones((3, 2)))
