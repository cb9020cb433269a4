"""Physicochemical measurements of red wines."""

from __future__ import annotations

from dataclasses import dataclass

from ebmbench.data.wine import Wine, wine_file

__all__ = ["Redwine"]


@dataclass(frozen=True)
class Redwine(Wine):
    """Red wine quality data: 1,599 red vinho verde wines, 11 measurements each (Cortez et al., 2009)."""

    file = wine_file("red", "1d21c70cdf9acc97fe0105b8e199bbc2071d519c9f08b20d94bcbb0aaf77bff1")
