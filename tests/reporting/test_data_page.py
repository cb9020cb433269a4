"""The pages of tables and of images against numbers of pandas and of pencil and paper."""

import re

import numpy as np
import pandas as pd
import pytest

from ebmbench.core.files import read_json
from ebmbench.core.plugins import inherits
from ebmbench.data.moons import Moons
from ebmbench.reporting.image_summary import Levels, channel_summary, class_summary
from ebmbench.reporting.table_summary import column_summary, strongest_correlations
from ebmbench.workflow.stages.data_page import summary_of, write_data_page
from ebmbench.workflow.stages.dataset import write_dataset
from tests.data.own_images import pictures as own
from tests.data.own_table.tables import COLUMNS, load, measured, spoilt, written


def test_the_summary_of_a_column_by_hand():
    rows = np.array([[1.0, 5.0], [2.0, 5.0], [2.0, 6.0], [7.0, 8.0]])
    first = column_summary(rows, ["a", "b"]).iloc[0]
    assert first["column"] == "a" and first["mean"] == 3 and first["sd"] == pytest.approx(np.sqrt(22 / 4))
    assert [first[name] for name in ("min", "25 %", "median", "75 %", "max")] == [1, 1.75, 2, 3.25, 7]
    assert (first["distinct"], first["most frequent"], first["of rows"]) == (3, 2, 0.5)


def test_quantiles_are_those_of_pandas():
    found = column_summary(measured().to_numpy(), COLUMNS).set_index("column")
    expected = measured().quantile([0.05, 0.95]).T
    np.testing.assert_allclose(found[["5 %", "95 %"]], expected)
    np.testing.assert_allclose(found["sd"], measured().std(ddof=0))
    assert not np.allclose(found["sd"], measured().std(), rtol=1e-6)


def test_correlations_are_ordered_by_size_of_either_sign():
    table = measured().assign(age=lambda of: -of["height"])
    found = strongest_correlations(table.to_numpy(), COLUMNS, number=3)
    matrix = table.corr()
    assert found["column"].tolist() == ["height", "height", "weight"]
    assert found["other"].tolist() == ["age", "weight", "age"]
    for row in found.itertuples():
        assert row.correlation == pytest.approx(matrix.loc[row.column, row.other])


def test_the_page_says_what_was_done_to_the_table(tmp_path):
    content = spoilt("dose", {4: None}, measured().assign(site="north"))
    path = written(tmp_path / "mine.csv", pd.concat([content, content[10:40]]))
    table = load(path, missing="drop", drop=["site"])
    write_dataset(table, "mine", [0, 1], tmp_path, "0-1")
    write_data_page(table, "mine", [tmp_path / "seeds0-1.json"], tmp_path / "out/mine")
    page = (tmp_path / "out/mine.md").read_text()
    for words in (
        "629 rows of 4 columns",
        "* rows: 629; 1 with missing values were left out",
        "* columns: 4 modelled; left out: site (drop)",
        "height 0.001, weight 0.01",
        "* rows in the splits of a seed: 505 train, 62 val, 62 test",
        "599 of 629 rows are distinct",
        "z = L^-1 (x - mean)",
        "## Correlations",
    ):
        assert words in page, words
    summary = pd.read_csv(tmp_path / "out/mine.csv")
    assert summary["column"].tolist() == COLUMNS and len(read_json(tmp_path / "seeds0-1.json")["files"]) == 1


def test_signs_in_a_columns_name_do_not_break_the_page(tmp_path):
    odd = measured().rename(columns={"height": "a|b", "dose": "c\nd"})
    table = load(written(tmp_path / "mine.csv", odd.assign(**{"e\nf": "north"})), drop=["e\nf"])
    write_dataset(table, "mine", [0], tmp_path, "0")
    write_data_page(table, "mine", [tmp_path / "seeds0.json"], tmp_path / "out/mine")
    page = (tmp_path / "out/mine.md").read_text()
    for name in (r"a\|b", "c d"):
        assert re.search(rf"^\| {re.escape(name)} +\|", page, re.MULTILINE), name
    assert "left out: e f (drop)" in page
    # outside of its tables and lists a page has no line that a name has begun
    assert not re.search("^(d|f)", page, re.MULTILINE)
    assert pd.read_csv(tmp_path / "out/mine.csv")["column"].tolist() == ["a|b", "weight", "c\nd", "age"]


