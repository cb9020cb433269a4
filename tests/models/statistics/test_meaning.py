"""What each statistic measures: hard counterparts, splines, tails, cells, frequencies, the choice of pairs."""

import numpy as np
import pytest
import torch
from scipy.interpolate import BSpline

from ebmbench.core.errors import UserError
from ebmbench.models.statistics.correlations import Correlations
from ebmbench.models.statistics.exceedances import Exceedances
from ebmbench.models.statistics.fourier import Fourier
from ebmbench.models.statistics.histograms import Histograms, SoftBins
from ebmbench.models.statistics.means import Means
from ebmbench.models.statistics.modes import Modes
from ebmbench.models.statistics.radial import Radial
from ebmbench.models.statistics.tails import Tails


def rows(n=4000, dim=2, seed=1):
    return torch.randn(n, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).exp()


def test_hard_bins_hold_equal_shares_and_soft_ones_are_their_blur():
    x = rows()
    bins = Histograms(bins=8).fit(x)
    assert bins.names(2)[:2] == ["bin0(x0)", "bin1(x0)"] and bins.size(2) == 14
    torch.testing.assert_close(bins.hard(x).mean(0), torch.full((14,), 1 / 8).double(), rtol=0, atol=1e-3)
    sharp = Histograms(bins=8, softness=1e-6).fit(x)
    torch.testing.assert_close(sharp.value(x).mean(0), sharp.hard(x).mean(0), rtol=0, atol=1e-3)
    assert not torch.allclose(bins.value(x).mean(0), bins.hard(x).mean(0), atol=1e-2)
    assert (bins.value(x) >= 0).all() and (bins.value(x).reshape(-1, 2, 7).sum(2) <= 1 + 1e-12).all()


def test_bins_of_one_width_are_cubic_b_splines():
    edges = torch.arange(6, dtype=torch.float64)[None]
    bins, x = SoftBins(edges, torch.ones(1).double()), torch.linspace(-4, 9, 301).double()[:, None]
    for k in range(1, 6):
        spline = BSpline.basis_element(np.arange(5) + k - 2.5, extrapolate=False)
        torch.testing.assert_close(bins.value(x)[:, k], torch.tensor(np.nan_to_num(spline(x[:, 0].numpy()))))
    left_out = 1 - bins.value(x).sum(1)
    assert torch.allclose(left_out[x[:, 0] > 6.5], torch.ones(()).double()) and (left_out[x[:, 0] < 3.5] < 1e-12).all()


def test_a_nearly_constant_column_is_named():
    x = rows()
    x[:3900, 1] = 2.0
    with pytest.raises(UserError, match="histograms: column 1 of the training samples is nearly constant"):
        Histograms().fit(x)


def test_tails_hold_their_level_and_exceedances_are_tail_means():
    x = rows()
    tails, over = Tails(level=0.1).fit(x), Exceedances(level=0.1).fit(x)
    assert tails.names(2) == ["low(x0)", "high(x0)", "low(x1)", "high(x1)"]
    torch.testing.assert_close(tails.hard(x).mean(0), torch.full((4,), 0.1).double(), rtol=0, atol=1e-3)
    low, high = torch.quantile(x[:, 0], torch.tensor([0.1, 0.9]).double())
    direct = torch.stack([(low - x[:, 0]).relu().mean(), (x[:, 0] - high).relu().mean()])
    torch.testing.assert_close(over.hard(x).mean(0)[:2], direct)
    far = torch.tensor([[100.0, -100.0]]).double()
    torch.testing.assert_close(tails.value(far), torch.tensor([[0.0, 1.0, 1.0, 0.0]]).double())
    torch.testing.assert_close(over.value(far), over.hard(far), rtol=0, atol=1e-9)


def test_cells_are_those_of_separate_modes():
    centres = torch.tensor([[0.0, 9.0], [5.0, 0.0], [-5.0, 0.0]]).double()
    draws = torch.randn(900, 2, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    x, shares = draws + centres[torch.arange(900) % 9 // 3 * (torch.arange(900) % 2)], None
    modes = Modes(count=3).fit(x)
    assert modes.size(2) == 2 and modes.centres.shape == (3, 2)
    assert (modes.centres[:, 0].diff() > 0).all()
    shares = modes.hard(x).mean(0)
    nearest = (x[:, None] - modes.centres).norm(dim=2).argmin(1)
    torch.testing.assert_close(shares, torch.bincount(nearest, minlength=3)[:2] / 900.0, check_dtype=False)
    torch.testing.assert_close(modes.value(x).mean(0), shares, rtol=0, atol=0.01)


def test_frequencies_are_on_the_rows_scale_and_the_same_again():
    x = rows()
    waves, wider = Fourier(count=32).fit(x), Fourier(count=32).fit(10 * x)
    assert waves.names(2)[0] == "cos0" and waves.names(2)[16] == "sin0" and waves.size(2) == 32
    torch.testing.assert_close(waves.frequencies, 10 * wider.frequencies)
    torch.testing.assert_close(waves.value(x), wider.value(10 * x))
    torch.testing.assert_close(
        waves.value(x)[:, :16].square() + waves.value(x)[:, 16:].square(), torch.ones(4000, 16).double()
    )


def test_pairs_are_the_most_correlated_and_some_others():
    x = rows(dim=6)
    x[:, 4] += 3 * x[:, 1]
    x[:, 5] -= 2 * x[:, 0]
    assert Correlations().fit(x).size(6) == 15
    chosen = Correlations(largest=2, others=3).fit(x)
    assert {"x1*x4", "x0*x5"} < set(chosen.names(6)) and chosen.size(6) == 5
    assert chosen.names(6) == sorted(chosen.names(6)) == Correlations(largest=2, others=3).fit(x.clone()).names(6)
    correlation = torch.tensor(np.corrcoef(x.numpy().T))
    i, j = chosen.pairs
    torch.testing.assert_close(chosen.value(x).mean(0), correlation[i, j])
    with pytest.raises(UserError, match="correlations need two coordinates or more"):
        Correlations().fit(x[:, :1])


def test_bumps_grow_with_the_rows():
    x = rows()
    bumps = Radial(scales=3).fit(x)
    assert bumps.names(2) == ["bump0", "bump1", "bump2"]
    torch.testing.assert_close(bumps.value(bumps.centre[None]), torch.ones(1, 3).double())
    assert (bumps.value(x).mean(0).diff() > 0).all()
    torch.testing.assert_close(Radial(scales=3).fit(4 * x).value(4 * x), bumps.value(x))


def test_means_are_the_rows():
    x = rows()
    assert torch.equal(Means().fit(x).value(x), x) and Means().names(2) == ["x0", "x1"]


@pytest.mark.parametrize(
    ("definition", "settings", "allowed"),
    [
        (Histograms, {"bins": 2}, "bins = 2; allowed: 3 or more"),
        (Tails, {"level": 0.5}, "level = 0.5; allowed: above 0 and below 0.5"),
        (Exceedances, {"softness": 0.0}, "softness = 0.0; allowed: above 0"),
        (Modes, {"count": 1}, "count = 1; allowed: 2 or more"),
        (Fourier, {"count": 31}, "count = 31; allowed: 2 or more and a multiple of 2"),
        (Radial, {"scales": 0}, "scales = 0; allowed: 1 or more"),
        (Correlations, {"largest": 0, "others": 0}, "allowed: 1 or more in one of them"),
    ],
)
def test_impossible_settings_are_refused(definition, settings, allowed):
    with pytest.raises(ValueError, match=allowed):
        definition(**settings)
