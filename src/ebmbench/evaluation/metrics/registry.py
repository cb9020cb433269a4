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
        "Mean over the data's density of (log model - log data)^2, log Z by quadrature; blind off the data.",
    ),
    Metric(
        "mse_log_density_data_z",
        "lower",
        "nats^2",
        ("test",),
        "Mean over test rows of (log model - log data)^2, log Z by importance sampling from the data's density on the "
        "same rows; value and error are blind to model mass where no row falls.",
    ),
    Metric(
        "off_support_mass",
        "lower",
        "probability",
        ("exact",),
        "Model mass outside the smallest region that holds 1 - exp(-8) of the data's mass; the data has up to "
        "3.4e-4 there.",
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
        "Mean of -log model density without the least and the greatest 2.5 % of the rows' values.",
    ),
    Metric(
        "kale",
        "none",
        "nats",
        ("test",),
        "Mean of log density of the model relative to its base: what the energy adds, at most KL(data || base).",
    ),
    Metric(
        "energy_distance",
        "lower",
        "data units",
        ("test",),
        "2 E|X - Y| - E|X - X'| - E|Y - Y'|, samples against test rows, unbiased, at most 2,000 points a side.",
    ),
    Metric(
        "mmd2",
        "lower",
        "1",
        ("test",),
        "Squared MMD, Gaussian kernel, bandwidth the median distance of test rows, unbiased, at most 2,000 "
        "points a side.",
    ),
    Metric(
        "sliced_wasserstein",
        "lower",
        "data units",
        ("test",),
        "Sliced 2-Wasserstein distance over 50 fixed directions, at most 2,000 points a side; above 0 even "
        "between two draws of the data.",
    ),
    Metric(
        "manifold_distance",
        "lower",
        "data units",
        ("exact",),
        "Mean distance of samples to the curve that holds the data, good to 1e-5.",
    ),
    Metric(
        "manifold_tv",
        "lower",
        "probability",
        ("exact",),
        "Total variation between the samples' nearest points of the curve and the exact law, over 20 arcs of equal "
        "angle; of n exact draws above 0 by about sum_b sqrt(p_b (1 - p_b) / (2 pi n)).",
    ),
    Metric(
        "reconstruction_mse",
        "lower",
        "data units^2",
        ("test",),
        "Mean over test rows and pixels of (decoded latent of the row - row)^2.",
    ),
    Metric(
        "anomaly_auprc",
        "higher",
        "1",
        ("test",),
        "Average precision of the joint energy |G(z) - x|^2 - log p(z) for test rows of a class left out of training.",
    ),
    Metric(
        "anomaly_auroc",
        "higher",
        "1",
        ("test",),
        "Area under the ROC curve of the joint energy for test rows of a class left out of training; .5 by chance.",
    ),
)

_MISMATCH = {
    "mean": ("lower", "test sd", "test", "Mean over the statistics of |mean over samples - mean over test rows| / sd."),
    "max": ("lower", "test sd", "test", "Greatest |mean over samples - mean over test rows| / sd of the statistics."),
    "rms": ("lower", "test sd", "test", "Root mean square of (mean over samples - mean over test rows) / sd."),
    "share": ("lower", "1", "test", "Share of the statistics whose difference is more than 2 standard errors."),
    "floor": (
        "none",
        "test sd",
        "test",
        "Mean of |mean over train rows - mean over test rows| / sd: what exactly matched train rows would give.",
    ),
    "floor95": (
        "none",
        "test sd",
        "test",
        "What mean stays below in 19 of 20 cases if the model has the train rows' means: errors of draws, train and "
        "test rows.",
    ),
    "smooth": ("lower", "test sd", "test", "As mean, of the smooth statistics that a model can be given."),
    "smooth_floor95": ("none", "test sd", "test", "As floor95, of the smooth statistics: at or below it is matched."),
    "d2": (
        "lower",
        "1",
        "test",
        "Squared Mahalanobis distance of the means over samples from those over test rows, less its expectation where "
        "they agree; covariance of the test rows, shrunk (Ledoit and Wolf).",
    ),
    "d2_floor95": (
        "none",
        "1",
        "test",
        "What d2 stays below in 19 of 20 cases if the model has the train rows' means.",
    ),
    "w1": (
        "lower",
        "test sd",
        "test",
        "Mean over the statistics of their Wasserstein distance W_1 between samples and test rows, at most 2,000 "
        "points a side; above 0 even between two draws of the data.",
    ),
    "w1_floor": ("none", "test sd", "test", "As w1, of as many train rows in place of samples."),
    "headroom": (
        "lower",
        "nats",
        "exact",
        "What likelihood would gain from the tilt of the model to the data's means, KL(tilted || model), over the data "
        "set's square.",
    ),
    "headroom_test": (
        "lower",
        "nats",
        "test",
        "What test rows' mean log-density would gain from the tilt of the model's draws to the train rows' means; "
        "below 0 where that does harm.",
    ),
    "stein": (
        "lower",
        "1 / data units",
        "test",
        "Mean over the statistics of |mean over test rows of score . grad T + Laplacian T| / root mean square of "
        "grad T: what score matching makes 0.",
    ),
    "ed": (
        "lower",
        "test sd",
        "test",
        "Mean over the statistics of |change of the mean of 1,000 test rows by noise and one choice among them and "
        "noisy copies by the model| / sd: what energy discrepancy makes 0.",
    ),
}

_FEATURES = {
    "fd": ("lower", "1", "Frechet distance of features of samples and of images of the split; biased up by sampling."),
    "floor": (
        "none",
        "1",
        "Frechet distance of features of as many images for training as there are samples, at most half, and of the "
        "other images for training, or of those for testing: what fd reaches with the data's own images.",
    ),
    "kid": ("lower", "1", "Squared MMD of features, cubic kernel, unbiased, mean over 25 subsets of 1,000."),
    "precision": (
        "higher",
        "1",
        "Share of samples within an image's ball, to its third neighbour, of features.",
    ),
    "recall": ("higher", "1", "Share of images within a sample's ball, to its third neighbour, of features."),
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
