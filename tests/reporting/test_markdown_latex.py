"""Pages in Markdown and LaTeX: escapes, rules, and an explanation of each dagger."""

import pandas as pd

from ebmbench.reporting.comparison.tables import readers_table
from ebmbench.reporting.markdown_latex import escape, latex, markdown
from tests.helpers.score_rows import sampler_rows, summary_of


def test_a_page_explains_the_dagger_in_one_line_if_it_shows_one_and_not_otherwise():
    marked, plain = (
        readers_table(summary_of(sampler_rows("ebm-ed-none", [1.0], [mark]))) for mark in ("unconverged", "")
    )
    for page in (markdown, latex):
        shown, without = (page("moons", "About.", table) for table in (marked, plain))
        (line,) = [line for line in shown.splitlines() if "unconverged chains" in line]
        assert line.index("About. ") < line.index("means that the mean includes")
        assert "dagger" not in without and "†" not in without and "unconverged" not in without


def test_latex_is_escaped_and_has_rules():
    assert escape("a_b & 5 % {x} \\ ± ~ ^ # $ †") == (
        r"a\_b \& 5 \% \{x\} \textbackslash{} $\pm$ \textasciitilde{} \textasciicircum{} \# \$ $^\dagger$"
    )
    text = latex("moons", "95 % of x_1", pd.DataFrame({"mode_weight": ["1 ± 2"]}))
    assert r"\toprule" in text and r"\bottomrule" in text and r"1 $\pm$ 2 \\" in text
    assert r"mode\_weight \\" in text and r"95 \% of x\_1" in text
    assert "mode_weight" not in text
