"""Captions state seeds, order, coordinates, splits, directions and distributions, and nothing that is not there."""

from __future__ import annotations

import pandas as pd

from ebmbench.reporting.captions import dataset_caption
from tests.helpers.score_rows import rows_of, sampler_rows, summary_of


def words(summary, facts=None):
    caption = dataset_caption(summary, pd.DataFrame() if facts is None else facts)
    return " ".join([caption.short, *caption.notes, ""])


def test_a_short_caption_is_one_or_two_sentences_with_seeds_and_order():
    five = dataset_caption(summary_of(rows_of("ebm-ed-none", "nll", "test", [1.0] * 5)), pd.DataFrame())
    assert five.short == "Mean over 5 seeds per method ± half the width of the 95 % interval. Sorted by nll."
    mixed = rows_of("ebm-ed-none", "nll", "test", [1.0] * 5) + rows_of("kde-none-none", "nll", "test", [1.0, "failed"])
    assert "Mean over 2 to 5 seeds" in words(summary_of(mixed))
    one = words(summary_of(rows_of("ebm-ed-none", "nll", "test", [1.0])))
    assert "One seed per method" in one and "±" not in one.partition("Sorted")[0]


def test_facts_of_the_data_are_notes_and_a_log_det_of_zero_is_none():
    facts = {"dataset": "moons", "dim": 2, "test": "30 or 31", "log_det": 1.5, "coordinates": "whitened"}
    summary = summary_of(rows_of("ebm-ed-none", "nll", "test", [1.0]))
    reported = words(summary, pd.DataFrame([facts]))
    assert "D = 2; coordinates: whitened." in reported and "log_det = 1.5 " in reported
    assert "test split (30 or 31 samples per seed)" in reported
    assert "log_det" not in words(summary, pd.DataFrame([facts | {"log_det": 0.0}]))
    assert "D =" not in words(summary)


def test_the_caption_tells_the_distributions_and_beta():
    rows = [rows_of("ebm-ed-none", "nll", "test", [1.0]), rows_of("ebm-ed-none", "energy_distance", "test", [1.0])]
    assert "sampler" not in words(summary_of(*rows))
    plain = words(summary_of(*rows, sampler_rows("ebm-ed-none", [1.0], [None])))
    assert "all others, including likelihoods, use the model's own distribution" in plain
    assert "†" not in plain and "beta" not in plain and "named base" not in plain
    base = rows_of("gebm-kale_f-none", "manifold_tv", "exact", [0.3], distribution="base")
    assert "those named base use its base" in words(summary_of(*rows, base, sampler_rows("ebm-ed-none", [1.0], [None])))
    assert "Splits: nll, energy_distance: test split." in plain
    marked = sampler_rows("ebm-ed-none", [1.0], ["optimiser"], beta=2.0) + sampler_rows("flow-ml-none", [1.0], [None])
    reported = words(summary_of(*rows, marked))
    assert "inverse temperature beta = 2: ebm · ed. " in reported and "flow · ml" not in reported
