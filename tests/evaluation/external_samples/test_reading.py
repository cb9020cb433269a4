"""Files of samples as people have them: .npz, .npy and .csv are read or refused in one line."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from ebmbench.evaluation.external_samples import archive
from ebmbench.evaluation.external_samples.archive import GivenError
from ebmbench.evaluation.external_samples.csv_samples import parse_csv
from ebmbench.evaluation.external_samples.reading import read_file
from tests.helpers.mutations import SEARCH, Outcomes, damaged, reported

COLUMNS = ["height", "dose"]
SIZES = {"train": 3, "val": 2, "test": 4, "grid": 9}


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(size=(150, 2))


@pytest.fixture(scope="module")
def outcomes():
    found = Outcomes()
    yield found
    found.both()


def written(table, **options):
    return table.to_csv(index=False, **options).encode()


@pytest.mark.parametrize("name", ["arr_0", "x", "draws"])
def test_the_only_array_of_a_file_is_taken_with_a_note(tmp_path, x, name):
    path = tmp_path / "mine.npz"
    np.savez(path, **{name: x})
    found = read_file(path, COLUMNS)
    np.testing.assert_array_equal(found.arrays["samples"], x)
    assert found.notes == [f"{path}: {name}, its only array, is taken as samples"]


def test_an_array_alone_needs_no_name(tmp_path, x):
    path = tmp_path / "mine.npy"
    np.save(path, x)
    found = read_file(path, COLUMNS)
    np.testing.assert_array_equal(found.arrays["samples"], x)
    assert found.notes == []


def test_csv_is_read_with_and_without_names(x):
    table = pd.DataFrame(x, columns=COLUMNS)
    for content in (
        written(table),
        written(table, header=False),
        b"\xef\xbb\xbf" + written(table, lineterminator="\r\n"),
    ):
        np.testing.assert_array_equal(parse_csv(content, COLUMNS).samples, x)
        assert parse_csv(content, COLUMNS).notes == []


def test_the_data_sets_columns_are_found_by_name_in_any_order(x):
    table = pd.DataFrame(x, columns=COLUMNS)
    found = parse_csv(written(table[["dose", "height"]]), COLUMNS)
    np.testing.assert_array_equal(found.samples, x)
    more = parse_csv(table.assign(site=1.0)[["dose", "site", "height"]].to_csv().encode(), COLUMNS)
    np.testing.assert_array_equal(more.samples, x)
    assert more.notes == ["columns left out: the one without a name, site"]
    text = parse_csv(table.assign(site="a;b;c")[["dose", "site", "height"]].to_csv(index=False).encode(), COLUMNS)
    np.testing.assert_array_equal(text.samples, x)


def test_other_names_are_reported_and_the_rows_numbers_left_out(x):
    found = parse_csv(pd.DataFrame(x, columns=["a", "b"]).to_csv().encode(), COLUMNS)
    np.testing.assert_array_equal(found.samples, x)
    assert found.notes == [
        "columns left out: the one without a name",
        "its columns are taken in their order, and without --units own in the coordinates of `ebmbench rows`, as their "
        "names are not height, dose",
    ]


def test_positions_are_names_and_that_is_reported(x):
    for columns in (COLUMNS, ["0", "1"]):
        found = parse_csv(written(pd.DataFrame(x)), columns)
        np.testing.assert_array_equal(found.samples, x)
        assert found.notes == ["its first line is read as the columns' names"]
    turned = parse_csv(written(pd.DataFrame(x)[[1, 0]]), ["0", "1"])
    np.testing.assert_array_equal(turned.samples, x)


def test_comments_before_the_rows_are_skipped_but_for_names(x):
    table = pd.DataFrame(x, columns=COLUMNS)[["dose", "height"]]
    for before in (b"# ", b"#", b"# made by a model\n# ", b"\n# made by a model\n\n#"):
        found = parse_csv(before + written(table), COLUMNS)
        np.testing.assert_array_equal(found.samples, x)
        assert found.named and found.notes == []
    for rows in (written(table), written(pd.DataFrame(x), header=False)):
        np.testing.assert_array_equal(parse_csv(b"# made by a model\n" + rows, COLUMNS).samples, x)
    saved = io.BytesIO()
    np.savetxt(saved, x[:, ::-1], fmt="%.17g", delimiter=",", header="dose,height")
    np.testing.assert_array_equal(parse_csv(saved.getvalue(), COLUMNS).samples, x)


def test_a_column_may_be_called_by_the_sign_of_comments(x):
    found = parse_csv(written(pd.DataFrame(x, columns=["#", "dose"])), ["#", "dose"])
    np.testing.assert_array_equal(found.samples, x)
    assert found.named and found.notes == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has an empty first line"),
        (b"height,dose\n", "has no rows"),
        (
            b"height;dose\n1,5;2\n",
            "has semicolons between its fields; save it with commas there, and with decimal points",
        ),
        (b"1,5;2,5\n3;4\n", "has semicolons between its fields"),
        (b"height\tdose\n1\t2\n", "has tabs between its fields"),
        (b"1.5 2.5\n3 4\n", "has 1 column in its first line; needed: 2, separated by commas"),
        (
            b"height,Dose\n1,2\n",
            r"has no column dose; did you mean Dose\? unknown: Dose; needed: height, dose, or none",
        ),
        (b"height,dose\n1,2\n3,four\n", "column dose: .* 'four' in row 2"),
        (b"dose,height\n1,2\n3,four\n", "column height: .* 'four' in row 2"),
        (b"a,b\n1,2\n3,four\n", "column b: .* 'four' in row 2"),
        (b"1,2\n3,four\n", "column dose: .* 'four' in row 2"),
        (b"1,2\n3,4\n5,six\n", "column dose: .* 'six' in row 3"),
        (b"1,2,0\n3,4,0\n5,six,0\n", "column 2: .* 'six' in row 3"),
        (b"height,dose\n1,2,3\n", "names 2 columns and has 3 in its first row"),
        (b"height,dose\n1,5;2,5\n3;4\n", "has semicolons between its fields"),
        (b"height,dose\n1,2\n3,4\n5,6,7\n", "has lines of different lengths .* in line 4"),
        (b"# a comment\nheight,dose\n1,2\n3,4\n5,6,7\n", "has lines of different lengths .* in line 5"),
        (b"# a comment\n1,2\n3,4\n5,6,7\n", "has lines of different lengths .* in line 4"),
        (b"# a comment\n\xff,1\n2,3\n", "is not a text file in UTF-8"),
        (b"# a comment\n", "has an empty first line"),
        (b'height,"dose\n1,2\n', "has no column dose"),
        (b"height,dose,dose\n1,2,3\n", "has 2 columns named dose; allowed: one"),
        (b"1,2\n3,4\n5,6,7\n", "has lines of different lengths"),
        (b"\xff\xfe,1\n2,3\n", "is not a text file in UTF-8"),
    ],
)
def test_other_text_is_refused_in_a_line(tmp_path, content, message):
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(GivenError, match=message) as error:
        read_file(path, COLUMNS)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_lines_that_end_as_on_old_machines_are_read(x):
    table = pd.DataFrame(x, columns=COLUMNS)
    np.testing.assert_array_equal(parse_csv(written(table, lineterminator="\r"), COLUMNS).samples, x)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("within", ["\n", "\r\n", "\r"])
def test_a_name_may_have_line_ends(x, ends, within):
    columns = [f"height{within}in m", "dose"]
    lines = [f'"height{within}in m",dose', *(f"{height!r},{dose!r}" for height, dose in x.tolist())]
    found = parse_csv(ends.join(lines).encode(), columns)
    np.testing.assert_array_equal(found.samples, x)
    assert found.named and found.notes == []


def test_notes_are_one_line_each(tmp_path, x):
    path = tmp_path / "mine.csv"
    pd.DataFrame(x, columns=COLUMNS).assign(**{"of\nsite": 1}).to_csv(path, index=False)
    assert read_file(path, COLUMNS).notes == [f"{path}: columns left out: of site"]


@pytest.mark.parametrize("name", ["mine.txt", "mine.tsv", "mine.csv.gz", "mine", "mine.npz", "mine.npy"])
def test_nothing_is_said_of_loading_objects(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"1,2\n3,4\n")
    with pytest.raises(GivenError) as error:
        read_file(path, COLUMNS)
    reported = str(error.value).removeprefix(f"{path}: ")
    assert "pickle" not in reported and reported.startswith(("the name ", "not a complete .npz or .npy file"))
    assert (path.suffix in (".npz", ".npy")) is not reported.startswith("the name ")


def test_a_folder_is_called_one(tmp_path):
    with pytest.raises(GivenError, match="a folder; allowed: a file"):
        read_file(tmp_path, COLUMNS)


@pytest.mark.parametrize(("header", "column"), [(COLUMNS, "dose"), (["a", "b"], "b"), (False, "dose")])
def test_an_empty_field_of_csv_is_named(tmp_path, x, header, column):
    path = tmp_path / "mine.csv"
    pd.DataFrame(x, columns=COLUMNS).mask(lambda of: of == x[7, 1]).to_csv(path, index=False, header=header)
    with pytest.raises(GivenError, match=f"samples row 8, column {column} is nan"):
        archive.checked(path, read_file(path, COLUMNS).arrays, 2, SIZES)


def checked(path):
    found = read_file(path, COLUMNS)
    of = archive.checked(path, found.arrays, 2, SIZES)
    assert of.samples.dtype == np.float64 and of.samples.shape[1:] == (2,) and len(of.samples) >= archive.LEAST
    assert np.isfinite(of.samples.astype(np.float32)).all()


#: any type that numpy saves without a pickle, and objects
KINDS = st.one_of(
    arrays_of.scalar_dtypes(),
    arrays_of.array_dtypes(max_size=2),
    st.sampled_from([np.dtype(np.longdouble), np.dtype(object), np.dtype("S0"), np.dtype("V3")]),
)
SHAPES = st.sampled_from([(100, 2), (101, 2), (120, 2)]) | arrays_of.array_shapes(
    min_dims=0, max_dims=4, min_side=0, max_side=5
)


@st.composite
def anything(draw):
    """An array of any type, shape and contents."""
    dtype = draw(KINDS)
    if dtype.hasobject:
        return np.full(draw(SHAPES), None, dtype=object)
    shape = draw(SHAPES)
    found = np.frombuffer(bytes(max(int(np.prod(shape)) * dtype.itemsize, 1)), dtype="u1").copy()
    some = np.frombuffer(draw(st.binary(max_size=64)), dtype="u1")
    found[: len(some)] = some[: len(found)]
    return np.ndarray(shape, dtype, found)


# names of fields in a record may not be ASCII
@pytest.mark.filterwarnings("ignore:Stored array in format")
@SEARCH
@given(anything() | st.floats(width=64).map(lambda value: np.full((100, 2), value)), st.booleans())
def test_any_array_is_accepted_or_refused(outcomes, tmp_path, array, alone):
    path = tmp_path / ("mine.npy" if alone else "mine.npz")
    if alone:
        np.save(path, array)
    else:
        np.savez(path, samples=array)
    outcomes.append(("array", reported(checked, path, error=GivenError)))


ROWS = written(pd.DataFrame(np.arange(240.0).reshape(120, 2), columns=COLUMNS))


def saved(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


@pytest.mark.parametrize(("name", "content"), [("mine.csv", ROWS), ("mine.npy", saved(np.ones((120, 2))))])
@SEARCH
@given(st.data())
def test_any_damage_is_reported(outcomes, tmp_path, name, content, data):
    path = tmp_path / name
    path.write_bytes(data.draw(damaged(content)))
    outcomes.append((name, reported(checked, path, error=GivenError)))


FIELDS = st.text(max_size=4) | st.sampled_from(
    ["", "height", "dose", "nan", "1e999", "9" * 400, "1+2j", "True", '"', "0"]
)


@SEARCH
@given(st.lists(FIELDS, min_size=1, max_size=3), st.integers(0, 119), st.booleans())
def test_any_text_in_csv_is_accepted_or_refused(outcomes, tmp_path, fields, at, quoted):
    lines = ROWS.decode().splitlines()
    buffer = io.StringIO()
    csv.writer(buffer).writerow(fields)
    lines[at] = buffer.getvalue().strip() if quoted else ",".join(fields)
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
    outcomes.append(("text", reported(checked, path, error=GivenError)))
