"""Which losses find the weight of a mode by one statistic, where the network has the modes but not their weights.

Data: .8 N(-a, .5^2) + .2 N(a, .5^2), 5000 rows, 20 seeds. U = -log of the same components with equal weights,
T = sigmoid(2x). Tabled: mean and standard deviation over seeds of the right mode's weight. Denoising score matching
at one level is left out: it fits rows with noise, which this U, made for rows without, describes so badly that the
weight it finds (.62 at a = 1.5 and 1 at a = 3, with sigma = .3) says nothing of the loss; a network that is trained
with it would not stand still.
"""

import math

import pytest
import torch

from ebmbench.experiments import line as exact
from ebmbench.experiments.line import DensityOnLine
from ebmbench.experiments.line_losses import energy_discrepancy
from ebmbench.experiments.newton import least

ROWS, SEEDS, RIGHT, SD = 5000, 20, 0.2, 0.5
HALF, WIDTH = 7.0, 0.02

ZERO = torch.zeros(1, dtype=torch.float64)


def line_of(a, x, log_q):
    left, right = -0.5 * ((x + a) / SD).square(), -0.5 * ((x - a) / SD).square()
    U_slope = (x + a - 2 * a * torch.sigmoid(right - left)) / SD**2
    s = torch.sigmoid(2 * x)
    T = [part[:, None] for part in (s, 2 * s * (1 - s), 4 * s * (1 - s) * (1 - 2 * s))]
    return DensityOnLine(x, WIDTH, log_q, -torch.logaddexp(left, right), U_slope, *T)


def counted(a, seed):
    """The rows as masses of cells."""
    stream = torch.Generator().manual_seed(seed)
    right = torch.rand(ROWS, generator=stream, dtype=torch.float64) < RIGHT
    rows = torch.where(right, a, -a) + SD * torch.randn(ROWS, generator=stream, dtype=torch.float64)
    x = torch.arange(-HALF, HALF + WIDTH / 2, WIDTH, dtype=torch.float64)
    cells = ((rows + HALF) / WIDTH).round().long()
    return line_of(a, x, torch.bincount(cells, minlength=len(x)).double().log())


WAYS = {
    "SM": exact.score_matching,
    "moments": exact.maximum_likelihood,
    **{t: lambda line, t=t: least(energy_discrepancy(line, t), ZERO) for t in (0.05, 0.5, 2.0, 8.0)},
}


@pytest.fixture(scope="module")
def weights():
    """(gap, way) -> the right mode's weight, ``(SEEDS,)``."""
    found = {}
    for a, skipped in ((1.5, 2.0), (3.0, 8.0)):
        for seed in range(SEEDS):
            line = counted(a, seed)
            for name, way in WAYS.items():
                if name != skipped:
                    p = line.log_p(way(line)).exp()
                    found.setdefault((a, name), []).append(float(p[line.x > WIDTH / 2].sum()))
    return {key: torch.tensor(values) for key, values in found.items()}


@pytest.mark.parametrize(
    ("a", "way", "mean", "sd"),
    [
        (1.5, "SM", 0.441, 0.044),
        (1.5, 0.05, 0.376, 0.032),
        (1.5, 0.5, 0.208, 0.006),
        (1.5, 8.0, 0.207, 0.007),
        (1.5, "moments", 0.208, 0.007),
        (3.0, "SM", 0.589, 0.376),
        (3.0, 0.05, 0.584, 0.373),
        (3.0, 0.5, 0.227, 0.043),
        (3.0, 2.0, 0.198, 0.006),
        (3.0, "moments", 0.200, 0.007),
    ],
)
def test_known_weights(weights, a, way, mean, sd):
    """Both tables err: their means differ by no more than 3 of their errors, their spreads by no more than a half."""
    found = weights[a, way]
    # 3 errors of the difference of two means of 20 seeds
    assert abs(float(found.mean()) - mean) < 3 * sd * math.sqrt(2 / SEEDS)
    assert 0.6 < float(found.std()) / sd < 1.6


def test_the_model_itself_has_equal_weights_and_score_matching_hardly_moves_them(weights):
    line = counted(1.5, 0)
    assert float(line.log_p(ZERO).exp()[line.x > 0].sum()) == pytest.approx(0.5, abs=0.01)
    # of the way from .5 to .2: a third by score matching, all by large t
    assert float(weights[1.5, "SM"].mean()) > 0.38
    assert abs(float(weights[1.5, 8.0].mean()) - float(weights[1.5, "moments"].mean())) < 0.003


def test_far_apart_short_perturbations_find_nothing_and_long_ones_everything(weights):
    spread = {way: float(values.std()) for (a, way), values in weights.items() if a == 3}
    assert min(spread["SM"], spread[0.05]) > 0.25 > 0.1 > spread[0.5] > 0.02 > spread[2.0]
