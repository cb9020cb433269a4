"""Summaries of the mismatch of a set of statistics, each a metric named ``{set}_mismatch_{summary}``."""

from __future__ import annotations

from ebmbench.evaluation.metrics.registry.entry import OF_DENSITY, OF_SAMPLES, Metric
from ebmbench.evaluation.metrics.registry.scale import LIKELIHOOD, LINEAR, LOG

SUMMARIES = (
    Metric(
        "mean",
        "lower",
        "test sd",
        ("test",),
        "Mean over the statistics of |mean over samples - mean over test samples| / sd, its expected value for n "
        "independent samples of each.",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "max",
        "lower",
        "test sd",
        ("test",),
        "Maximum over the statistics of |mean over samples - mean over test samples| / sd, its expected value for n "
        "independent samples of each.",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "rms",
        "lower",
        "test sd",
        ("test",),
        "Root mean square of (mean over samples - mean over test samples) / sd, its expected value for n independent "
        "samples of each.",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "fraction",
        "lower",
        "1",
        ("test",),
        "Fraction of the statistics whose means differ by more than 2 standard errors, its expected value for n "
        "independent samples of each side.",
        scale=LINEAR,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "floor",
        "none",
        "test sd",
        ("test",),
        "As mean, with n training samples in place of the model's: the value of real data.",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "floor95",
        "none",
        "test sd",
        ("test",),
        "95 % quantile of mean if the model has the means of the training samples: sampling errors of the model's, "
        "the training and the test samples.",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "smooth",
        "lower",
        "test sd",
        ("test",),
        "As mean, for the smooth statistics that a model can match.",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "smooth_floor95",
        "none",
        "test sd",
        ("test",),
        "As floor95, for the smooth statistics: a match is at or below it.",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "d2",
        "lower",
        "1",
        ("test",),
        "Squared Mahalanobis distance between the means of model and test samples, minus its expectation if they "
        "agree; shrunk covariance of the test samples (Ledoit and Wolf).",
        scale=LINEAR,
        biased_in_n=False,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "d2_floor95",
        "none",
        "1",
        ("test",),
        "95 % quantile of d2 if the model has the means of the training samples.",
        scale=LINEAR,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "w1",
        "lower",
        "test sd",
        ("test",),
        "Mean over the statistics of the Wasserstein distance W_1 between n model samples and n test samples, mean "
        "over subsets; above 0 even between two samples of the data.",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "w1_floor",
        "none",
        "test sd",
        ("test",),
        "As w1, with n training samples in place of the model's.",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "headroom",
        "lower",
        "nats",
        ("exact",),
        "Likelihood gain from tilting the model to the data's means, KL(tilted || model), integrated over the data "
        "set's square.",
        scale=LOG,
        biased_in_n=False,
        distributions=OF_DENSITY,
    ),
    Metric(
        "headroom_test",
        "lower",
        "nats",
        ("test",),
        "Gain in mean test log-density from tilting the model's samples to the means of the training samples; "
        "negative if the tilt reduces it.",
        scale=LIKELIHOOD,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "stein",
        "lower",
        "1 / data units",
        ("test",),
        "Mean over the statistics of |mean over test samples of score . grad T + Laplacian T| / root mean square "
        "of grad T, which score matching makes 0.",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_DENSITY,
    ),
    Metric(
        "ed",
        "lower",
        "test sd",
        ("test",),
        "Mean over the statistics of |change of the mean of 1,000 test samples if noise is added and the model "
        "chooses between each and noisy copies| / sd, which energy discrepancy makes 0.",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_DENSITY,
    ),
)
