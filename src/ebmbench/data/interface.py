"""What a data set is, for the rest of the suite."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor

#: their names, in the order in which files and digests have them
SPLITS = ("train", "val", "test")


class Labels(NamedTuple):
    """Classes of the rows of the three splits: ``train: (N,)``, ``val: (N_v,)``, ``test: (N_t,)``, int64."""

    train: Tensor
    val: Tensor
    test: Tensor


class Splits(NamedTuple):
    """Rows in the coordinates in which models are trained and scored.

    ``train: (N, D)``, ``val: (N_v, D)``, ``test: (N_t, D)``. ``log_det`` is log |det dz/dx| of the map from
    the original coordinates x to these coordinates z: log p(x) = log p(z) + log_det (0 where x = z). ``labels``: the
    rows' classes, where they have some.
    """

    train: Tensor
    val: Tensor
    test: Tensor
    log_det: float
    labels: Labels | None = None


def digest_of(splits: Splits) -> str:
    """sha256 over the float32 bytes of the train, validation and test rows, in this order."""
    digest = hashlib.sha256()
    for split in SPLITS:
        digest.update(getattr(splits, split).float().contiguous().numpy().tobytes())
    return digest.hexdigest()


class Dataset(ABC):
    """A data set: rows for a seed, and the true log-density where it is known.

    A concrete class is a frozen dataclass whose fields are its settings (all with defaults), and the only
    name in its module's ``__all__``.
    """

    #: D
    dim: int
    #: half the side of the square [-box, box]^2 outside which the data's mass is below 1e-6 (2D only)
    box: float | None = None

    @abstractmethod
    def splits(self, seed: int) -> Splits:
        """Train, validation and test rows of this seed: the same for every method."""

    @abstractmethod
    def facts(self) -> dict[str, object]:
        """What a reader must know: coordinates, whitening, dequantisation, the source used, its sha256."""


class KnownDensity(Dataset):
    """A data set that can be drawn at will and whose log-density is known."""

    @abstractmethod
    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """``(n, D)`` independent draws, float32."""

    @abstractmethod
    def log_prob(self, x: Tensor) -> Tensor:
        """log p(x) in nats for ``x: (B, D)`` -> ``(B,)``; -inf where p = 0; computed in float64."""

    def component(self, x: Tensor) -> Tensor | None:
        """Index of the mode that x belongs to, ``(B,)`` long, or None where modes are not defined."""
        return None
