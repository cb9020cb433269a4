"""How many different samples a set with exact copies is worth."""

from __future__ import annotations

import numpy as np

from ebmbench.evaluation.external_samples.archive import LEAST


def effective_size(samples: np.ndarray) -> float:
    """Compute n^2 / sum_i c_i^2, c_i the numbers of equal rows of ``samples: (n, D)``, as float32   (Kish 1965).

    It is 1 if all samples are identical, and n if all are different.
    """
    _, counts = np.unique(samples.astype(np.float32), axis=0, return_counts=True)
    return float(len(samples) ** 2 / np.square(counts, dtype=np.float64).sum())


def copies_note(samples: np.ndarray) -> str:
    """Return a sentence if copies leave an effective size below the least number of samples, else an empty text."""
    size = effective_size(samples)
    if size >= LEAST:
        return ""
    number = len(samples)
    which = f"all {number} samples are identical" if size == 1 else f"many of the {number} samples are copies of others"
    return f"{which}: effective size {size:.3g}"
