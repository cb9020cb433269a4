"""Handwritten digits of 8 x 8 pixels as a dequantised table."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.data.dequantisation import upwards
from ebmbench.data.streams import stream
from ebmbench.data.tabular import Table

__all__ = ["Digits"]

#: sha256 of the levels as bytes, image after image
SHA256 = "8f26b2bd9d135c256808f68f14fdabddde6d9c7f869ae419704b051f0f14b3b3"

#: facts shared by all data sets made from these digits
ORIGIN = {
    "source": "sklearn.datasets.load_digits, bundled with scikit-learn",
    "sha256": SHA256,
    "citation": "E. Alpaydin, C. Kaynak. Optical Recognition of Handwritten Digits. UCI, 1998",
    "licence": "CC BY 4.0 (UCI Machine Learning Repository, Optical Recognition of Handwritten Digits)",
}


@dataclass(frozen=True)
class Digits(Table):
    """1,797 digits of 64 pixels with levels 0..16 (Alpaydin and Kaynak, 1998): level + u, u ~ U(0, 1).

    Three pixels are 0 in every image: in these coordinates the data is the noise alone, uniform.
    """

    dim = 64

    def all_rows(self) -> Tensor:
        """Return levels plus noise; raise :class:`UserError` if scikit-learn's images have another sha256."""
        return upwards(load()[0], stream(self, "dequantisation"))

    def raw_rows(self) -> Tensor:
        """Return the levels."""
        return load()[0]

    def origin(self) -> dict[str, object]:
        """Return the dequantisation and the facts of scikit-learn's copy."""
        return {"dequantisation": "U(0, 1) per pixel level, drawn once for all seeds", **ORIGIN}


def load() -> tuple[Tensor, Tensor]:
    """Load levels ``(1797, 64)`` float64 and labels ``(1797,)``; raise :class:`UserError` for another sha256."""
    from sklearn.datasets import load_digits

    found = load_digits()
    if hashlib.sha256(found.data.astype("uint8").tobytes()).hexdigest() != SHA256:
        raise UserError(f"dataset digits: scikit-learn's digits do not have the expected sha256 {SHA256}")
    return torch.tensor(found.data, dtype=torch.float64), torch.tensor(found.target, dtype=torch.int64)
