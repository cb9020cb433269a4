"""Several methods against one: the probability that the least of their p-values is as small by chance."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr, ndtri

#: nodes of the common factor, and their weights: trapezoids are exact to 1e-8 for factors below LARGEST
_NODES = np.linspace(-8.0, 8.0, 321)
_WEIGHTS = np.exp(-(_NODES**2) / 2) / math.sqrt(2 * math.pi) * (_NODES[1] - _NODES[0])

#: largest correlation of two comparisons; a smaller one than the true makes p larger (Slepian 1962)
LARGEST = 0.99


def least_p_adjusted(p: float, shares: np.ndarray) -> float:
    """Return the probability that the least of m p-values of comparisons with one method is at most ``p`` by chance.

    Two comparisons with method i are correlated because both contain its mean: corr = sqrt(a_j a_k), ``shares: (m,)``
    a_j = V_i / (V_i + V_j) for variances V of means. With Z_j = sqrt(a_j) U + sqrt(1 - a_j) E_j for independent
    standard normal U and E, the result is 1 - E_U prod_j P(E_j < (z - sqrt(a_j) U) / sqrt(1 - a_j)), z the normal
    quantile of 1 - p (Dunnett 1955). It is Dunnett's test for known variances. For estimated ones p-values of t-tests
    take the place of normal ones (Conneely and Boehnke 2007), and each comparison may have degrees of freedom of its
    own; the result is then at least that of Dunnett's test, in which all comparisons share one estimate of the
    variance. It is between p (all a = 1) and Sidak's 1 - (1 - p)^m (all a = 0).
    """
    shared = np.minimum(shares, LARGEST)
    z = -ndtri(p)
    below = ndtr((z - np.sqrt(shared) * _NODES[:, None]) / np.sqrt(1 - shared))
    return float(np.clip(1 - _WEIGHTS @ np.prod(below, axis=1), 0.0, 1.0))
