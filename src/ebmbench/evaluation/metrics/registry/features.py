"""Distances between images in an extractor's feature space, each a metric named ``{distance}_{extractor}``."""

from __future__ import annotations

from ebmbench.evaluation.metrics.registry.entry import OF_SAMPLES, Metric
from ebmbench.evaluation.metrics.registry.scale import LINEAR, LOG

DISTANCES = (
    Metric(
        "fd",
        "lower",
        "1",
        ("train", "test"),
        "Frechet distance between features of n samples and of images of the split; biased upwards.",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "fdinf",
        "lower",
        "1",
        ("train", "test"),
        "Frechet distance extrapolated to infinitely many samples and images of the split; 0 for real images.",
        scale=LINEAR,
        biased_in_n=False,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "floor",
        "none",
        "1",
        ("train", "test"),
        "Frechet distance between features of as many training images as samples are compared, at most half of "
        "them, and features of the other training images, or of the test images: the value of fd for real images.",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "kid",
        "lower",
        "1",
        ("train", "test"),
        "Squared MMD of features, cubic kernel, unbiased, mean over 25 subsets of 1,000.",
        scale=LINEAR,
        biased_in_n=False,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "precision",
        "higher",
        "1",
        ("train", "test"),
        "Fraction of samples within the third-nearest-neighbour ball of an image, in feature space.",
        scale=LINEAR,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "recall",
        "higher",
        "1",
        ("train", "test"),
        "Fraction of images within the third-nearest-neighbour ball of a sample, in feature space.",
        scale=LINEAR,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "coverage",
        "higher",
        "1",
        ("train", "test"),
        "Fraction of images in whose fifth-nearest-neighbour ball a sample lies, in feature space.",
        scale=LINEAR,
        biased_in_n=True,
        distributions=OF_SAMPLES,
    ),
    Metric(
        "copying",
        "none",
        "1",
        ("train",),
        "Probability that a sample is nearer to its nearest training image than a test image is, in feature space: 1/2 "
        "for new images, more for copies.",
        scale=LINEAR,
        biased_in_n=False,
        distributions=OF_SAMPLES,
    ),
)
