"""Error rates and power of ties with the best, in full: the numbers of docs/explanation/claims.md."""

import math
import re

import pytest

from tests.helpers.paths import ROOT
from tests.helpers.simulated_methods import SPREADS, committed_spreads, coverage, left_out

CLAIMS = ROOT / "docs/explanation/claims.md"

KL_MARGIN = math.log(1.25)


def documented(first):
    """Rows of the page's table whose heading begins with ``first``, as lists of numbers or words."""
    lines = CLAIMS.read_text().splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        rows.append([float(cell) if re.fullmatch(r"\d*\.?\d+", cell) else cell for cell in cells])
    return rows


def within(found, stated, repetitions):
    """Whether two fractions agree, the stated one rounded to .01: to three standard errors of the found one."""
    spread = math.sqrt(max(stated * (1 - stated), 0.01) / repetitions)
    return abs(found - stated) < 0.005 + 4 * spread


@pytest.mark.slow
@pytest.mark.parametrize(("seeds", "methods"), [(n, k) for n in (3, 5, 10) for k in (2, 4, 12)])
@pytest.mark.parametrize("spreads", SPREADS)
def test_a_truly_best_method_is_in_the_group(spreads, seeds, methods):
    """On the linear scale and without a margin, the least favourable case; 2,000 repetitions, four standard errors."""
    assert coverage(SPREADS[spreads], methods, seeds, 2000) > 0.95 - 0.02


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_it_is_with_the_committed_spreads_of_log_kl(seeds):
    assert coverage(committed_spreads(), 10, seeds, 1000) > 0.95 - 0.025
    assert coverage(committed_spreads(), 10, seeds, 300, margin=KL_MARGIN) > 0.98


@pytest.mark.slow
def test_what_all_methods_share_at_a_seed_keeps_the_level():
    for methods in (2, 4, 12):
        assert coverage(SPREADS["lognormal"], methods, 3, 1000, shared=3.0) > 0.95 - 0.025


@pytest.mark.slow
def test_the_page_states_the_coverage_that_is_found():
    stated = documented("seeds, methods")
    assert len(stated) == 9
    for name, *fractions in stated[::4]:
        seeds, methods = (int(word) for word in name.split(", "))
        for spreads, fraction in zip(SPREADS.values(), fractions, strict=True):
            assert within(coverage(spreads, methods, seeds, 500), fraction, 500), (name, fraction)


@pytest.mark.slow
def test_the_page_states_the_power_that_is_found():
    stated = documented("worse by")
    assert [row[0] for row in stated] == [1.5, 3.0, 10.0]
    for worse, *fractions in stated:
        settings = [(best, seeds) for best in (4, 1) for seeds in (3, 5, 10)]
        for (best, seeds), fraction in zip(settings, fractions, strict=True):
            found = left_out(committed_spreads(), 10, seeds, 300, worse=math.log(worse), margin=KL_MARGIN, best=best)
            assert within(found, fraction, 300), (worse, best, seeds)


def test_a_kl_ten_times_the_best_is_seldom_bold_with_five_seeds():
    """The full simulation gives .015; the standard error of 60 repetitions is .01."""
    found = left_out(committed_spreads(), 10, 5, 60, worse=math.log(10), margin=KL_MARGIN, best=4)
    assert 1 - found < 0.05
