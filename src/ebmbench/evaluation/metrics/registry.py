"""The registry of metrics: name, direction, unit, splits and protocol of each."""

from __future__ import annotations

import re
from typing import NamedTuple

from ebmbench.core.errors import UserError


class Metric(NamedTuple):
    """A metric: ``direction`` is lower (is better), higher, or none; ``splits`` are the data splits that it uses.

    The split ``exact`` is an integral over the known density, or a known distribution without data. Coordinates are
    those in which models see the data; the unit ``1`` is a pure number.
    """

    name: str
    direction: str
    unit: str
    splits: tuple[str, ...]
    protocol: str

    @property
    def in_brackets(self) -> str:
        """The unit as a heading shows it, `` (nats)``; empty for a pure number."""
        return "" if self.unit == "1" else f" ({self.unit})"


METRICS = (
    Metric("kl", "lower", "nats", ("exact",), "KL(data || model) by midpoint sums over the data set's square."),
    Metric(
        "tv",
        "lower",
        "probability",
        ("exact",),
        "Total variation, half the L1 distance of the densities, by midpoint sums; in [0, 1].",
    ),
    Metric(
        "mse_log_density",
        "lower",
        "nats^2",
        ("exact",),
        "Mean over the data's density of (log model - log data)^2, log Z by quadrature; ignores mass away from "
        "the data.",
    ),
    Metric(
        "mse_log_density_data_z",
        "lower",
        "nats^2",
        ("test",),
        "Mean over test samples of (log model - log data)^2, log Z by importance sampling from the data's density with "
        "the same samples; value and error ignore model mass where there are no samples.",
    ),
    Metric(
        "off_support_mass",
        "lower",
        "probability",
        ("exact",),
        "Model mass outside the smallest region with 1 - exp(-8) of the data's mass; the data have up to 3.4e-4 there.",
    ),
    Metric(
        "mode_weight_error",
        "lower",
        "probability",
        ("exact",),
        "Total variation between the masses of the data's modes under model and data; in [0, 1].",
    ),
    Metric(
        "nll",
        "lower",
        "nats",
        ("train", "val", "test"),
        "Mean of -log model density in the model's coordinates.",
    ),
    Metric(
        "nll_trimmed",
        "lower",
        "nats",
        ("test",),
        "Mean of -log model density without the smallest and the largest 2.5 % of the values.",
    ),
    Metric(
        "kale",
        "none",
        "nats",
        ("test",),
        "Mean log-density of the model relative to its base, the contribution of the energy; at most KL(data || base).",
    ),
    Metric(
        "energy_distance",
        "lower",
        "data units",
        ("test",),
        "2 E|X - Y| - E|X - X'| - E|Y - Y'| of model and test samples, unbiased, at most 2,000 points of each.",
    ),
    Metric(
        "mmd2",
        "lower",
        "1",
        ("test",),
        "Squared MMD, Gaussian kernel, bandwidth the median distance of test samples, unbiased, at most 2,000 "
        "points of each set.",
    ),
    Metric(
        "sliced_wasserstein",
        "lower",
        "data units",
        ("test",),
        "Sliced 2-Wasserstein distance over 50 fixed directions, at most 2,000 points of each set; above 0 even "
        "between two samples of the data.",
    ),
    Metric(
        "manifold_distance",
        "lower",
        "data units",
        ("exact",),
        "Mean distance of samples to the curve on which the data lie, accurate to 1e-5.",
    ),
    Metric(
        "manifold_tv",
        "lower",
        "probability",
        ("exact",),
        "Total variation between the samples' nearest points on the curve and the exact distribution, over 20 arcs of "
        "equal angle; for n exact samples about sum_b sqrt(p_b (1 - p_b) / (2 pi n)).",
    ),
    Metric(
        "reconstruction_mse",
        "lower",
        "data units^2",
        ("test",),
        "Mean over test images and pixels of (reconstruction from the inferred latent - image)^2.",
    ),
    Metric(
        "anomaly_auprc",
        "higher",
        "1",
        ("test",),
        "Average precision of the joint energy |G(z) - x|^2 - log p(z) for test images of a held-out class.",
    ),
    Metric(
        "anomaly_auroc",
        "higher",
        "1",
        ("test",),
        "Area under the ROC curve of the joint energy for test images of a held-out class; .5 by chance.",
    ),
)

