"""Settings that all tables have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ebmbench.core.ranges import check_ranges


@dataclass(frozen=True, kw_only=True)
class TableSettings:
    """Settings of a table.

    ``copies``: where rows go that are identical before noise, ``anywhere`` at random, or ``together`` into one split;
    the two rules are those of :data:`ebmbench.data.row_splits.RULES`.
    """

    copies: Literal["anywhere", "together"] = "together"

    def __post_init__(self) -> None:
        check_ranges(self)
