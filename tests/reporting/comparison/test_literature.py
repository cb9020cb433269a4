"""Published numbers: every row is of the declared form and has a source, and the numbers hang together."""

import math
from pathlib import Path

import pandas as pd
import pytest

from ebmbench.core import plugins
from ebmbench.core.cells import Cell
from ebmbench.core.csv_schema import check, read_text, read_typed
from ebmbench.core.errors import UserError
from ebmbench.core.schemas import read_schema
from ebmbench.planning.comparisons import published_beside
from ebmbench.reporting.comparison.literature import COLUMNS, matched_with_runs, read_literature
from tests.helpers.paths import ROOT

SCHEMA = read_schema(ROOT / "src/ebmbench/core/schemas/published.schema.yaml")
KEY = ["paper", "dataset", "method", "metric", "split", "coordinates", "what", "epoch"]
FOLDER = ROOT / "results/published"
FILES = sorted(FOLDER.glob("*.csv"))
CURVES = ROOT / "results/published/gebm_uci_curves.csv"


def texts(path):
    return read_text(path, SCHEMA["required"])


def assert_sound(table):
    check(table, SCHEMA, Path("published.csv"))
    assert not table.duplicated(KEY).any()


@pytest.fixture(scope="module")
def curves():
    return read_typed(CURVES)


def test_every_row_of_every_file_is_of_the_declared_form_and_says_something_once():
    assert [path.stem for path in FILES] == ["gebm_log_partition", "gebm_uci_curves"]
    assert_sound(pd.concat([texts(path) for path in FILES]))
    assert set(SCHEMA["required"]) == set(SCHEMA["properties"])


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        ("certainty", "sure", "certainty = 'sure'; allowed: verified, third_hand"),
        ("source", "", "source = ''"),
        ("value", "inf", "value = 'inf'; allowed: number"),
        ("value", "nan", "value = 'nan'; allowed: number"),
        ("value", "", "value = ''; allowed: number"),
        ("epoch", "10.5", "epoch = '10.5'; allowed: integer"),
        ("epoch", "", "epoch = '' with what curve; allowed: integer"),
        ("what", "best", "what = 'best'; allowed: curve, min"),
        ("split", "all", "split = 'all'; allowed: train, val, test, empty"),
        ("seeds", "0", "seeds = '0'; allowed: 1 or more"),
        ("dataset", "Red Wine", "dataset = 'Red Wine'; allowed: text of the form"),
    ],
)
def test_a_row_of_another_form_is_refused(column, value, complaint):
    table = texts(CURVES)
    table.loc[3, column] = value
    with pytest.raises(UserError) as error:
        assert_sound(table)
    assert str(error.value).startswith(f"published.csv: row 4: {complaint}")


def test_a_number_given_twice_and_a_column_too_many_are_refused(tmp_path):
    table = texts(CURVES)
    twice = pd.concat([table, table[5:6].assign(value="1.0")])
    with pytest.raises(AssertionError):
        assert_sound(twice)
    table.assign(stderr="").to_csv(tmp_path / "more.csv", index=False)
    with pytest.raises(UserError, match="columns unknown: stderr"):
        texts(tmp_path / "more.csv")


def test_the_names_are_those_of_the_suite(curves):
    assert set(curves["dataset"]) == {"redwine", "whitewine", "parkinsons", "hepmass", "miniboone"}
    assert set(curves["dataset"]) <= set(plugins.available("dataset"))
    assert set(curves["method"]) == {"kale_f", "kale_dv", "cd", "ml"} <= set(plugins.available("loss"))
    assert set(curves["family"]) == {"gebm_combined"} <= set(plugins.available("family"))
    assert len(curves[["dataset", "method"]].drop_duplicates()) == 5 * 4


