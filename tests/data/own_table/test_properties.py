"""Whatever a file holds, a table of one's own loads or is refused in one line."""

import os
import tempfile
from pathlib import Path

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ebmbench.core.errors import UserError
from ebmbench.data.split_checks import check_splits
from tests.data.own_table.tables import COLUMNS, load, measured, written

#: a full run is `EBMBENCH_EXAMPLES=1000 pytest tests/data/own_table/test_properties.py`
EXAMPLES = int(os.environ.get("EBMBENCH_EXAMPLES", "40"))

NUMBERS = st.floats(width=64, allow_nan=False) | st.integers(-(10**400), 10**400) | st.integers(-3, 3)
FIELDS = (
    NUMBERS.map(str)
    | st.sampled_from(["", "NA", "?", "inf", "-inf", "1e999", "0,5", "1.234,5", "1 mg", "True", "2024-01-31", '"'])
    | st.text(max_size=6)
)
NAMES = st.sampled_from([*COLUMNS, "", " a ", "0", "1.5", "Unnamed: 0", "größe", "a,b", "null"]) | st.text(max_size=4)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "columns": st.lists(st.sampled_from([*COLUMNS, "site"]), max_size=3),
        "drop": st.lists(st.sampled_from([*COLUMNS, "site", "Unnamed: 0"]), max_size=2) | st.sampled_from(COLUMNS),
        "separator": st.sampled_from([",", ";", "\t", "|", " ", None]),
        "decimal": st.sampled_from([".", ","]),
        "missing": st.sampled_from(["error", "drop"]),
        "categories": st.sampled_from(["error", "drop"]),
        "group": st.sampled_from([None, "age", "site"]),
        "time": st.sampled_from([None, "dose", "site"]),
        "dequantise": st.sampled_from(["auto", "none"]),
        "copies": st.sampled_from(["anywhere", "together"]),
    },
)


@st.composite
def sound_rows(draw):
    """Lines of a table that is sound but for a few fields, a few columns and a few repeated rows."""
    table = measured(draw(st.integers(40, 90)), draw(st.integers(0, 5)))
    scale = draw(st.sampled_from([1.0, 3.0, 1e100, 1e-130, 1e-200, 1e160]))
    rows = [[str(value) for value in row] for row in (table * scale).to_numpy().tolist()]
    names = [draw(NAMES) if draw(st.integers(0, 29)) == 17 else name for name in COLUMNS]
    kind = draw(st.sampled_from(["none", "constant", "id", "site", "copy", "sum", "binary"]))
    further = {
        "none": lambda at: [],
        "constant": lambda at: ["1.5"],
        "id": lambda at: [str(at)],
        "site": lambda at: ["ns"[at % 2]],
        "copy": lambda at: rows[at][:1],
        "sum": lambda at: [str(float(rows[at][0]) + float(rows[at][1]))],
        "binary": lambda at: [str(at * at % 3 % 2)],
    }[kind]
    rows = [[*row, *further(at)] for at, row in enumerate(rows)]
    for _ in range(draw(st.integers(0, 3))):
        rows[draw(st.integers(0, len(rows) - 1))][draw(st.integers(0, 3))] = draw(FIELDS)
    rows += rows[: draw(st.sampled_from([0, 0, 5, 20]))]
    return [names + (["site"] if len(rows[0]) > 4 else []), *rows]


MILD = st.fixed_dictionaries(
    {"missing": st.sampled_from(["error", "drop"]), "categories": st.sampled_from(["error", "drop", "drop"])},
    optional={
        "drop": st.sampled_from([["site"], "age"]),
        "group": st.sampled_from(["site", "age"]),
        "dequantise": st.sampled_from(["auto", "none"]),
        "copies": st.sampled_from(["anywhere", "together"]),
    },
) | st.fixed_dictionaries({"time": st.sampled_from(["dose", "site"]), "missing": st.just("drop")})


@st.composite
def any_rows(draw):
    """Lines of any fields."""
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(FIELDS, min_size=width, max_size=width), max_size=30))
    return [draw(st.lists(NAMES, min_size=1, max_size=width + 1)), *rows]


@st.composite
def contents(draw):
    """The bytes of a text file: lines with some separator and encoding, or any bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    sign = draw(st.sampled_from([",", ",", ",", ";", "\t", "|", " "]))
    lines = draw(st.one_of(sound_rows(), sound_rows(), any_rows()))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"]))
    text = end.join(sign.join(line) for line in lines) + draw(st.sampled_from(["", end]))
    return text.encode(encoding, errors="ignore")


def loads_or_says_why(path, **options):
    """Whether the table loads; if not, the message is one line that names the file or the setting."""
    try:
        table = load(path, **options)
        table.check_source()
        splits = table.splits(0)
        check_splits(table, "mine", 0, splits)
    except UserError as error:
        assert len(str(error).splitlines()) == 1
        assert str(error).startswith((str(path), "dataset table: ", "dataset mine: "))
        return False
    assert torch.isfinite(torch.cat(splits[:3])).all() and np.isfinite(splits.log_det)
    assert len(table.column_names()) == table.dim == splits.train.shape[1] and table.facts()
    return True


@settings(max_examples=EXAMPLES, deadline=None)
@given(contents(), SETTINGS, st.sampled_from([".csv", ".csv", ".csv", ".tsv", ".npy", ".npz", ".txt"]))
def test_a_file_loads_or_is_refused_in_one_line(content, options, suffix):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"mine{suffix}")
        path.write_bytes(content)
        loads_or_says_why(path, **options)


@settings(max_examples=EXAMPLES, deadline=None)
@given(sound_rows(), MILD)
def test_an_almost_sound_table_loads_or_is_refused_in_one_line(rows, options):
    with tempfile.TemporaryDirectory() as folder:
        loads_or_says_why(written(Path(folder, "mine.csv"), "\n".join(map(",".join, rows))), **options)


ARRAYS = st.sampled_from(["f8", "f4", "f2", "i8", "u8", "g", "c16", "U3", "?", "M8[D]"])


@settings(max_examples=EXAMPLES, deadline=None)
@given(ARRAYS, st.lists(st.integers(0, 70), min_size=0, max_size=3), st.integers(0, 3), st.booleans())
def test_an_array_loads_or_is_refused_in_one_line(kind, shape, seed, archive):
    values = np.random.default_rng(seed).normal(size=shape) * 10.0 ** np.random.default_rng(seed).integers(-3, 4)
    with tempfile.TemporaryDirectory() as folder, np.errstate(all="ignore"):
        path = Path(folder, "mine.npz" if archive else "mine.npy")
        array = values.astype("i8").astype(kind) if kind == "M8[D]" else np.abs(values).astype(kind)
        if archive:
            np.savez(path, **{"a": array, "b": array[..., :1]} if seed == 3 and array.ndim else {"a": array})
        else:
            np.save(path, array)
        loads_or_says_why(path)


def test_a_sound_table_loads(tmp_path):
    measured(60).to_csv(tmp_path / "mine.csv", index=False)
    assert loads_or_says_why(tmp_path / "mine.csv")
    # with less than one row for each column and no more columns it does not
    measured(49).to_csv(tmp_path / "mine.csv", index=False)
    assert not loads_or_says_why(tmp_path / "mine.csv")
