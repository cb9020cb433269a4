"""Metrics of models with latent variables."""

from __future__ import annotations

from ebmbench.evaluation.metrics.registry.entry import OF_DENSITY, Metric
from ebmbench.evaluation.metrics.registry.scale import LINEAR, LOG

METRICS = (
    Metric(
        "reconstruction_mse",
        "lower",
        "data units^2",
        ("test",),
        "Mean over test images and pixels of (reconstruction from the inferred latent - image)^2.",
        scale=LOG,
        biased_in_n=False,
        distributions=OF_DENSITY,
    ),
    Metric(
        "anomaly_auprc",
        "higher",
        "1",
        ("test",),
        "Average precision of the joint energy |G(z) - x|^2 - log p(z) for test images of a held-out class.",
        scale=LINEAR,
        biased_in_n=False,
        distributions=OF_DENSITY,
    ),
    Metric(
        "anomaly_auroc",
        "higher",
        "1",
        ("test",),
        "Area under the ROC curve of the joint energy for test images of a held-out class; .5 by chance.",
        scale=LINEAR,
        biased_in_n=False,
        distributions=OF_DENSITY,
    ),
)
