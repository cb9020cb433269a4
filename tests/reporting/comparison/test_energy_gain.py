"""The table of gains over a base, by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.reporting.comparison.energy_gain import gains, placed

#: the 97.5 % point of Student's t with 2 degrees of freedom
T2 = 0.95 * math.sqrt(2 / (4 * 0.975 * 0.025))

NVP, WIDE = Cell("wine", "nvp", "ml", "none"), Cell("wine", "nvp_wide", "ml", "none")
ON_NVP, ON_NVP_DV = Cell("wine", "gebm", "kale_f", "none"), Cell("wine", "gebm", "kale_dv", "none")
MOONS = Cell("moons", "nvp", "ml", "none")

#: NLL by seed; a word is a status
VALUES: dict[Cell, list[float | str]] = {
    NVP: [10.0, 20.0, 30.0],
    ON_NVP: [9.0, 18.0, 24.0],
    ON_NVP_DV: [9.5, "failed", 31.0],
    WIDE: ["diverged", "diverged", 29.0],
}


def score(cell: Cell, seed: int, value: float | str, **other: object) -> dict:
    status = value if isinstance(value, str) else "ok"
    row = {**cell._asdict(), "seed": seed, "split": "test", "metric": "nll", "distribution": "model", "status": status}
    return row | {"value": value if status == "ok" else math.nan, "log_z_stderr": 0.3 + 0.1 * seed} | other


@pytest.fixture
def scores() -> pd.DataFrame:
    rows = [score(cell, seed, value) for cell, values in VALUES.items() for seed, value in enumerate(values)]
    # what must not be taken for the test likelihood of the model
    for other in ({"split": "val"}, {"metric": "nll_trimmed"}, {"distribution": "base"}):
        rows += [score(cell, seed, 99.0, **other) for cell in VALUES for seed in range(3)]
    return pd.DataFrame(rows)


@pytest.fixture
def runs() -> pd.DataFrame:
    sizes = {NVP: 100, ON_NVP: 150, ON_NVP_DV: 150, WIDE: 151}
    return pd.DataFrame(
        [{**cell._asdict(), "seed": s, "train.parameters": size} for cell, size in sizes.items() for s in range(3)]
    )


def table(scores, runs, **series):
    return gains(scores, runs, placed(list(VALUES), {"base": ["nvp"], **series})).set_index("series")


def test_a_gain_is_the_bases_value_less_the_methods_in_pairs(scores, runs):
    row = table(scores, runs, frozen=["gebm-kale_f"]).loc["frozen"]
    # 10 - 9, 20 - 18, 30 - 24
    assert row["gain"] == pytest.approx(3.0)
    assert row["gain_stderr"] == pytest.approx(math.sqrt(7 / 3))
    half = T2 * math.sqrt(7 / 3)
    assert (row["gain_ci_low"], row["gain_ci_high"]) == pytest.approx((3 - half, 3 + half))
    assert (row["base"], row["family"], row["loss"], row["pairs"], row["seeds"]) == ("nvp", "gebm", "kale_f", 3, 3)
    assert row["nll"] == pytest.approx(17.0)
    assert row["stderr"] == pytest.approx(math.sqrt((64 + 1 + 49) / 2 / 3))
    assert row["log_z_stderr"] == pytest.approx(math.sqrt((0.09 + 0.16 + 0.25) / 3))
    assert row["parameters"] == 150


def test_a_base_alone_has_no_gain(scores, runs):
    row = table(scores, runs).loc["base"]
    assert row["nll"] == pytest.approx(20.0) and row["parameters"] == 100
    assert math.isnan(row["gain"]) and row["pairs"] == 0


def test_failed_seeds_are_in_no_mean_and_no_pair(scores, runs):
    found = table(scores, runs, joint=["gebm-kale_dv"], wider=["nvp_wide"])
    joint = found.loc["joint"]
    # 10 - 9.5 and 30 - 31; the mean of the values less that of all three of the base would be 20.25 - 20
    assert joint["gain"] == pytest.approx(-0.25)
    assert (joint["nll"], joint["seeds"], joint["failed"], joint["pairs"]) == (pytest.approx(20.25), 2, 1, 2)
    assert joint["failures"] == "1 failed"
    wider = found.loc["wider"]
    assert (wider["gain"], wider["pairs"], wider["failures"]) == (1.0, 1, "2 diverged")
    assert math.isnan(wider["gain_ci_low"]) and math.isnan(wider["stderr"])


def test_a_table_of_runs_without_sizes_leaves_them_empty(scores, runs):
    found = table(scores, runs.drop(columns="train.parameters"))
    assert found["parameters"].isna().all()


def test_places_are_of_every_data_set_and_keep_the_order():
    cells = [*VALUES, MOONS]
    found = placed(cells, {"base": ["nvp_wide", "nvp"], "frozen": ["", "gebm-kale_f-none"]})
    assert [(place.series, place.base, place.cell) for place in found] == [
        ("base", "nvp_wide", WIDE),
        ("base", "nvp", NVP),
        ("base", "nvp", MOONS),
        ("frozen", "nvp", ON_NVP),
    ]
    assert found[-1].alone == NVP


def test_a_base_that_a_data_set_lacks_leaves_the_method_without_gain(scores, runs):
    series = {"base": ["nvp_wide"], "frozen": ["gebm-kale_f"]}
    found = placed([ON_NVP, WIDE._replace(dataset="moons")], series)
    assert [place.alone for place in found if place.series == "frozen"] == [None]
    assert gains(scores, runs, found).set_index("series").loc["frozen", "pairs"] == 0


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("gebm", r"^gains: frozen = 'gebm' is both gebm-kale_f-none and gebm-kale_dv-none; allowed: "),
        (
            "gebm-kale",
            r"^gains: frozen = 'gebm-kale' is no method that is shown; did you mean gebm-kale_f-none or "
            r"gebm-kale_dv-none\? allowed: nvp-ml-none, gebm-kale_f-none",
        ),
        ("nv", r"^gains: frozen = 'nv' is no method that is shown"),
    ],
)
def test_a_name_that_fits_none_or_several_is_one_line(entry, expected):
    with pytest.raises(UserError, match=expected) as caught:
        placed(list(VALUES), {"base": ["nvp"], "frozen": [entry]})
    assert "\n" not in str(caught.value)