def test_untrained_flows_are_near_the_gaussian_on_whitened_rows(curves):
    """At epoch 0 the likelihood is within 6 % of D/2 log(2 pi e); the tables' dimensions are far enough apart."""
    for (dataset, _), at_first in curves[(curves["what"] == "curve") & (curves["epoch"] == 0)].groupby(
        ["dataset", "method"]
    ):
        gaussian = {
            name: plugins.load("dataset", name).dim / 2 * math.log(2 * math.pi * math.e) for name in set(curves.dataset)
        }
        value = at_first["value"].item()
        near = {name for name, expected in gaussian.items() if abs(value / expected - 1) < 0.06}
        assert dataset in near and near <= {dataset, "redwine", "whitewine"}


def test_least_values_are_the_least_and_running_ones_have_no_last(curves):
    for _, run in curves.groupby(["dataset", "method"]):
        of = run.set_index("what")
        assert (of.loc[["curve"], "value"] >= of.loc["min", "value"]).all()
        running = (run["note"].fillna("").str.contains("running")).all()
        assert ("last" in of.index) != running
        if not running:
            assert of.loc["last", "value"] >= of.loc["min", "value"]
            assert of.loc["last", "epoch"] >= of.loc[["curve"], "epoch"].max()


def test_known_numbers(curves):
    """A few of them, read again where they stand."""
    found = curves.set_index(["dataset", "method", "what", "epoch"])["value"]
    assert found["redwine", "kale_f", "curve", 500] == 12.52
    assert found["redwine", "ml", "last", 1990] == 100.2
    assert found["whitewine", "kale_dv", "min", 1970] == 12.77
    assert found["miniboone", "kale_f", "min", 1230] == 38.36
    assert found["hepmass", "ml", "curve", 200] == 22.34
    errors = read_typed(ROOT / "results/published/gebm_log_partition.csv")
    means = errors[errors["what"] == "mean"].set_index(["dataset", "method"])["value"]
    assert len(means) == 10
    assert means["miniboone", "kale_f"] == 3.9 and means["redwine", "kale_dv"] == 0.018


SUMMARY = pd.DataFrame(
    [
        ("redwine", family, "kale_f", stats, "nll", "test", distribution, mean, mean - 1, mean + 1, 5, 0, "", "")
        for family, stats, distribution, mean in (
            ("gebm_combined", "none", "model", 12.6),
            ("gebm_combined", "none", "sampler", 1.0),
            ("gebm_combined", "moments", "model", 2.0),
            ("ebm", "none", "model", 3.0),
        )
    ],
    columns=[
        *(
            "dataset",
            "family",
            "loss",
            "stats",
            "metric",
            "split",
            "distribution",
            "mean",
            "ci_low",
            "ci_high",
            "seeds",
        ),
        *("failed", "failures", "marks"),
    ],
).assign(unit="nats")


@pytest.fixture(scope="module")
def everything():
    return read_literature(ROOT / "results/published", ROOT / "src/ebmbench/core/schemas/published.schema.yaml")


def test_a_number_stands_beside_the_model_that_is_built_alike_and_no_other(everything):
    found = matched_with_runs(SUMMARY, everything)
    assert list(found.columns) == list(COLUMNS)
    assert dict(zip(found["published_what"], found["published"], strict=True)) == {"last": 12.12, "min": 12.1}
    assert set(found["mean"]) == {12.6} and set(found["family"]) == {"gebm_combined"}
    assert matched_with_runs(SUMMARY.assign(split="train"), everything).empty


def test_a_grid_asks_for_it_where_a_cell_has_one():
    assert published_beside([Cell("redwine", "gebm_combined", "kale_f", "none")], FOLDER)
    assert not published_beside(
        [Cell("redwine", "gebm_combined", "kale_f", "s1"), Cell("moons", "ebm", "ed", "none")], FOLDER
    )


def test_the_committed_table_is_what_the_two_files_make(everything):
    folder = ROOT / "results/reference/gebm"
    expected = matched_with_runs(read_typed(folder / "summary.csv"), everything).reset_index(drop=True)
    committed = read_typed(folder / "literature.csv")
    pd.testing.assert_frame_equal(committed, expected, check_dtype=False)
    assert len(committed) == 19
