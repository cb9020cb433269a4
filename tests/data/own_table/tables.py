"""Tables of the kinds that people have, made from a fixed generator."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ebmbench.core import plugins

COLUMNS = ["height", "weight", "dose", "age"]


def measured(n=600, seed=0):
    """Rounded measurements, two of them correlated."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(n, 4)).round(3), columns=COLUMNS)
    return table.assign(weight=(table["height"] * 0.8 + 0.3 * table["weight"]).round(2))


def continuous(n=600, dim=3, seed=0):
    """Values of 53 bits, none of which repeats."""
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(n, dim)), columns=list("abcdefgh"[:dim]))


def spoilt(column, entries, table=None):
    """``table`` with other values in some rows of a column."""
    changed = (measured() if table is None else table).astype({column: object})
    changed.loc[list(entries), column] = list(entries.values())
    return changed


def load(path, **settings):
    return plugins.load("dataset", "table", **({"path": str(path)} if path else {}), **settings)


def written(path, content):
    """Write a frame or a text as ``path`` and return it."""
    text = content.to_csv(index=False) if isinstance(content, pd.DataFrame) else content
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