def pictures():
    """Five images of 1 x 2 x 2 pixels: three of class b, two of class a, of which one of each is for testing."""
    pixels = np.array([[0, 1, 2, 9], [9, 9, 9, 9], [0, 0, 0, 0], [1, 1, 3, 3], [9, 0, 9, 0]], np.uint8)
    labels, tested = np.array(["b", "b", "a", "b", "a"]), np.array([False, False, False, True, True])
    return pixels.reshape(5, 1, 2, 2), labels, tested


def test_the_summary_of_classes_by_hand():
    pixels, labels, tested = pictures()
    found = class_summary(Levels.of(pixels, 9), labels, tested).set_index("class")
    assert found.index.tolist() == ["a", "b", "all"]
    assert found["training"].tolist() == [1, 2, 3] and found["test"].tolist() == [1, 1, 2]
    for name, of in (("a", pixels[[2, 4]]), ("b", pixels[[0, 1, 3]]), ("all", pixels)):
        assert found.loc[name, "mean"] == pytest.approx(of.mean()) and found.loc[name, "sd"] == pytest.approx(of.std())


def test_a_set_without_classes_has_one_row():
    pixels, _, tested = pictures()
    assert class_summary(Levels.of(pixels, 9), np.full(5, "0"), tested)["class"].tolist() == ["all"]


def test_the_summary_of_channels_by_hand(monkeypatch):
    monkeypatch.setattr("ebmbench.reporting.image_summary.BLOCK", 2)
    grey, *_ = pictures()
    pixels = np.concatenate([grey, 9 - grey, np.full_like(grey, 4)], axis=1)
    found = channel_summary(Levels.of(pixels, 9)).set_index("channel")
    assert found.index.tolist() == ["red", "green", "blue"]
    assert found["mean"].tolist() == pytest.approx([grey.mean(), 9 - grey.mean(), 4])
    assert found["sd"].tolist() == pytest.approx([grey.std(), grey.std(), 0])
    means = np.array([3, 9, 0, 2, 4.5])
    assert found["sd of means"].tolist() == pytest.approx([means.std(), means.std(), 0])
    assert found["lowest"].tolist() == pytest.approx([7 / 20, 7 / 20, 0])
    assert found["highest"].tolist() == pytest.approx([7 / 20, 7 / 20, 0])


def test_the_page_of_images_says_which_classes_there_are(tmp_path):
    levels = own.levels()
    levels[:, :, 0] = 7
    labels = np.where(np.arange(40) % 2, "left", "right")
    images = own.load("image_archive", own.archive_of(tmp_path / "mine.npz", images=levels, labels=labels))
    write_dataset(images, "mine", [0], tmp_path, "0")
    write_data_page(images, "mine", [tmp_path / "seeds0.json"], tmp_path / "out/mine")
    page = (tmp_path / "out/mine.md").read_text()
    assert "40 images of 1 x 8 x 8 pixels, levels 0 to 255" in page and "## Channels" in page
    assert "* pixels with the same level in all training images: 8 of 64" in page
    assert pd.read_csv(tmp_path / "out/mine.csv")["class"].tolist() == ["left", "right", "all"]


def test_other_data_sets_have_no_summary():
    with pytest.raises(TypeError, match="no summary of Moons"):
        summary_of(Moons())


def test_tables_and_images_are_recognised_by_their_source():
    names = ("table", "redwine", "digits", "moons", "rotated_product", "mnist", "image_folder", "digit_images")
    assert [name for name in names if inherits("dataset", name, "Table")] == ["table", "redwine", "digits"]
    assert [name for name in names if inherits("dataset", name, "Images")] == ["mnist", "image_folder", "digit_images"]
