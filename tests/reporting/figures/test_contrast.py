"""The contrast of energy discrepancy over its time: which numbers are drawn where."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ebmbench.core.cells import Cell, Job
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.core.files import write_csv, write_json
from ebmbench.reporting.figures.contrast import contrasts
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.workflow.stages.figures import draw

#: the 97.5 % point of Student's t with 2 degrees of freedom
T2 = 0.95 * math.sqrt(2 / (4 * 0.975 * 0.025))

#: t by the name of its loss, in no order
TIMES = {"ed_4": 4.0, "ed": 0.25, "ed_001": 0.001}


def inputs(root, losses=TIMES, kind="ed"):
    cells = [Cell("digits", "lebm", loss, "none") for loss in losses]
    curves, summary = [], []
    for cell in cells:
        settings = {"loss": {"kind": kind, "t": TIMES[cell.loss], "M": 16}, "family": {"kind": "lebm", "latent": 16}}
        write_json(Job(cell, "0-2").folder(root) / "run.json", {"cell": cell._asdict(), "settings": settings})
        for seed in range(3):
            # out of order, and early ones far from the last
            for step, positive in ((100, 0.2 + 0.1 * seed), (50, 0.0)):
                curves.append({**cell._asdict(), "seed": seed, "step": step, "positive": positive})
        for distribution, mean in (("model", TIMES[cell.loss] + 1), ("sampler", 99.0)):
            of = {
                "split": "test",
                "metric": "fd_cnn",
                "distribution": distribution,
                "mean": mean,
                "ci_high": mean + 0.5,
                "seeds": 3,
            }
            summary.append({**cell._asdict(), **of})
    write_csv(root / "curves.csv", pd.DataFrame(curves))
    write_csv(root / "summary.csv", pd.DataFrame(summary))
    write_json(root / "data" / "digits.json", {"dataset": "digits"})
    return Inputs([Job(cell, "0-2").folder(root) for cell in cells], [root / "data" / "digits.json"], root)


def test_the_last_checkpoints_mean_over_seeds_stands_beside_the_metric_in_the_order_of_t(tmp_path):
    found = contrasts(inputs(tmp_path), "fd_cnn")
    assert list(found["t"]) == [0.001, 0.25, 4.0] and list(found["value"]) == [1.001, 1.25, 5.0]
    assert found["positive"].to_numpy() == pytest.approx(0.3)
    assert found["positive_half"].to_numpy() == pytest.approx(T2 * 0.1 / math.sqrt(3))
    assert found["value_half"].to_numpy() == pytest.approx(0.5)
    assert set(found["chance"]) == {1 / 17} and set(found["two_over_latent"]) == {0.125}


def test_a_metric_that_no_run_has_leaves_its_panel_empty_and_other_losses_are_refused(tmp_path):
    found = contrasts(inputs(tmp_path), "fd_other")
    assert found["value"].isna().all() and (found["seeds"] == 0).all()
    draw("contrast", {"metric": "fd_other"}, inputs(tmp_path), tmp_path / "contrast")
    assert {path.suffix for path in tmp_path.glob("contrast.*")} == {".png", ".pdf", ".csv"}
    assert len(read_typed(tmp_path / "contrast.csv")) == 3
    with pytest.raises(UserError, match="figure contrast: it shows no cell with the loss 'ed'"):
        contrasts(inputs(tmp_path, ["ed"], kind="cd"), "fd_cnn")
