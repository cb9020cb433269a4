from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from ebmbench.core.cells import Cell, Job
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.core.files import write_csv, write_json
from ebmbench.reporting.figures import log_partition_error as module
from ebmbench.reporting.figures.courses import LEAST
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.log_partition_error import errors
from ebmbench.workflow.stages.figures import draw

LOSSES = ("kale_f", "kale_f_preconditioned", "kale_f_batch", "kale_dv")

#: c - A of the last checkpoint by seed; the mean of the sizes is 0.5, their median 0.2
LAST = (-0.1, 0.2, 1.2)


def curve_rows(cell: Cell, seed: int) -> list[dict]:
    """Steps 0, 10 and 100; at step 0 no loss has reported its log-partition yet, and a flow never does."""
    error = math.nan if cell.loss == "ml" else LAST[seed]
    return [
        {**cell._asdict(), "seed": seed, "step": step, "log_partition_error": value}
        for step, value in ((0, math.nan), (10, 10 * error), (100, error))
    ]


@pytest.fixture
def files(tmp_path):
    """A folder of tables and runs: data sets ``wine`` and ``moons``, a seed of KALE-DV and one of the flow diverged."""
    cells = [Cell("wine", "gebm_combined", loss, "none") for loss in LOSSES]
    cells += [Cell("moons", "gebm_combined", "kale_f", "none"), Cell("wine", "nvp", "ml", "none")]
    broken = {("kale_dv", 2), ("ml", 1)}
    runs = [
        {**cell._asdict(), "seed": seed, "status": "diverged" if (cell.loss, seed) in broken else "ok"}
        for cell in cells
        for seed in range(3)
    ]
    write_csv(tmp_path / "curves.csv", pd.DataFrame([row for c in cells for s in range(3) for row in curve_rows(c, s)]))
    write_csv(tmp_path / "runs.csv", pd.DataFrame(runs))
    folders = [Job(cell, "0-2").folder(tmp_path) for cell in cells]
    data = [tmp_path / "data" / f"{name}.json" for name in ("wine", "moons")]
    for cell, folder in zip(cells, folders, strict=True):
        write_json(folder / "run.json", {"cell": cell._asdict()})
    for path in data:
        write_json(path, {"dataset": path.stem})
    return Inputs(folders, data, tmp_path)


@pytest.fixture
def curves(files) -> pd.DataFrame:
    return read_typed(files.tables / "curves.csv")


@pytest.fixture
def runs(files) -> pd.DataFrame:
    return read_typed(files.tables / "runs.csv")


@pytest.fixture
def figure_of(saved_figures, tmp_path):
    def of(inputs):
        figures = saved_figures(module)
        draw("log_partition_error", {}, inputs, tmp_path / "error")
        return figures[0]

    return of


def of(table: pd.DataFrame, loss: str, dataset: str = "wine") -> pd.DataFrame:
    return table[(table["loss"] == loss) & (table["dataset"] == dataset)]


def test_a_point_is_the_median_size_and_the_band_its_range(curves, runs):
    last = of(errors(curves, runs), "kale_f").iloc[-1]
    assert (last["step"], last["seeds"], last["of"]) == (100, 3, 3)
    names = ["log_partition_error_size" + end for end in ("", "_min", "_max")]
    assert last[names].tolist() == pytest.approx([0.2, 0.1, 1.2])
    assert last["log_partition_error_size"] != pytest.approx(np.abs(LAST).mean())


def test_the_size_is_of_each_seed_and_the_sign_is_kept_beside_it(curves, runs):
    turned = curves.assign(log_partition_error=-curves["log_partition_error"])
    one, other = (of(errors(table, runs), "kale_f").iloc[-1] for table in (curves, turned))
    assert one["log_partition_error_size"] == other["log_partition_error_size"] == pytest.approx(0.2)
    assert (one["log_partition_error"], other["log_partition_error"]) == pytest.approx((0.2, -0.2))
    assert (one["log_partition_error_min"], one["log_partition_error_max"]) == pytest.approx((-0.1, 1.2))


