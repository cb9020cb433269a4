"""Interface of data sets, and the splits that they return."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ebmbench.core.local_files import LocalFile
from ebmbench.data.coordinates import Coordinates, Scaling
from ebmbench.data.copies import RowGroups

#: names of the splits, in the order used in files and digests
SPLITS = ("train", "val", "test")


class Labels(NamedTuple):
    """Class labels of the three splits: ``train: (N,)``, ``val: (N_v,)``, ``test: (N_t,)``, int64."""

    train: Tensor
    val: Tensor
    test: Tensor


class Splits(NamedTuple):
    """Training, validation and test samples in the coordinates in which models are trained and scored.

    ``train: (N, D)``, ``val: (N_v, D)``, ``test: (N_t, D)``. ``log_det`` is log |det dz/dx| of the map from
    the original coordinates x to these coordinates z: log p(x) = log p(z) + log_det (0 where x = z). ``labels``: the
    samples' classes, None if they have none; ``groups``: which samples are exact copies, None if that is not known.
    """

    train: Tensor
    val: Tensor
    test: Tensor
    log_det: float
    labels: Labels | None = None
    groups: RowGroups | None = None


def digest_of(splits: Splits) -> str:
    """Compute the sha256 of the float32 bytes of the training, validation and test samples, in this order."""
    digest = hashlib.sha256()
    for split in SPLITS:
        digest.update(getattr(splits, split).float().contiguous().numpy().tobytes())
    return digest.hexdigest()


class Dataset(ABC):
    """Interface of a data set, which provides training, validation and test samples for each seed.

    A concrete class is a frozen dataclass whose fields are its settings (all with defaults), and the only
    name in its module's ``__all__``.
    """

    #: dimension D
    dim: int
    #: half the side of the square [-box, box]^2 outside which the data's mass is below 1e-6 (2D only)
    box: float | None = None

    @abstractmethod
    def splits(self, seed: int) -> Splits:
        """Return the training, validation and test samples of this seed, the same for every method."""

    def coordinates(self, seed: int) -> Coordinates:
        """Return the map from the data's own units to the coordinates of this seed's splits; here they are the same."""
        return Scaling(self.dim)

    def column_names(self) -> Sequence[str]:
        """Return the names of the columns, here their positions, counted from 0."""
        return [str(column) for column in range(self.dim)]

    def flattened(self, samples: np.ndarray) -> np.ndarray:
        """Return samples of another tool as ``(N, D)`` if their axes are known to the data set; here as they are."""
        return samples

    def check_scale(self, samples: np.ndarray) -> None:
        """Raise ``ValueError`` for samples ``(N, D)`` on a scale other than the splits'; here all are accepted.

        The message continues a sentence that begins with the samples.
        """
        return

    def check_source(self) -> None:
        """Check the files that the settings name, before the first job; here there are none.

        Raises :class:`~ebmbench.core.errors.UserError` if they cannot be used.
        """
        return

    @abstractmethod
    def facts(self) -> dict[str, object]:
        """Return facts for the reader: coordinates, whitening, dequantisation, the source used, its sha256."""

    @property
    def scores_unique_rows(self) -> bool:
        """Whether likelihoods are also scored of the test rows without a copy in train; needs groups in the splits."""
        return False

    def files(self) -> tuple[LocalFile, ...]:
        """Return the local files that the splits were read from; called after :meth:`splits`.

        A file that was fetched, or that the cache had, is not listed if its sha256 is declared.
        """
        return ()


class KnownDensity(Dataset):
    """Interface of a synthetic data set with a known log-density."""

    @abstractmethod
    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw ``(n, D)`` independent samples, float32."""

    @abstractmethod
    def log_prob(self, x: Tensor) -> Tensor:
        """Compute log p(x) in nats for ``x: (B, D)`` -> ``(B,)``; -inf where p = 0; computed in float64."""

    def component(self, x: Tensor) -> Tensor | None:
        """Return the index of the mode that x belongs to, ``(B,)`` long, or None if modes are not defined."""
        return None
