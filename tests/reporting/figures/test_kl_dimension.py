"""KL against dimension: which rows are drawn, where, and what a wrong configuration says."""

import pandas as pd
import pytest
from matplotlib.container import ErrorbarContainer

from ebmbench.core.cells import Cell, Job
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


def summary_row(cell, mean, **changed):
    interval = {"mean": mean, "ci_low": mean / 2, "ci_high": 1.5 * mean}
    counts = {"seeds": 3, "failed": 1 if cell[:3] == ("moons8", "ebm", "dsm") else 0}
    return cell._asdict() | {"metric": "kl", "split": "exact", "distribution": "model"} | interval | counts | changed


@pytest.fixture
def files(tmp_path):
    rows, folders = [], []
    for name, dim in DIMS.items():
        for loss, level in LEVELS.items():
            cell = Cell(name, "oracle" if loss == "none" else "ebm", loss, "none")
            mean = level * dim / 2 * (2 if name.startswith("rings") else 1)
            rows += [summary_row(cell, mean), summary_row(cell, 9.0, distribution="sampler")]
            rows.append(summary_row(cell, 7.0, metric="nll", split="test"))
            folders.append(Job(cell, "0-2").folder(tmp_path))
            write_json(folders[-1] / "run.json", {"cell": cell._asdict()})
        write_json(tmp_path / "data" / f"{name}.json", {"dataset": name, "dim": dim})
    write_csv(tmp_path / "summary.csv", pd.DataFrame(rows))
    return Inputs(folders, [tmp_path / "data" / f"{name}.json" for name in DIMS], tmp_path, True)


@pytest.fixture
def figure_of(files, monkeypatch, tmp_path):
    def of(**settings):
        figures = []
        monkeypatch.setattr(module, "save", lambda figure, *_: figures.append(figure))
        draw("kl_dimension", settings, files, tmp_path / "figure")
        return figures[0]

    return of


def test_only_exact_divergences_of_models_are_drawn(files):
    drawn = points(files.table("summary"), DIMS, [["moons", "moons8"], ["rings"]])
    assert set(drawn["dataset"]) == {"moons", "moons8", "rings"} and drawn["mean"].max() == pytest.approx(1.6)
    of_ed = drawn[(drawn["loss"] == "ed") & (drawn["panel"] == "moons")]
    assert of_ed["dim"].tolist() == [2, 8] and of_ed["mean"].tolist() == pytest.approx([0.1, 0.4])


def test_a_line_of_each_method_reaches_over_the_dimensions(figure_of):
    left, right = figure_of(panels=[["moons", "moons8"], ["rings", "rings8"]]).axes
    for axes, factor in ((left, 1), (right, 2)):
        lines = [found[0] for found in axes.containers if isinstance(found, ErrorbarContainer)]
        # the oracle has no line: its divergence is a rounding error
        assert len(lines) == 2
        found = {tuple(line.get_ydata()): line.get_xdata() for line in lines}
        for level in (0.1, 0.4):
            x = found[(level * factor, level * factor * 4)]
            assert x[1] / x[0] == pytest.approx(4) and 2 / SPREAD <= x[0] <= 2 * SPREAD
        assert [label.get_text() for label in axes.get_xticklabels()] == ["2", "8"]
    assert left.get_title() == "moons\nno result: ebm · dsm (1)" and right.get_title() == "rings"


def test_without_panels_all_sets_share_one(figure_of):
    assert len(figure_of().axes) == 1


def test_an_unknown_set_is_refused_with_the_nearest_name(files, tmp_path):
    message = r"^figure kl_dimension: panels: no data set 'moon8'; did you mean moons8\?"
    with pytest.raises(UserError, match=message):
        draw("kl_dimension", {"panels": [["moons", "moon8"]]}, files, tmp_path / "figure")


def test_the_files_have_the_numbers(files, tmp_path):
    draw("kl_dimension", {"panels": [["moons", "moons8"]]}, files, tmp_path / "figure")
    drawn = pd.read_csv(tmp_path / "figure.csv")
    assert len(drawn) == 6 and (tmp_path / "figure.png").stat().st_size > 10_000
