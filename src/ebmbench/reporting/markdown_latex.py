"""Markdown pages and LaTeX tables from data frames, each with a caption."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ebmbench.core.files import write_csv, write_text
from ebmbench.reporting.comparison.tables import BOLD, dagger_legend

#: character that LaTeX would read as a command -> its escaped form
_TEX = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "±": r"$\pm$",
    "·": r"$\cdot$",
    "—": "---",
    "†": r"$^\dagger$",
    "‡": r"$^\ddagger$",
    "²": r"$^2$",
}


def markdown(title: str, about: str, table: pd.DataFrame) -> str:
    """Return a page with the title, the caption and the table, or ``None.`` if the table has no rows.

    The caption ends with the meaning of † if the table shows one.
    """
    body = table.to_markdown(index=False, disable_numparse=True) if len(table) else "None."
    return f"# {title}\n\n{_caption(about, table)}\n\n{body}\n"


def write_both(stem: Path, table: pd.DataFrame, title: str, about: str, shown: pd.DataFrame) -> None:
    """Write the ``table`` to ``stem.csv``, and a page with its readable version ``shown`` to ``stem.md``."""
    write_csv(stem.with_suffix(".csv"), table)
    write_text(stem.with_suffix(".md"), markdown(title, about, shown))


def latex(label: str, about: str, table: pd.DataFrame) -> str:
    """Return a ``table`` environment with booktabs rules; text is escaped, fields marked bold are set in bold.

    The caption ends with the meaning of † if the table shows one.
    """
    lines = [" & ".join(_field(str(field)) for field in row) + r" \\" for row in table.itertuples(index=False)]
    header = " & ".join(escape(name) for name in table.columns) + r" \\"
    return "\n".join(
        [
            "% needs \\usepackage{booktabs}",
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{escape(label)}. {escape(_caption(about, table))}}}",
            rf"\label{{tab:{label}}}",
            rf"\begin{{tabular}}{{{'l' * len(table.columns)}}}",
            r"\toprule",
            header,
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _caption(about: str, table: pd.DataFrame) -> str:
    return f"{about} {dagger_legend(table)}".rstrip()


def _field(text: str) -> str:
    inner = text.removeprefix(BOLD).removesuffix(BOLD)
    return rf"\textbf{{{escape(inner)}}}" if len(inner) == len(text) - 2 * len(BOLD) else escape(text)


def escape(text: str) -> str:
    """Escape ``text`` so that LaTeX prints it literally."""
    return "".join(_TEX.get(sign, sign) for sign in text)
