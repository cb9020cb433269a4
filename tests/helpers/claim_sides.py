"""Claims and evidence made of plain lists."""

import math

import numpy as np

from ebmbench.reporting.claims.claim import Claim
from ebmbench.reporting.claims.evidence import Evidence, EvidenceSide

CLAIM = Claim("c", "a sentence", "a source", "grid", "scores", {"loss": "a"}, {"loss": "b"}, "less")

#: no training has a value
FAILED = math.nan


def side(values, stderrs=None, counts=None):
    missing = [math.nan] * len(values)
    return EvidenceSide(*(np.array(of, float) for of in (values, stderrs or missing, counts or missing)))


def both(this, other, on="x", untrained=math.nan):
    return Evidence(on, side(this), side(other), untrained)