def test_the_size_of_a_median_is_not_the_median_size(curves, runs):
    curves.loc[curves["seed"] == 1, "log_partition_error"] = 0.0
    last = of(errors(curves, runs), "kale_f").iloc[-1]
    assert abs(last["log_partition_error"]) == 0 and last["log_partition_error_size"] == pytest.approx(0.1)


def test_rows_and_methods_without_the_error_are_left_out_and_failures_are_counted(curves, runs):
    table = errors(curves, runs)
    assert "ml" not in set(table["loss"]) and 0 not in set(table["step"])
    dv = of(table, "kale_dv")
    assert set(dv["failed"]) == {1} and set(dv["seeds"]) == {2}
    assert dv["log_partition_error_size"].iloc[-1] == pytest.approx(0.15)


def test_panels_and_named_losses_have_different_looks(files, figure_of):
    figure = figure_of(files)
    wine, moons = figure.axes
    assert wine.get_title() == "wine\nno result: gebm_combined · kale_dv (1)"
    assert (moons.get_title(), moons.get_xlabel()) == ("moons", "training steps")
    assert wine.get_xscale() == wine.get_yscale() == "log"
    handles = figure.legends[0].legend_handles
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [f"gebm_combined · {loss}" for loss in LOSSES]
    # the second and the third would have one line by their names alone
    assert len({(line.get_color(), str(line._dash_pattern)) for line in handles}) == len(LOSSES)
    assert handles[0].get_color() == handles[1].get_color() != handles[3].get_color()
    drawn = next(line for line in moons.lines if line.get_marker() == ">")
    assert drawn.get_ydata() == pytest.approx([2.0, 0.2])
    assert "lower is better" in figure.get_supylabel() and "nats" in figure.get_supylabel()


def test_the_legend_fits_the_page(files, figure_of):
    figure = figure_of(files)
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0 and box.x1 <= figure.bbox.width


def test_a_seed_that_is_right_by_chance_does_not_stretch_the_axis(files, curves, figure_of, tmp_path):
    exact = (curves["seed"] == 0) & (curves["step"] == 100)
    curves.loc[exact & curves["log_partition_error"].notna(), "log_partition_error"] = 0.0
    write_csv(tmp_path / "curves.csv", curves)
    figure = figure_of(files)
    assert LEAST / 10 < figure.axes[0].get_ylim()[0] <= LEAST


def test_files_are_written_and_the_csv_is_what_is_drawn(files, curves, runs, tmp_path):
    draw("log_partition_error", {"title": "c"}, files, tmp_path / "error")
    assert (tmp_path / "error.pdf").read_bytes().startswith(b"%PDF")
    expected = errors(curves, runs)
    pd.testing.assert_frame_equal(read_typed(tmp_path / "error.csv"), expected, rtol=1e-8, check_dtype=False)


@pytest.mark.parametrize("change", [{"log_partition_error": math.nan}, None])
def test_no_cell_with_the_error_is_one_line(files, curves, tmp_path, change):
    curves = curves.drop(columns="log_partition_error") if change is None else curves.assign(**change)
    write_csv(tmp_path / "curves.csv", curves)
    expected = "^figure log_partition_error: it shows no cell with log_partition_error in curves.csv; .*kale_f"
    with pytest.raises(UserError, match=expected) as caught:
        draw("log_partition_error", {}, files, tmp_path / "error")
    assert "\n" not in str(caught.value)


def test_runs_that_all_failed_are_an_empty_figure_and_no_error(files, runs, tmp_path):
    write_csv(tmp_path / "runs.csv", runs.assign(status="diverged"))
    draw("log_partition_error", {}, files, tmp_path / "error")
    assert len(read_typed(tmp_path / "error.csv")) == 0
