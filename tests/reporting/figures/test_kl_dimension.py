"""KL against dimension: which rows are drawn, where, and what a wrong configuration says."""

import pandas as pd
import pytest
from matplotlib.container import ErrorbarContainer

from ebmbench.core.cells import Cell, Job
from ebmbench.core.columns import SCORES
from ebmbench.core.errors import UserError
from ebmbench.core.files import write_csv, write_json
from ebmbench.reporting.figures import kl_dimension as module
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.kl_dimension import SPREAD, points
from ebmbench.workflow.stages.figures import draw

#: dimension of each data set
DIMS = {"moons": 2, "moons8": 8, "rings": 2, "rings8": 8}

#: mean KL of each loss on moons; it is proportional to the dimension, and twice as large on rings
LEVELS = {"ed": 0.1, "dsm": 0.4, "none": 0.0}


def score_rows(cell, mean, **changed):
    """Three seeds around ``mean``, of which one of denoising score matching on ``moons8`` fails."""
    for seed, factor in enumerate((0.5, 1.0, 1.5)):
        row = {**cell._asdict(), "seed": seed, "metric": "kl", "split": "exact", "distribution": "model"}
        lost = seed == 0 and cell[:3] == ("moons8", "ebm", "dsm")
        outcome = {"status": "failed", "value": None} if lost else {"status": "ok", "value": factor * mean}
        yield row | outcome | changed


@pytest.fixture
def files(tmp_path):
    rows, folders = [], []
    for name, dim in DIMS.items():
        for loss, level in LEVELS.items():
            cell = Cell(name, "oracle" if loss == "none" else "ebm", loss, "none")
            mean = level * dim / 2 * (2 if name.startswith("rings") else 1)
            rows += [*score_rows(cell, mean), *score_rows(cell, 9.0, distribution="sampler")]
            rows += score_rows(cell, 7.0, metric="nll", split="test")
            folders.append(Job(cell, "0-2").folder(tmp_path))
            write_json(folders[-1] / "run.json", {"cell": cell._asdict()})
        write_json(tmp_path / "data" / f"{name}.json", {"dataset": name, "dim": dim})
    write_csv(tmp_path / "scores.csv", pd.DataFrame(rows).reindex(columns=list(SCORES)))
    return Inputs(folders, [tmp_path / "data" / f"{name}.json" for name in DIMS], tmp_path, True)


@pytest.fixture
def figure_of(files, saved_figures, tmp_path):
    def of(**settings):
        figures = saved_figures(module)
        draw("kl_dimension", settings, files, tmp_path / "figure")
        return figures[0]

    return of


def test_only_exact_divergences_of_models_are_drawn(files):
    drawn = points(files.table("scores"), DIMS, [["moons", "moons8"], ["rings"]])
    assert set(drawn["dataset"]) == {"moons", "moons8", "rings"} and drawn["most"].max() == pytest.approx(2.4)
    # the mean of the two seeds that are left, and all three
    lost = drawn[(drawn["loss"] == "dsm") & (drawn["dataset"] == "moons8")].iloc[0]
    assert lost["mean"] == pytest.approx(2.0) and (lost["seeds"], lost["failed"]) == (2, 1)
    of_ed = drawn[(drawn["loss"] == "ed") & (drawn["panel"] == "moons, moons8")]
    assert of_ed["dim"].tolist() == [2, 8] and of_ed["mean"].tolist() == pytest.approx([0.1, 0.4])


def test_a_line_of_each_method_reaches_over_the_dimensions(figure_of):
    left, right = figure_of(panels=[["moons", "moons8"], ["rings", "rings8"]]).axes
    for axes, factor in ((left, 1), (right, 2)):
        lines = [found[0] for found in axes.containers if isinstance(found, ErrorbarContainer)]
        # the oracle has no line: its divergence is a rounding error
        assert len(lines) == 2
        found = {tuple(line.get_ydata()): line.get_xdata() for line in lines}
        for level in (0.1, 0.4):
            # of dsm on moons8 the smallest of three is lost
            four = 5 if (level, factor) == (0.4, 1) else 4
            x = next(x for y, x in found.items() if y == pytest.approx((level * factor, level * factor * four)))
            assert x[1] / x[0] == pytest.approx(4) and 2 / SPREAD <= x[0] <= 2 * SPREAD
        assert [label.get_text() for label in axes.get_xticklabels()] == ["2", "8"]
    assert left.get_title() == "moons to moons8\nno result: ebm · dsm (1)"
    assert right.get_title() == "rings to rings8"


def test_panels_that_begin_with_the_same_set_are_apart(figure_of):
    left, right = figure_of(panels=[["moons", "moons8"], ["moons", "rings8"]]).axes
    ends = [{found[0].get_ydata()[-1] for found in axes.containers} for axes in (left, right)]
    # at eight dimensions .4 and 2 on moons8, .8 and 3.2 on rings8
    assert sorted(ends[0]) == pytest.approx([0.4, 2.0]) and sorted(ends[1]) == pytest.approx([0.8, 3.2])


def test_without_panels_all_sets_share_one(figure_of):
    assert len(figure_of().axes) == 1


def test_an_unknown_set_is_refused_with_the_nearest_name(files, tmp_path):
    message = r"^figure kl_dimension: panels: no data set 'moon8'; did you mean moons8\?"
    with pytest.raises(UserError, match=message):
        draw("kl_dimension", {"panels": [["moons", "moon8"]]}, files, tmp_path / "figure")


def test_divided_by_a_baseline_it_is_one_everywhere(figure_of):
    axes = figure_of(panels=[["rings", "rings8"]], baseline="ebm-dsm-none").axes[0]
    lines = [found[0] for found in axes.containers if isinstance(found, ErrorbarContainer)]
    assert sorted(tuple(line.get_ydata()) for line in lines) == [pytest.approx((0.25, 0.25)), pytest.approx((1, 1))]
    assert axes.get_ylabel() == "KL(data || model) over that of ebm · dsm\nlower is better"


def test_an_unknown_baseline_is_refused(files, tmp_path):
    message = r"^figure kl_dimension: baseline = 'ebm-dms-none'; did you mean ebm-dsm-none or ebm-ed-none\?"
    with pytest.raises(UserError, match=message):
        draw("kl_dimension", {"baseline": "ebm-dms-none"}, files, tmp_path / "figure")


def test_the_files_have_the_numbers(files, tmp_path):
    draw("kl_dimension", {"panels": [["moons", "moons8"]]}, files, tmp_path / "figure")
    drawn = pd.read_csv(tmp_path / "figure.csv")
    assert len(drawn) == 6 and (tmp_path / "figure.png").stat().st_size > 10_000
