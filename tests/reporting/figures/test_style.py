from __future__ import annotations

import matplotlib
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from ebmbench.core import plugins
from ebmbench.reporting.figures import style
from ebmbench.reporting.figures.style import look, looks, new_figure, styled

OKABE_ITO = {"#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"}


def test_no_two_names_look_alike_in_colour_or_in_grey():
    looks = style._MARKS.values()
    assert {colour for colour, *_ in looks} <= OKABE_ITO | {style.GREY}
    assert len({(colour, marker) for colour, marker, _ in looks}) == len(looks)
    hatches = [hatch for colour, _, hatch in looks if colour == style.SKY]
    assert len(set(hatches)) == len(hatches) > 3
    for shade in {colour for colour, *_ in looks}:
        same = [marker for colour, marker, _ in looks if colour == shade]
        assert len(set(same)) == len(same)


def test_every_loss_that_the_suite_has_has_a_look_of_its_own():
    losses = [name for name in plugins.available("loss") if name not in ("none", "ml")]
    assert losses and set(losses) <= set(style._MARKS)


def test_a_method_has_its_look_by_loss_family_and_statistics():
    plain = look("ebm", "ed", "none")
    assert look("ebm", "dsm", "none").colour != plain.colour
    assert look("gebm_flow", "ed", "none").line != plain.line
    assert look("ebm", "ed", "moments") == plain._replace(filled=False)
    assert look("flow", "ml", "none") != look("gaussian", "ml", "none")


def test_an_entry_takes_after_the_loss_that_its_name_begins_with():
    plain, wide = look("ebm", "ed", "none"), look("ebm", "ed_wide", "none")
    assert wide.line != plain.line and wide._replace(line=plain.line) == plain
    # the longest name counts, and only whole words
    assert look("ebm", "dsm_levels", "none").marker != look("ebm", "dsm", "none").marker
    assert look("ebm", "dsm_levels_few", "none").marker == look("ebm", "dsm_levels", "none").marker
    assert look("ebm", "edison", "none").colour == look("ebm", "none", "none").colour


def test_methods_of_one_figure_never_look_the_same():
    methods = [("gebm_combined", f"kale_f_{name}", "none") for name in ("preconditioned", "batch", "ema", "raw")]
    methods += [("gebm_small", "kale_f_batch", "none"), ("ebm", "ed", "none")]
    found = looks(methods)
    assert list(found) == methods and len(set(map(str, found.values()))) == len(methods)
    assert len({str(look(*method)) for method in methods}) < len(methods)  # by their names alone some would
    assert found[methods[0]] == look(*methods[0]) and found[methods[-1]] == look(*methods[-1])
    assert {found[method].colour for method in methods[:-1]} == {style.ORANGE}


def test_the_two_forms_of_kale_differ_in_colour():
    assert look("gebm_flow", "kale_f", "none").colour != look("gebm_flow", "kale_dv", "none").colour


def test_an_unknown_method_has_the_same_look_each_time():
    assert look("peer", "theirs", "none") == look("peer", "theirs", "none")
    assert look("peer", "theirs", "none").marker not in {marker for _, marker, _ in style._MARKS.values()}


def test_open_marks_stay_visible():
    assert look("ebm", "ed", "moments").of_line()["markerfacecolor"] == "white"
    assert look("ebm", "ed", "none").of_line()["markerfacecolor"] == style.GREEN
    bar = look("ebm", "ed", "moments").of_bar()
    assert bar["facecolor"] == "white" and bar["edgecolor"] == style.GREEN


def test_nothing_global_changes():
    before = dict(matplotlib.rcParams)
    with styled():
        new_figure(2, 2).savefig("/dev/null", format="png")
        assert matplotlib.rcParams["font.size"] != before["font.size"]
    assert dict(matplotlib.rcParams) == before


def test_fonts_are_at_least_seven_points():
    sizes = [value for name, value in style._RC.items() if "font.size" in name or "fontsize" in name or "label" in name]
    assert len(sizes) >= 5 and min(sizes) >= 7


@pytest.mark.parametrize("name", ["BLACK", "BLUE", "GREY"])
def test_hatches_of_dark_bars_are_light(name):
    dark = getattr(style, name)
    assert sum(to_rgb(dark)) / 3 < 0.5
    assert style.Look(dark, "o", "//", "solid", True).of_bar()["edgecolor"] == "white"


def test_a_figure_is_the_same_bytes_each_time(tmp_path):
    for stem in ("one", "other"):
        figure = new_figure(2, 2)
        figure.subplots().barh([0], [1], **look("ebm", "dsm", "none").of_bar())
        style.save(figure, pd.DataFrame({"mean": [1.0]}), tmp_path / stem)
    for suffix in (".pdf", ".png", ".csv"):
        assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"other{suffix}").read_bytes()
    figure.axes[0].set_title("changed")
    style.save(figure, pd.DataFrame({"mean": [1.0]}), tmp_path / "other")
    assert (tmp_path / "one.pdf").read_bytes() != (tmp_path / "other.pdf").read_bytes()


def test_a_pdf_embeds_fonts_as_journals_ask_for(real_fonts, tmp_path):
    with styled():
        figure = new_figure(2, 2)
        figure.suptitle("letters")
        style.save(figure, pd.DataFrame({"mean": [1.0]}), tmp_path / "one")
    pdf = (tmp_path / "one.pdf").read_bytes()
    assert b"/CIDFontType2" in pdf and b"/Type3" not in pdf
