from __future__ import annotations

import math

import pandas as pd
import pytest
from matplotlib import colormaps
from matplotlib.patches import Rectangle

from ebmbench.core.csv_schema import read_typed
from ebmbench.reporting.figures import style
from ebmbench.reporting.figures.ablation_heat_map import COLOURS, AblationHeatMap, _luminance
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.workflow.stages.figures import draw

#: Student's t at .975 with 2 and with 1 degrees of freedom
T2, T1 = 4.302652730, 12.70620474


@pytest.fixture(scope="module")
def drawn(swept, tmp_path_factory) -> pd.DataFrame:
    stem = tmp_path_factory.mktemp("figures") / "map"
    draw("ablation_heat_map", {}, Inputs(*swept), stem)
    assert stem.with_name("map.pdf").read_bytes().startswith(b"%PDF")
    return read_typed(stem.with_name("map.csv")).set_index(["dataset", "t", "w", "M"])


@pytest.fixture
def figure_of(saved_figures, tmp_path):
    def of(inputs, plugin=AblationHeatMap()):  # noqa: B008 - frozen
        figures = saved_figures(style)
        plugin(inputs, tmp_path / "map")
        return figures[0]

    return of


def fields(axes) -> dict[tuple[int, int], Rectangle]:
    """The coloured fields by column and row."""
    found = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    return {(round(patch.get_x()), round(patch.get_y())): patch for patch in found}


def words(axes) -> dict[tuple[int, int], str]:
    return {tuple(map(int, one.get_position())): one.get_text() for one in axes.texts}


def test_a_field_is_the_mean_over_seeds_and_the_half_width_of_its_interval(drawn):
    row = drawn.loc[("ring", 0.0025, 1.0, 32)]
    # 0.02 (1, 1.1, 1.2): sample standard deviation 0.002
    assert row["mean"] == pytest.approx(0.022)
    assert row["ci_high"] - row["mean"] == pytest.approx(T2 * 0.002 / math.sqrt(3))
    assert (row["loss"], row["seeds"], row["failed"]) == ("ed_near_32", 3, 0)
    assert pd.isna(row["note"])


def test_seeds_that_failed_are_counted_and_not_in_the_mean(drawn):
    partly = drawn.loc[("ball", 1.0, 0.0, 32)]
    # 0.04 (1, 1.2)
    assert partly["mean"] == pytest.approx(0.044)
    assert partly["ci_high"] - partly["mean"] == pytest.approx(T1 * 0.004)
    assert (partly["seeds"], partly["note"]) == (2, "1 timeout\nat step 210")
    none = drawn.loc[("ball", 1.0, 50.0, 1)]
    assert (none["seeds"], none["note"]) == (0, "3 diverged\nat steps 200–220")
    assert pd.isna(none["mean"])
    assert len(drawn) == 10


def test_fields_hold_their_words_in_their_places(swept, figure_of):
    ball = figure_of(Inputs(*swept)).axes[0]
    assert ball.get_title() == "ball"
    assert [label.get_text() for label in ball.get_xticklabels()] == ["M = 1", "M = 32"]
    rows = [label.get_text() for label in ball.get_yticklabels()]
    assert rows == ["t = 0.0025\nw = 1", "t = 1\nw = 0", "t = 1\nw = 50"]
    assert ball.get_ylim() == (2.5, -0.5)  # the first row is at the top
    reported = words(ball)
    assert reported[(0, 0)] == "0.0110 ± 0.0025"
    assert reported[(1, 1)] == "0.044 [0, 0.095]\n1 timeout\nat step 210"
    assert reported[(0, 2)] == "3 diverged\nat steps 200–220"
    assert reported[(1, 2)] == "not in\nthe grid"


def test_colours_are_logarithmic_and_the_same_in_all_maps(swept, figure_of):
    figure = figure_of(Inputs(*swept))
    ball, ring = figure.axes[:2]
    low, middle, high = (fields(ball)[place].get_facecolor() for place in ((0, 0), (1, 0), (1, 1)))
    # half of the way in the logarithm, a third of it in the value
    assert middle == colormaps[COLOURS](math.log(0.022 / 0.011) / math.log(0.044 / 0.011))
    assert middle != colormaps[COLOURS]((0.022 - 0.011) / (0.044 - 0.011))
    assert _luminance(low) < _luminance(middle) < _luminance(high)
    assert fields(ring)[(1, 0)].get_facecolor() == middle
    bar = figure.axes[2]
    assert bar.get_yscale() == "log" and bar.get_ylim() == pytest.approx((0.011, 0.044))
    assert "nats" in bar.get_ylabel() and "lower is better" in bar.get_ylabel()


def test_a_field_without_a_value_is_hatched_and_grey_and_others_are_not(swept, figure_of):
    found = fields(figure_of(Inputs(*swept)).axes[0])
    assert {place for place, patch in found.items() if patch.get_hatch()} == {(0, 2)}
    red, green, blue, _ = found[(0, 2)].get_facecolor()
    assert red == green == blue
    assert (1, 2) not in found


def test_words_are_read_on_their_colour(swept, figure_of):
    axes = figure_of(Inputs(*swept)).axes[0]
    colour = {tuple(map(int, one.get_position())): one.get_color() for one in axes.texts}
    for place in ((0, 0), (1, 0), (0, 1), (1, 1)):
        on = _luminance(fields(axes)[place].get_facecolor())
        of = 1.0 if colour[place] == "white" else 0.0
        assert (max(on, of) + 0.05) / (min(on, of) + 0.05) > 4.5  # the contrast that WCAG 2 asks for


def test_a_single_value_and_none_at_all_are_drawn(swept, figure_of):
    one = [path for path in swept.run_dirs if "ball/ebm-ed_near_1-" in str(path)]
    assert words(figure_of(Inputs(one, swept.data_files, swept.tables)).axes[0]) == {(0, 0): "0.0110 ± 0.0025"}
    none = [path for path in swept.run_dirs if "ball/ebm-ed_heavy_1-" in str(path)]
    assert fields(figure_of(Inputs(none, swept.data_files, swept.tables)).axes[0])[(0, 0)].get_hatch()


def test_more_maps_than_a_page_is_wide_stand_below_each_other(swept, figure_of):
    wide = AblationHeatMap(rows="w", columns=("M", "t"))
    assert figure_of(Inputs(*swept), wide).get_figwidth() <= style.WIDTH
