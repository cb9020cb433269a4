"""Physicochemical measurements of white wines."""

from __future__ import annotations

from dataclasses import dataclass

from ebmbench.data.wine import Wine, wine_file

__all__ = ["Whitewine"]


@dataclass(frozen=True)
class Whitewine(Wine):
    """White wine quality data: 4,898 white vinho verde wines, 11 measurements each (Cortez et al., 2009)."""

    file = wine_file("white", "af9302001d95f34362188e22c8535ebe42e86a9fa56ebc6c783e8ac8ba296afd")
