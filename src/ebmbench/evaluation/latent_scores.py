"""Scores of latent-variable models: reconstruction error and anomaly detection on the test set."""

from __future__ import annotations

from ebmbench.evaluation.contract import RunFiles
from ebmbench.evaluation.data_files import DataFiles
from ebmbench.evaluation.metrics import anomaly, reconstruction
from ebmbench.evaluation.metrics.estimate import Estimate

#: the split that all of these scores use
SPLIT = "test"


def names(data: DataFiles, seed: str) -> list[str]:
    """Return the metrics that the files allow for a seed with reconstructions."""
    return [reconstruction.NAME, *(anomaly.NAMES if data.odd(seed) is not None else ())]


def latent_scores(run: RunFiles, data: DataFiles, seed: str) -> dict[tuple[str, str], Estimate]:
    """Compute the estimates of these metrics, by split and metric."""
    test, odd = data.rows(seed)[SPLIT], data.odd(seed)
    found = run.reconstruction(seed, test.shape)
    scores = {reconstruction.NAME: reconstruction.reconstruction_mse(found, test[: len(found)])}
    if odd is not None:
        scores |= anomaly.anomaly(run.joint_energy(seed, len(test)), odd)
    return {(SPLIT, name): estimate for name, estimate in scores.items()}
