"""LaTeX tables that fit the pages of a plain article: columns and rows are split by their printed size."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import pandas as pd

from ebmbench.reporting.captions import Caption
from ebmbench.reporting.comparison.readers_table import legends
from ebmbench.reporting.latex_columns import PrintedColumn, printed_columns
from ebmbench.reporting.latex_text import escape
from ebmbench.reporting.latex_width import LINE, text_width
from ebmbench.reporting.markdown import MOST

#: lines that the rows of a table take at most, and those of its rows and notes together
ROWS, ROWS_AND_NOTES = 45, 48

#: half the space between two columns in points
_GAP = 4.0

#: space below a row of several lines, and the height of a line, in points
_SPACE, _BASELINE = 2.0, 9.5


def latex(label: str, caption: Caption, table: pd.DataFrame) -> str:
    """Return ``table`` as ``table`` environments of an article, in \\footnotesize, none wider than a line.

    The first column names the row and is repeated; the others are spread over as many tables as their printed widths
    need, at most :data:`MOST` each, with :data:`ROWS` lines each at most. The first table has the caption, and the
    notes follow below the last one, with the meanings of [low, high] and † if fields show them. Needs booktabs.
    """
    name, *others = printed_columns(table)
    notes = [*caption.notes, *legends(table)]
    groups = [[name, *group] for group in spread(others, LINE - name.width)]
    pieces = [(group, rows) for group in groups for rows in _parts(group, notes if group is groups[-1] else [])]
    lines = ["% needs \\usepackage{booktabs}"]
    for number, (group, rows) in enumerate(pieces, start=1):
        words = f"{label}. {caption.short}" if number == 1 else _continued(label, number, len(pieces), group)
        below = notes if number == len(pieces) else []
        lines += _environment(f"{label}-{number}" if number > 1 else label, words, group, rows, below)
    return "\n".join([*lines, ""])


def spread(columns: Sequence[PrintedColumn], room: float) -> list[list[PrintedColumn]]:
    """Spread columns over groups that fit into ``room`` points: as few as possible, evenly where that fits, too."""
    filled: list[list[PrintedColumn]] = [[]]
    for column in columns:
        if filled[-1] and not _fits([*filled[-1], column], room):
            filled.append([])
        filled[-1].append(column)
    size = max(math.ceil(len(columns) / len(filled)), 1)
    even = [list(columns[at : at + size]) for at in range(0, len(columns), size)]
    return even if even and all(_fits(group, room) for group in even) else filled


def _fits(group: Sequence[PrintedColumn], room: float) -> bool:
    return len(group) <= MOST and sum(column.width + 2 * _GAP for column in group) <= room


def _parts(group: Sequence[PrintedColumn], notes: Sequence[str]) -> list[range]:
    """Split the rows into as few and as even parts as :data:`ROWS` allows; below the last one the notes have room."""
    heights = [_height(group, row) for row in range(len(group[0].fields))]
    notes_height = math.ceil(text_width(" ".join(notes)) / LINE) if notes else 0
    parts = _even(heights)
    last = parts[-1]
    if sum(heights[last.start :]) + notes_height > ROWS_AND_NOTES and len(last) > 1:
        parts[-1:] = [range(last.start, last.stop - 1), range(last.stop - 1, last.stop)]
    return parts


def _even(heights: Sequence[float]) -> list[range]:
    few = _filled(heights, ROWS)
    limits = (_filled(heights, limit) for limit in range(math.ceil(sum(heights) / len(few)), ROWS))
    return next((parts for parts in limits if len(parts) == len(few)), few)


def _filled(heights: Sequence[float], limit: float) -> list[range]:
    """Fill one part after the other up to ``limit`` lines; a row that is higher than that has a part of its own."""
    starts = [0]
    for row in range(1, len(heights)):
        if sum(heights[starts[-1] : row + 1]) > limit:
            starts.append(row)
    return [range(start, end) for start, end in itertools.pairwise([*starts, len(heights)])]


def _lines(group: Sequence[PrintedColumn], row: int) -> int:
    return max(len(column.fields[row].lines) for column in group)


def _height(group: Sequence[PrintedColumn], row: int) -> float:
    """Return the height of a row in lines, with the space below a row of several lines."""
    lines = _lines(group, row)
    return lines + _SPACE / _BASELINE if lines > 1 else lines


def _continued(label: str, number: int, pieces: int, group: Sequence[PrintedColumn]) -> str:
    return f"{label}, part {number} of {pieces}: {', '.join(column.name for column in group[1:])}."


def _end(group: Sequence[PrintedColumn], row: int) -> str:
    return rf" \\ \addlinespace[{_SPACE:g}pt]" if _lines(group, row) > 1 else r" \\"


def _environment(
    label: str, caption: str, group: Sequence[PrintedColumn], rows: range, notes: Sequence[str]
) -> list[str]:
    below = [r"\par\medskip", rf"\parbox{{\linewidth}}{{\raggedright {escape(' '.join(notes))}}}"] if notes else []
    body = [" & ".join(column.fields[row].latex("t") for column in group) + _end(group, row) for row in rows]
    return [
        r"\begin{table}",
        r"\centering\sloppy",
        rf"\caption{{{escape(caption)}}}",
        rf"\label{{tab:{label}}}",
        rf"\footnotesize\setlength{{\tabcolsep}}{{{_GAP:g}pt}}",
        rf"\begin{{tabular}}{{@{{}}{'l' * len(group)}@{{}}}}",
        r"\toprule",
        " & ".join(column.heading.latex("b") for column in group) + r" \\",
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        *below,
        r"\end{table}",
    ]
