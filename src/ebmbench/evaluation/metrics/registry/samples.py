"""Metrics of samples."""

from __future__ import annotations

from ebmbench.evaluation.metrics.registry.entry import OF_SAMPLES, Metric
from ebmbench.evaluation.metrics.registry.scale import LINEAR, LOG

METRICS = (
    Metric(
        "energy_distance",
        "lower",
        "data units",
        ("test",),
        "2 E|X - Y| - E|X - X'| - E|Y - Y'| of model and test samples, unbiased, at most 2,000 points of each.",
        scale=LINEAR,
        biased_in_n=False,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "mmd2",
        "lower",
        "1",
        ("test",),
        "Squared MMD, Gaussian kernel, bandwidth the median distance of test samples, unbiased, at most 2,000 "
        "points of each set.",
        scale=LINEAR,
        biased_in_n=False,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "sliced_wasserstein",
        "lower",
        "data units",
        ("test",),
        "Sliced 2-Wasserstein distance over 50 fixed directions between n points of each set, mean over subsets; above "
        "0 even between two samples of the data.",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "manifold_distance",
        "lower",
        "data units",
        ("exact",),
        "Mean distance of samples to the curve on which the data lie, accurate to 1e-5.",
        scale=LOG,
        biased_in_n=False,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "manifold_tv",
        "lower",
        "probability",
        ("exact",),
        "Total variation between the samples' nearest points on the curve and the exact distribution, over 20 arcs "
        "of equal angle, its expected value for n independent samples; sum_b sqrt(p_b (1 - p_b) / (2 pi n)) for exact "
        "ones.",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "mode_fraction_error",
        "lower",
        "probability",
        ("exact",),
        "Total variation between the mean posterior probabilities of a mixture's components over samples and the exact "
        "weights, beyond two dimensions; for n exact samples about sum_k sqrt(w_k (1 - w_k) / (2 pi n)).",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
)
