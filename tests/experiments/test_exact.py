"""Exact judgements of models on a data set's square, and the two experiments that rest on them."""

import math

import pytest
import torch

from ebmbench.data.ring8_unequal import RADIUS, Ring8Unequal
from ebmbench.experiments import anytime, sample_size
from ebmbench.experiments.anytime import Anytime
from ebmbench.experiments.exact import Square, tilted
from ebmbench.experiments.sample_size import SampleSize
from ebmbench.models.statistics.moments import Moments
from tests.helpers.targets import Energy, generator

DATA = Ring8Unequal(train=300, val=50, test=1)


def shifted(distance):
    """The data's distribution moved along the first axis."""
    return Energy(lambda x: -DATA.log_prob(x - torch.tensor([distance, 0.0], dtype=x.dtype)), 2)


def test_the_data_are_matched_by_themselves_and_by_no_shifted_copy():
    square = Square(DATA, 240)
    values = square.values(Moments().fit(DATA.splits(0).train))
    own, other = (square.judged(square.log_masses(shifted(d)), values) for d in (0.0, 0.25))
    assert own.kl == pytest.approx(0, abs=1e-9) and own.mismatch == pytest.approx(0, abs=1e-9)
    # of separate modes of sd .5 it would be half the squared shift in sd; these overlap
    assert 0.08 < other.kl < 0.5 * (0.25 / 0.5) ** 2 and other.mismatch > 0.02
    moved = square.log_masses(shifted(0.25)).exp() @ square.points.double() - square.q @ square.points.double()
    torch.testing.assert_close(moved, torch.tensor([0.25, 0.0]).double(), rtol=0, atol=1e-6)


def test_means_of_the_square_are_those_of_the_modes():
    square = Square(DATA, 240)
    means = square.q @ square.points.double()
    weights = torch.tensor([4.0, 3, 2, 1, 1, 1, 2, 3], dtype=torch.float64) / 17
    angles = 2 * math.pi * torch.arange(8, dtype=torch.float64) / 8
    torch.testing.assert_close(means[0], RADIUS * weights @ angles.cos(), rtol=0, atol=1e-6)


def test_a_tilt_gains_what_kl_falls_by():
    square = Square(DATA, 120)
    values = square.values(Moments().fit(DATA.splits(0).train))
    log_p = square.log_masses(shifted(0.25))
    found = tilted(log_p, values, square.q @ values)
    before, after = square.judged(log_p, values), square.judged(found.log_weights, values)
    assert found.gain == pytest.approx(before.kl - after.kl, abs=1e-10) and found.gain > 1e-3
    assert after.mismatch < 1e-9


@pytest.fixture(scope="module")
def courses():
    return Anytime(rows=300, width=8, depth=1, steps=12, checkpoints=3, seeds=2, cells=60).run(generator())


def test_tilts_stay_at_the_rows_own_mismatch_from_the_first_checkpoint_on(courses):
    table, floor = courses["courses"], courses["floor"].iloc[0]
    after = table[table["arm"] == anytime.AFTER]
    for _, rows in after.groupby("seed"):
        assert rows["mismatch"].max() - rows["mismatch"].min() < 1e-9
    assert after["mismatch"].mean() == pytest.approx(floor["mismatch"])
    untouched = table[table["arm"] == "none"]
    assert (untouched["mismatch"] > 2 * floor["mismatch"]).all()


def test_every_arm_has_a_course_and_the_means_are_over_seeds(courses):
    table, means = courses["courses"], courses["means"]
    assert set(zip(table["loss"], table["arm"], strict=True)) == {
        (loss, arm) for loss in anytime.LOSSES for arm in (*anytime.ARMS, anytime.AFTER)
    }
    assert list(means["n"].unique()) == [2] and set(means["step"]) == {4, 8, 12}
    part = table[(table["loss"] == "ed") & (table["arm"] == "joint") & (table["step"] == 12)]
    of = means[(means["loss"] == "ed") & (means["arm"] == "joint") & (means["step"] == 12)].iloc[0]
    assert of["kl"] == pytest.approx(part["kl"].mean())
    assert of["kl_stderr"] == pytest.approx(part["kl"].std() / math.sqrt(2))


def test_headroom_is_a_bound_of_what_tilts_gain(monkeypatch):
    monkeypatch.setattr(sample_size, "ROWS", (200, 2000))
    monkeypatch.setattr(sample_size, "WIDTHS", (8,))
    found = SampleSize(depth=1, steps=8, checkpoints=2, seeds=2, cells=60).run(generator())
    fits, means = found["fits"], found["means"]
    sound = fits[fits["status"] == "ok"]
    # no tilt of the model within the set is nearer to the data than that to its own means
    assert len(sound) and (sound["gained"] < sound["headroom"] + 1e-9).all()
    lost = (sound["headroom"] - sound["gained"]).groupby(sound["rows"]).mean()
    assert lost[200] > 3 * lost[2000] > 0
    assert ((fits["headroom"] - fits["expected"]) * 2 * fits["rows"]).tolist() == pytest.approx(fits["statistics"])
    # a set that holds another has more to give
    both = means.pivot_table(index="rows", columns="set", values="headroom")
    assert (both["s2"] > both["s1"]).all()


@pytest.mark.parametrize(
    ("plugin", "settings"), [(Anytime, {"set": "s9"}), (Anytime, {"rows": 0}), (SampleSize, {"steps": 0})]
)
def test_wrong_settings_are_refused(plugin, settings):
    with pytest.raises(ValueError, match=r"allowed: s1|= 0; allowed: 1 or more"):
        plugin(**settings)
