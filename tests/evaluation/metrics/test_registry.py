"""The table of metrics covers what the metrics return, and declares all of each."""

import math
import re

import numpy as np
import pytest

from ebmbench.core.columns import BASE, MODEL, SAMPLER
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.evaluation.metrics import (
    anomaly,
    data_z,
    density_grid,
    density_samples,
    kale,
    manifold,
    mode_fractions,
    reconstruction,
    sliced,
    two_sample,
)
from ebmbench.evaluation.metrics.registry import (
    METRICS,
    OF_FEATURES,
    SUMMARIES,
    feature_name,
    metric,
    mismatch_name,
)
from ebmbench.evaluation.metrics.registry.scale import FACTOR, LINEAR, LOG, NATS, TINY
from tests.helpers.paths import ROOT

ALL = [
    *METRICS,
    *(metric(mismatch_name("moments", summary)) for summary in SUMMARIES),
    *(metric(feature_name(distance, "cnn")) for distance in OF_FEATURES),
]


def test_every_metric_has_exactly_one_entry():
    on_density = {*density_grid.NAMES, density_grid.MODES, data_z.NAME, "nll", "nll_trimmed", "nll_unique"}
    names = on_density | {kale.NAME, *two_sample.NAMES, sliced.NAME, *manifold.NAMES}
    names |= {*density_samples.NAMES, density_samples.REVERSE, mode_fractions.NAME}
    names |= {reconstruction.NAME, *anomaly.NAMES}
    assert names == {entry.name for entry in METRICS}
    assert len(names) == len(METRICS)


def test_entries_are_in_the_allowed_words():
    entries = ALL
    assert {entry.direction for entry in entries} == {"lower", "higher", "none"}
    assert {split for entry in entries for split in entry.splits} == {"train", "val", "test", "exact"}
    assert all(entry.unit and entry.protocol.endswith(".") for entry in entries)


def test_mismatch_is_named_by_its_set():
    assert metric("a_b_mismatch_mean").name == "a_b_mismatch_mean"
    assert metric("moments_mismatch_floor").direction == "none"


@pytest.mark.parametrize("name", ["nl", "moments_mismatch_median", "_mismatch", "mismatch_mean"])
def test_an_unknown_name_is_refused_in_one_line(name):
    with pytest.raises(UserError, match=f"metric '{name}' is unknown; .*allowed: kl, ") as raised:
        metric(name)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("path", sorted((ROOT / "results/reference").glob("*/scores.csv")), ids=lambda p: p.parent.name)
def test_every_committed_score_is_of_a_declared_distribution_split_and_sign(path):
    rows = read_typed(path)
    for (name, distribution, split), group in rows.groupby(["metric", "distribution", "split"]):
        entry = metric(str(name))
        assert distribution in entry.distributions and split in entry.splits, name
        values, errors = (group.loc[group["status"] == "ok", key].astype(float) for key in ("value", "stderr"))
        # an error of 0 is integrated or solved for with an error of its own
        assert not entry.scale.positive or (values >= -errors.fillna(0.0) - 1e-8).all(), name


def test_each_metric_declares_scale_bias_and_distributions():
    assert {entry.scale.name for entry in ALL} == {"log", "linear"}
    assert {entry.distributions for entry in ALL} == {(MODEL,), (MODEL, SAMPLER, BASE)}
    unbiased = {entry.name for entry in ALL if not entry.biased_in_n}
    assert {"kl", "nll", "mmd2", "energy_distance", "kid_cnn", "moments_mismatch_d2"} <= unbiased
    assert not {"sliced_wasserstein", "fd_cnn", "moments_mismatch_mean", "manifold_tv"} & unbiased
    negative = {"nll", "mmd2", "energy_distance", "kid_cnn", "moments_mismatch_d2", "moments_mismatch_headroom_test"}
    assert not any(entry.scale.positive for entry in ALL if entry.name in negative)


def test_margins_in_words():
    assert metric("kl").margin_text == f"a factor of {FACTOR}"
    assert metric("nll").margin_text == f"{NATS} nats"
    assert metric("mmd2").margin_text == metric("energy_distance").margin_text == "0"


def test_a_positive_error_within_its_own_error_of_zero_counts_as_that_error():
    values, errors = LOG.scaled(np.array([2.0, 1e-9, -1e-9, 0.0]), np.array([0.1, 1e-6, 1e-6, math.nan]))
    np.testing.assert_allclose(values, np.log([2.0, 1e-6, 1e-6, TINY]))
    np.testing.assert_allclose(errors, [0.05, 1.0, 1.0, 0.0])
    same = LINEAR.scaled(np.array([-0.5]), np.array([math.nan]))
    assert same.values.tolist() == [-0.5] and same.errors.tolist() == [0.0]


def test_the_page_of_the_protocol_says_scale_bias_and_distributions_of_each_metric():
    text = (ROOT / "docs/explanation/protocol.md").read_text()
    rows = re.findall(r"^\| (`.*`) \|.*\| (lower|higher|none)[^|]* \| (log|linear) \| (yes|no) \| (.*) \|$", text, re.M)
    shown = {name: row[2:] for row in rows for name in re.findall("`([a-z_0-9]+)`", row[0])}
    assert set(shown) >= {entry.name for entry in METRICS}
    for entry in METRICS:
        distributions = "model" if entry.distributions == (MODEL,) else "all"
        assert shown[entry.name] == (entry.scale.name, "yes" if entry.biased_in_n else "no", distributions), entry.name