_MISMATCH = {
    "mean": (
        "lower",
        "test sd",
        "test",
        "Mean over the statistics of |mean over samples - mean over test samples| / sd.",
    ),
    "max": (
        "lower",
        "test sd",
        "test",
        "Maximum over the statistics of |mean over samples - mean over test samples| / sd.",
    ),
    "rms": ("lower", "test sd", "test", "Root mean square of (mean over samples - mean over test samples) / sd."),
    "share": ("lower", "1", "test", "Fraction of the statistics whose means differ by more than 2 standard errors."),
    "floor": (
        "none",
        "test sd",
        "test",
        "Mean of |mean over training samples - mean over test samples| / sd: the value of an exact match of the "
        "training means.",
    ),
    "floor95": (
        "none",
        "test sd",
        "test",
        "95 % quantile of the mean mismatch if the model has the means of the training samples: sampling errors of "
        "the model's, the training and the test samples.",
    ),
    "smooth": ("lower", "test sd", "test", "As mean, for the smooth statistics that a model can match."),
    "smooth_floor95": ("none", "test sd", "test", "As floor95, for the smooth statistics: a match is at or below it."),
    "d2": (
        "lower",
        "1",
        "test",
        "Squared Mahalanobis distance between the means of model and test samples, minus its expectation if they "
        "agree; shrunk covariance of the test samples (Ledoit and Wolf).",
    ),
    "d2_floor95": (
        "none",
        "1",
        "test",
        "95 % quantile of d2 if the model has the means of the training samples.",
    ),
    "w1": (
        "lower",
        "test sd",
        "test",
        "Mean over the statistics of the Wasserstein distance W_1 between model and test samples, at most 2,000 points "
        "of each; above 0 even between two samples of the data.",
    ),
    "w1_floor": ("none", "test sd", "test", "As w1, with as many training samples in place of the model's."),
    "headroom": (
        "lower",
        "nats",
        "exact",
        "Likelihood gain from tilting the model to the data's means, KL(tilted || model), integrated over the data "
        "set's square.",
    ),
    "headroom_test": (
        "lower",
        "nats",
        "test",
        "Gain in mean test log-density from tilting the model's samples to the means of the training samples; "
        "negative if the tilt reduces it.",
    ),
    "stein": (
        "lower",
        "1 / data units",
        "test",
        "Mean over the statistics of |mean over test samples of score . grad T + Laplacian T| / root mean square of "
        "grad T, which score matching makes 0.",
    ),
    "ed": (
        "lower",
        "test sd",
        "test",
        "Mean over the statistics of |change of the mean of 1,000 test samples if noise is added and the model chooses "
        "between each and noisy copies| / sd, which energy discrepancy makes 0.",
    ),
}

_FEATURES = {
    "fd": ("lower", "1", "Frechet distance between features of samples and of images of the split; biased upwards."),
    "floor": (
        "none",
        "1",
        "Frechet distance between features of as many training images as there are samples, at most half of them, and "
        "features of the other training images, or of the test images: the value of fd for real images.",
    ),
    "kid": ("lower", "1", "Squared MMD of features, cubic kernel, unbiased, mean over 25 subsets of 1,000."),
    "precision": (
        "higher",
        "1",
        "Fraction of samples within the third-nearest-neighbour ball of an image, in feature space.",
    ),
    "recall": (
        "higher",
        "1",
        "Fraction of images within the third-nearest-neighbour ball of a sample, in feature space.",
    ),
}

#: distances between images in feature space
OF_FEATURES = tuple(_FEATURES)

#: the Frechet distance with the original network and weights, and with no others
FID = "fid"

#: summaries of the mismatch of a set of statistics
SUMMARIES = tuple(_MISMATCH)

_BY_NAME = {entry.name: entry for entry in METRICS}
_FEATURE_NAME = re.compile(rf"({'|'.join(OF_FEATURES)})_([a-z0-9_]+)")
_MISMATCH_NAME = re.compile(rf"([a-z0-9_]+)_mismatch_({'|'.join(SUMMARIES)})")


def mismatch_name(statistics: str, summary: str) -> str:
    """Return the name of a summary of the mismatch of a set of statistics, e.g. ``moments_mismatch_mean``."""
    return f"{statistics}_mismatch_{summary}"


def set_and_summary(name: str) -> tuple[str, str] | None:
    """Parse a metric's name into the set of statistics and the summary; None for other metrics."""
    match = _MISMATCH_NAME.fullmatch(name)
    return None if match is None else (match[1], match[2])


def feature_name(distance: str, extractor: str) -> str:
    """Return the name of a distance in an extractor's feature space, e.g. ``kid_cnn``."""
    return f"{distance}_{extractor}"


def metric(name: str) -> Metric:
    """Return the entry of ``name``, also for ``{set}_mismatch_{summary}`` and ``{distance}_{extractor}``.

    Raises :class:`UserError` if it is unknown.
    """
    of_features = _FEATURE_NAME.fullmatch("fd_inception" if name == FID else name)
    if of_features is not None:
        direction, unit, protocol = _FEATURES[of_features[1]]
        return Metric(name, direction, unit, ("train", "test"), f"{protocol} Extractor: {of_features[2]}.")
    of_set = set_and_summary(name)
    if of_set is not None:
        direction, unit, split, protocol = _MISMATCH[of_set[1]]
        return Metric(name, direction, unit, (split,), f"{protocol} Statistics: {of_set[0]}.")
    if name not in _BY_NAME:
        made = (
            mismatch_name("{set}", f"{{{'|'.join(SUMMARIES)}}}"),
            feature_name(f"{{{'|'.join(OF_FEATURES)}}}", "{extractor}"),
        )
        allowed = ", ".join([*_BY_NAME, FID, *made])
        raise UserError(f"metric {name!r} is unknown; allowed: {allowed}")
    return _BY_NAME[name]
