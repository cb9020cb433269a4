"""The table of metrics covers what the metrics return."""

import pytest

from ebmbench.core.errors import UserError
from ebmbench.evaluation.metrics import (
    anomaly,
    data_z,
    density_grid,
    kale,
    manifold,
    reconstruction,
    sliced,
    two_sample,
)
from ebmbench.evaluation.metrics.registry import METRICS, SUMMARIES, metric, mismatch_name


def test_every_metric_has_exactly_one_entry():
    on_density = {*density_grid.NAMES, density_grid.MODES, data_z.NAME, "nll", "nll_trimmed"}
    names = on_density | {kale.NAME, *two_sample.NAMES, sliced.NAME, *manifold.NAMES}
    names |= {reconstruction.NAME, *anomaly.NAMES}
    assert names == {entry.name for entry in METRICS}
    assert len(names) == len(METRICS)


def test_entries_are_in_the_allowed_words():
    entries = [*METRICS, *(metric(mismatch_name("moments", summary)) for summary in SUMMARIES)]
    assert {entry.direction for entry in entries} == {"lower", "higher", "none"}
    assert {split for entry in entries for split in entry.splits} == {"train", "val", "test", "exact"}
    assert all(entry.unit and entry.protocol.endswith(".") for entry in entries)


def test_mismatch_is_named_by_its_set():
    assert metric("a_b_mismatch_mean").name == "a_b_mismatch_mean"
    assert metric("moments_mismatch_floor").direction == "none"


@pytest.mark.parametrize("name", ["nl", "moments_mismatch_median", "_mismatch", "mismatch_mean"])
def test_an_unknown_name_is_refused_in_one_line(name):
    with pytest.raises(UserError, match=f"metric '{name}' is unknown; allowed: kl, ") as raised:
        metric(name)
    assert "\n" not in str(raised.value)
