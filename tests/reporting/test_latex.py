"""Tables in print: nothing is wider than a line of a plain article, by measure and by pdflatex where it is there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from ebmbench.core.csv_schema import read_typed
from ebmbench.provenance.audit.documented_numbers import committed_rows
from ebmbench.reporting import latex as module
from ebmbench.reporting.captions import Caption, dataset_caption
from ebmbench.reporting.latex import ROWS, latex, spread
from ebmbench.reporting.latex_columns import NAME_WIDTH, printed_columns
from ebmbench.reporting.latex_text import escape, with_minus
from ebmbench.reporting.latex_width import LINE, text_width
from ebmbench.reporting.markdown import MOST
from tests.helpers.paths import ROOT
from tests.helpers.reference_tables import TOP

REFERENCE = ROOT / "results/reference"

#: text -> its width in points at \footnotesize as pdflatex (TeX Live 2022) sets it, plain and in \textbf
MEASURED = {
    "ab": (8.97235, 10.20842),
    "0.0005 ± 0.0070 †": (66.27864, 74.80058),
    "gebm_combined · kale_f_preconditioned": (144.0084, 166.43254),
    "moments_mismatch_mean, sampler (test sd)": (163.14316, 188.44914),
    "— (2 diverged, 1 failed)": (88.54988, 102.58694),
    "[−0.0014, 0.0020]": (63.75092, 72.48952),
    "4.025e-6": (30.22266, 34.97806),
    "reconstruction_": (56.01079, 65.17184),
    "probability, (nats)": (67.3468, 77.60507),
}


@pytest.mark.parametrize("text", MEASURED)
@pytest.mark.parametrize("bold", [False, True])
def test_widths_are_those_of_pdflatex_and_never_much_less(text, bold):
    measured = MEASURED[text][bold]
    assert measured - 0.1 <= text_width(text, bold) <= 1.02 * measured
    assert not measured - 0.1 <= text_width(text, not bold) <= 1.02 * measured
    # as if all characters were as wide as a digit
    assert not measured - 0.1 <= len(text) * text_width("0", bold) <= 1.02 * measured


def test_an_unknown_character_counts_as_the_widest():
    assert text_width("∑") == text_width("W") > text_width("w")


def test_text_is_escaped_and_numbers_have_a_minus():
    assert escape("a_b & 5 % {x} \\ ± ~ ^ # $ †") == (
        r"a\_b \& 5 \% \{x\} \textbackslash{} $\pm$ \textasciitilde{} \textasciicircum{} \# \$ $^\dagger$"
    )
    assert with_minus("-0.1 [-2, 3.1e-7] t-test s-2") == "−0.1 [−2, 3.1e-7] t-test s-2"
    assert escape(with_minus("[-2, 3]")) == "{[}$-$2, 3]"


def test_a_table_has_rules_a_short_caption_and_the_notes_below_it():
    text = latex(
        "moons", Caption("95 % of x_1.", ("A & B.",)), pd.DataFrame({"method": ["ed"], "mode_weight": ["1 ± 2"]})
    )
    assert r"\toprule" in text and r"\bottomrule" in text and r"1 $\pm$ 2 \\" in text
    assert r"\caption{moons. 95 \% of x\_1.}" in text and "mode_weight" not in text
    assert text.index(r"\end{tabular}") < text.index(r"A \& B.") < text.index(r"\end{table}")


def table_of(rows: int, columns: int) -> pd.DataFrame:
    fields = {
        f"energy_distance_{number}, sampler (data units)": ["**-0.0020 ± 0.0044 †**"] * rows
        for number in range(columns)
    }
    return pd.DataFrame({"method": [f"method_{row}" for row in range(rows)], "runs": ["5"] * rows} | fields)


def parts(text: str) -> list[list[str]]:
    """Return the rows of each table of a LaTeX file."""
    bodies = re.findall(r"\\midrule\n(.*?)\\bottomrule", text, flags=re.DOTALL)
    return [body.splitlines() for body in bodies]


@pytest.mark.parametrize(("rows", "columns"), [(3, 1), (46, 3), (100, 9), (45, 14)])
def test_every_field_is_in_one_part_and_no_part_is_too_long(rows, columns):
    found = parts(latex("moons", Caption("Mean.", ("Notes.",)), table_of(rows, columns)))
    assert all(len(part) <= ROWS for part in found)
    assert sum(line.count(r"\dagger") for part in found for line in part) == rows * columns
    assert len({len(part) for part in found}) <= 2  # even, not 45 and 1
    assert all(line.count("&") <= MOST for part in found for line in part)


def test_a_group_of_columns_is_as_wide_as_a_line_at_most_and_as_full_as_that_allows():
    name, *others = printed_columns(table_of(3, 9))
    room = LINE - name.width
    groups = spread(others, room)
    assert [column for group in groups for column in group] == others
    taken = [sum(column.width + 2 * module._GAP for column in group) for group in groups]
    assert max(taken) <= room
    # one group fewer could not hold them
    assert (len(groups) - 1) * room < sum(taken)


def test_long_names_are_stacked_and_short_ones_are_not():
    (column,) = printed_columns(pd.DataFrame({"method": ["gebm_combined · kale_f_preconditioned", "ebm · ed"]}))
    assert [of.lines for of in column.fields] == [("gebm_combined ·", "kale_f_preconditioned"), ("ebm · ed",)]
    assert column.width <= NAME_WIDTH < text_width("gebm_combined · kale_f_preconditioned")


def committed_tables(grid: str) -> dict[str, pd.DataFrame]:
    """Return the tables of a committed run by data set, made of the rows of its pages."""
    datasets = read_typed(REFERENCE / grid / "datasets.csv")["dataset"]
    return {name: pd.DataFrame(committed_rows(REFERENCE, f"{grid}/{name}").values()).fillna("") for name in datasets}


def committed_latex(grid: str) -> dict[str, str]:
    """Return the LaTeX files of a committed run by data set."""
    summary, facts = (read_typed(REFERENCE / grid / f"{name}.csv") for name in ("summary", "datasets"))
    captions = {
        name: dataset_caption(summary[summary["dataset"] == name], facts[facts["dataset"] == name])
        for name in facts["dataset"]
    }
    return {name: latex(name, captions[name], table) for name, table in committed_tables(grid).items()}


def log_of(texts: dict[str, str], folder: Path) -> str:
    """Return the log of pdflatex on an article of these tables."""
    inputs = "\n".join(f"\\input{{{name}}}\\clearpage" for name in texts)
    for name, text in texts.items():
        (folder / f"{name}.tex").write_text(text)
    document = f"\\documentclass{{article}}\\usepackage{{booktabs}}\\begin{{document}}{inputs}\\end{{document}}"
    (folder / "all.tex").write_text(document)
    words = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-draftmode", "all.tex"]
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    return (folder / "all.log").read_text(errors="replace")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex with booktabs")
@pytest.mark.parametrize("grid", ["gebm", "images_cpu"])
def test_pdflatex_finds_no_line_and_no_page_too_full(grid, tmp_path):
    log = log_of(committed_latex(grid), tmp_path)
    assert "Overfull" not in log and "too large for page" not in log


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex with booktabs")
def test_pdflatex_finds_a_table_that_is_split_for_wider_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LINE", 1.3 * LINE)
    assert "Overfull" in log_of(committed_latex("gebm"), tmp_path)


@pytest.mark.parametrize("grid", ["gebm", "images_cpu", TOP])
def test_by_measure_no_committed_table_is_wider_than_a_line(grid):
    for table in committed_tables(grid).values():
        name, *others = printed_columns(table)
        for group in spread(others, LINE - name.width):
            columns = [[line for stack in (of.heading, *of.fields) for line in stack.lines] for of in (name, *group)]
            taken = sum(max(map(text_width, lines)) for lines in columns) + 2 * module._GAP * len(group)
            assert taken <= LINE
