"""Statistics of images on images whose values are known."""

import pytest
import torch

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.data.image_shape import Shape, shape_of


def measured(name, images, **settings):
    """``{name: (B,)}`` of ``images: (B, C, S, S)``, values and hard ones."""
    rows = images.double().flatten(1)
    statistic = plugins.load("statistic", name, **settings).fit(rows)
    names = statistic.names(rows.shape[1])
    return (dict(zip(names, values.T, strict=True)) for values in (statistic.value(rows), statistic.hard(rows)))


def random(channels=1, side=8, n=5):
    return torch.rand(n, channels, side, side, generator=torch.Generator().manual_seed(4), dtype=torch.float64)


def test_the_number_of_values_tells_the_shape():
    assert [shape_of(dim) for dim in (9, 64, 784, 27, 3072)] == [(1, 3), (1, 8), (1, 28), (3, 3), (3, 32)]
    assert Shape(3, 4).images(torch.arange(48.0)[None])[0, 1, 0, 1] == 17
    for dim in (1, 3, 4, 12, 65):
        with pytest.raises(UserError, match=f"one or three channels; these have {dim} numbers"):
            shape_of(dim)


def test_averages_over_pixels_are_by_channel():
    x = random(channels=3)
    means, _ = measured("image_means", x)
    assert list(means) == ["mean(0)", "mean(1)", "mean(2)"]
    torch.testing.assert_close(means["mean(1)"], x[:, 1].mean((1, 2)))
    squares, _ = measured("image_squares", x)
    torch.testing.assert_close(squares["square(2)"], x[:, 2].square().mean((1, 2)))
    ink, inked = measured("image_ink", x, threshold=0.3, tau=1e-6)
    torch.testing.assert_close(inked["ink(0)"], (x[:, 0] > 0.3).double().mean((1, 2)))
    torch.testing.assert_close(ink["ink(0)"], inked["ink(0)"])


def test_bins_of_intensity_hold_what_is_between_their_edges():
    soft, hard = measured("image_histogram", random(), bins=4, softness=1e-6)
    x = random()
    torch.testing.assert_close(hard["bin1"], ((x >= 0.25) & (x < 0.5)).double().mean((1, 2, 3)))
    assert list(hard) == ["bin0", "bin1", "bin2"]
    torch.testing.assert_close(soft["bin2"], hard["bin2"])


def test_variation_of_a_step_is_its_height_along_its_length():
    x = torch.zeros(1, 1, 8, 8)
    x[..., 4:] = 0.7
    soft, hard = measured("image_variation", x, eps=1e-4)
    assert float(hard["variation"]) == pytest.approx(8 * 0.7 / 64)
    assert float(soft["variation"]) == pytest.approx(8 * 0.7 / 64 + (2 * 56 - 8) * 1e-4 / 64, abs=1e-6)


def test_power_of_a_wave_is_in_its_band_and_all_bands_are_the_variance():
    across = torch.arange(8, dtype=torch.float64)
    wave = torch.cos(2 * torch.pi * 3 * across / 8).expand(1, 1, 8, 8)
    bands, _ = measured("image_spectrum", wave, bands=6)
    # |k| = 3 of at most 4 sqrt 2, in six rings
    assert float(bands["band3"]) == pytest.approx(0.5) and sum(map(float, bands.values())) == pytest.approx(0.5)
    x = random(side=7)
    bands, _ = measured("image_spectrum", x)
    torch.testing.assert_close(torch.stack(list(bands.values())).sum(0), x.flatten(1).var(1, correction=0))


def test_correlation_is_the_mean_product_of_neighbours():
    x = random()
    lags, _ = measured("image_correlation", x)
    assert len(lags) == 7
    by_hand = sum(x[:, 0, i, j] * x[:, 0, (i + 2) % 8, j] for i in range(8) for j in range(8)) / 64
    torch.testing.assert_close(lags["lag(2,0)"], by_hand)
    assert list(measured("image_correlation", random(side=4))) and "lag(4,0)" not in next(
        iter(measured("image_correlation", random(side=4)))
    )


def test_a_symmetric_image_has_no_asymmetry():
    x = random()
    value, _ = measured("image_symmetry", x + x.flip(3))
    assert value["asymmetry"].abs().max() < 1e-15
    upright, _ = measured("image_symmetry", x + x.flip(2))
    assert upright["asymmetry"].min() > 0.01


def test_the_centroid_of_a_dot_is_where_it_is():
    x = torch.zeros(2, 1, 8, 8)
    x[0, 0, 1, 6] = x[1, 0, 7, 0] = 1.0
    places, _ = measured("image_centroid", x, least=1e-6)
    torch.testing.assert_close(places["row"], torch.tensor([1.5, 7.5]).double() / 8 - 0.5, rtol=0, atol=1e-5)
    torch.testing.assert_close(places["column"], torch.tensor([6.5, 0.5]).double() / 8 - 0.5, rtol=0, atol=1e-5)
    # a model's image may have less than no ink
    blank, _ = measured("image_centroid", torch.stack([x[0], -x[0], 0 * x[0]]))
    assert torch.isfinite(blank["row"]).all()


def test_filters_see_edges_of_their_own_direction():
    x = torch.zeros(2, 1, 8, 8)
    x[0, 0, :, 4:] = 1.0
    x[1, 0, 4:] = 1.0
    responses, _ = measured("image_filters", x)
    assert len(responses) == 12
    # filter0 answers to the first image alone, filter2, a quarter turn on, to the second
    assert float(responses["filter0(+0)"][1]) == float(responses["filter2(+0)"][0]) == 1
    assert responses["filter0(+0)"][0] < 0.8
    for centre in ("-1", "+0", "+1"):
        torch.testing.assert_close(responses[f"filter0({centre})"][0], responses[f"filter2({centre})"][1])


@pytest.mark.parametrize(
    ("name", "settings", "allowed"),
    [
        ("image_ink", {"tau": 0.0}, "tau = 0.0; allowed: above 0"),
        ("image_histogram", {"bins": 1}, "bins = 1; allowed: 2 or more"),
        ("image_variation", {"eps": 0.0}, "eps = 0.0; allowed: above 0"),
        ("image_spectrum", {"bands": 0}, "bands = 0; allowed: 1 or more"),
        ("image_centroid", {"least": 0.0}, "least = 0.0; allowed: above 0"),
        ("image_filters", {"orientations": 0}, "orientations = 0; allowed: 1 or more"),
    ],
)
def test_impossible_settings_are_refused(name, settings, allowed):
    with pytest.raises(UserError, match=allowed):
        plugins.load("statistic", name, **settings)
