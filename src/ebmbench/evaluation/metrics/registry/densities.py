"""Metrics of a model's density."""

from __future__ import annotations

from ebmbench.evaluation.metrics.registry.entry import OF_DENSITY, Metric
from ebmbench.evaluation.metrics.registry.scale import LIKELIHOOD, LOG

METRICS = (
    Metric(
        "kl",
        "lower",
        "nats",
        ("exact",),
        "KL(data || model): by midpoint sums over the data set's square in two dimensions; beyond, the mean over test "
        "samples of log data - log model, with the errors of the mean and of log Z.",
        scale=LOG,
        biased_in_n=False,
        distributions=OF_DENSITY,
    ),
    Metric(
        "reverse_kl",
        "lower",
        "nats",
        ("exact",),
        "KL(model || data) beyond two dimensions: mean over the model's own samples, exact or from the particles that "
        "estimate log Z, of log model - log data, with the errors of their effective number and of log Z.",
        scale=LOG,
        biased_in_n=False,
        distributions=OF_DENSITY,
    ),
    Metric(
        "tv",
        "lower",
        "probability",
        ("exact",),
        "Total variation, half the L1 distance of the densities, by midpoint sums in two dimensions; beyond, the mean "
        "over test samples of max(1 - model / data, 0); in [0, 1].",
        scale=LOG,
        biased_in_n=False,
        distributions=OF_DENSITY,
    ),
    Metric(
        "mse_log_density",
        "lower",
        "nats^2",
        ("exact",),
        "Mean over the data's density of (log model - log data)^2, in two dimensions by midpoint sums, beyond over "
        "test samples; log Z is the model's own; ignores mass away from the data.",
        scale=LOG,
        biased_in_n=False,
        distributions=OF_DENSITY,
    ),
    Metric(
        "mse_log_density_data_z",
        "lower",
        "nats^2",
        ("test",),
        "Mean over test samples of (log model - log data)^2, log Z by importance sampling from the data's density "
        "with the same samples; value and error ignore model mass where there are no samples.",
        scale=LOG,
        biased_in_n=True,
        distributions=OF_DENSITY,
    ),
    Metric(
        "off_support_mass",
        "lower",
        "probability",
        ("exact",),
        "Model mass outside the smallest region with 1 - exp(-8) of the data's mass; the data have up to 3.4e-4 there.",
        scale=LOG,
        biased_in_n=False,
        distributions=OF_DENSITY,
    ),
    Metric(
        "mode_weight_error",
        "lower",
        "probability",
        ("exact",),
        "Total variation between the masses of the data's modes under model and data; in [0, 1].",
        scale=LOG,
        biased_in_n=False,
        distributions=OF_DENSITY,
    ),
    Metric(
        "nll",
        "lower",
        "nats",
        ("train", "val", "test"),
        "Mean of -log model density in the model's coordinates.",
        scale=LIKELIHOOD,
        biased_in_n=False,
        distributions=OF_DENSITY,
    ),
    Metric(
        "nll_trimmed",
        "lower",
        "nats",
        ("test",),
        "Mean of -log model density without the smallest and the largest 2.5 % of the values.",
        scale=LIKELIHOOD,
        biased_in_n=False,
        distributions=OF_DENSITY,
    ),
    Metric(
        "nll_unique",
        "lower",
        "nats",
        ("test",),
        "As nll, over the test rows without an exact copy among the training rows, each distinct row once; for tables "
        "with repeated rows and the setting copies = together.",
        scale=LIKELIHOOD,
        biased_in_n=False,
        distributions=OF_DENSITY,
    ),
    Metric(
        "kale",
        "none",
        "nats",
        ("test",),
        "Mean log-density of the model relative to its base, the contribution of the energy; at most KL(data || base).",
        scale=LIKELIHOOD,
        biased_in_n=False,
        distributions=OF_DENSITY,
    ),
)
