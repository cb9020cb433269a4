"""An experiment's tables and figure, whatever the experiment."""

import pandas as pd
import pytest

from ebmbench import plugins
from ebmbench.errors import UserError
from ebmbench.stages.experiment import FIGURES, write

SMALL = {
    "nearsightedness": {"rows": 100, "sample": 50, "repetitions": 2},
    "stabilisation": {"rows": 50, "steps": 3, "seeds": 1, "draws": 400},
}


@pytest.mark.parametrize("name", plugins.available("experiment"))
def test_tables_and_figure_stand_in_the_folder(name, tmp_path):
    write(name, SMALL[name], tmp_path)
    drawn = pd.read_csv(tmp_path / "figure.csv")
    for table, rows in drawn.groupby("panel"):
        kept = pd.read_csv(tmp_path / f"{table}.csv")
        assert len(kept) == len(rows) > 0
    assert (tmp_path / "figure.png").stat().st_size > 10_000
    assert (tmp_path / "figure.pdf").exists()
    first = (tmp_path / "figure.csv").read_bytes()
    write(name, SMALL[name], tmp_path / "again")
    assert (tmp_path / "again/figure.csv").read_bytes() == first


def test_every_experiment_has_a_figure():
    assert set(FIGURES) == set(plugins.available("experiment"))


def test_a_wrong_setting_is_one_line(tmp_path):
    with pytest.raises(UserError, match="experiment nearsightedness: 'seeds' is unknown; allowed: rows"):
        write("nearsightedness", {"seeds": 3}, tmp_path)
