"""Stage that collects the folders of many runs into one set of tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.columns import CURVES, SCORES_KEY, SKIPPED, STATISTICS
from ebmbench.core.csv_schema import Schema, check, read_text
from ebmbench.core.errors import UserError
from ebmbench.core.files import open_tensors, read_json, write_csv
from ebmbench.core.schemas import read_schema

#: entries of sampling.json whose keys are columns of runs.csv under their name
PARTS = ("samples", "model", "relative", "base", "reconstruction")

#: columns that hold whole numbers and are sorted numerically
_WHOLE = ("seed", "step")


def collect(
    run_dirs: Sequence[Path], skipped: pd.DataFrame, out: Path, schemas: Path, judged: Collection[str] = ()
) -> None:
    """Write scores.csv, runs.csv, statistics.csv, curves.csv and skipped.csv into ``out``.

    Reads exactly the folders ``run_dirs``, in any order: the same set of inputs gives the same bytes.
    ``skipped`` has the columns of :data:`SKIPPED`; ``schemas`` is the folder of ``scores.schema.yaml`` and
    ``runs.schema.yaml``; ``judged``: data sets whose runs also have an image_scores.csv. Raises :class:`UserError`
    with one line for a table that violates its schema, a duplicate row, and a run without scores or scores without a
    run.
    """
    folders = sorted(dict.fromkeys(run_dirs))
    if not folders:
        raise UserError("collect: no run folder given; at least one is needed")
    runs = _runs(folders, read_schema(schemas / "runs.schema.yaml"))
    scores = _scores(folders, read_schema(schemas / "scores.schema.yaml"), judged)
    _check_covered(folders, runs, scores)
    statistics = _stacked((f, read_text(f / "statistics.csv", STATISTICS)) for f in folders)
    curves = _curves(folders)
    write_csv(out / "scores.csv", _sorted(scores, SCORES_KEY))
    write_csv(out / "runs.csv", _sorted(runs, (*AXES, "seed")))
    write_csv(out / "statistics.csv", _sorted(statistics, (*AXES, "seed", "set", "distribution")))
    write_csv(out / "curves.csv", _sorted(curves, (*AXES, "seed", "step")))
    write_csv(out / "skipped.csv", skipped[list(SKIPPED)].sort_values(list(SKIPPED), kind="stable"))


def skipped_table(skipped: Iterable[tuple[Cell, str]]) -> pd.DataFrame:
    """Return the rows of skipped.csv: cells, each with the reason."""
    return pd.DataFrame([{**cell._asdict(), "reason": reason} for cell, reason in skipped], columns=list(SKIPPED))


def _scores(folders: Sequence[Path], schema: Schema, judged: Collection[str]) -> pd.DataFrame:
    tables = []
    for folder in folders:
        # results/runs/{dataset}/{method}/seeds{block}
        of_images = ["image_scores.csv"] if folder.parent.parent.name in judged else []
        for name in ("scores.csv", *of_images):
            table = read_text(folder / name, list(schema["properties"]))
            check(table, schema, folder / name)
            tables.append((folder, table))
    scores = _stacked(tables)
    _check_once(scores, SCORES_KEY, "scores.csv")
    wrong = scores["run"] != [_cell(row).run(row["seed"]) for row in scores.to_dict("records")]
    if wrong.any():
        row = scores[wrong].iloc[0]
        expected = _cell(row).run(row["seed"])
        raise UserError(f"{_place(row, 'scores.csv')}: run = {row['run']!r}; allowed: {expected}")
    return scores


def _runs(folders: Sequence[Path], schema: Schema) -> pd.DataFrame:
    columns = list(schema["properties"])
    tables = []
    for folder in folders:
        table = pd.DataFrame(list(_run_rows(folder)))
        further = sorted(set(table.columns) - set(columns))
        table = table.reindex(columns=[*columns, *further], fill_value="").fillna("")
        check(table, schema, folder / "run.json")
        tables.append((folder, table))
    further = sorted({name for _, table in tables for name in table.columns} - set(columns))
    runs = _stacked((folder, table.reindex(columns=[*columns, *further], fill_value="")) for folder, table in tables)
    _check_once(runs, ("run",), "run.json")
    return runs


def _run_rows(folder: Path) -> Iterator[dict[str, str]]:
    """Yield one row per seed of run.json: its entries there and in sampling.json, log Z, and the provenance."""
    training, sampling = _object(folder / "run.json"), _object(folder / "sampling.json")
    try:
        cell = Cell(**training["cell"])
        runs = training["runs"].items()
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{folder / 'run.json'}: cell ({', '.join(AXES)}) and runs are needed") from error
    log_z = _log_z(folder / "log_prob.safetensors")
    for seed, run in runs:
        sampled = dict(sampling.get("runs", {}).get(seed, {}))
        likelihood = dict(sampled.pop("likelihood", {})) | log_z.get(seed, {})
        parts = {part: dict(sampled.pop(part, {})) for part in PARTS}
        run = dict(run)
        head = {"status": run.pop("status", ""), "reason": run.pop("reason", "")}
        yield _flat({"run": cell.run(seed), **cell._asdict(), "seed": seed, **head}) | _flat(
            {
                "train": run,
                "sampling": sampled,
                "likelihood": likelihood,
                **parts,
                "provenance": _of_seed(training.get("provenance", {}), seed),
            }
        )


def _of_seed(content: Mapping[str, Any], seed: str) -> dict[str, Any]:
    """Replace each mapping from seeds in ``content`` by this seed's entry."""
    own = {name: value[seed] for name, value in content.items() if isinstance(value, Mapping) and seed in value}
    return {**content, **own}


def _object(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        raise UserError(f"{path}: the file is missing")
    content = read_json(path)
    if not isinstance(content, dict):
        raise UserError(f"{path}: {type(content).__name__}; allowed: an object with the key runs")
    return content


def _log_z(path: Path) -> dict[str, dict[str, float]]:
    """Read ``log_z`` and ``log_z_stderr`` by seed, without reading the log-densities."""
    found: dict[str, dict[str, float]] = {}
    if not path.is_file():
        return found
    with open_tensors(path, "numpy") as tensors:
        for name in tensors.keys():  # noqa: SIM118 - a safetensors handle is not iterable
            seed, _, kind = name.partition("/")
            if kind in ("log_z", "log_z_stderr"):
                found.setdefault(seed, {})[kind] = float(tensors.get_tensor(name))
    return found


def _flat(content: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Flatten nested mappings to keys ``outer.inner``; numbers become text, None an empty field."""
    flat: dict[str, str] = {}
    for name, value in content.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = _text(value)
    return flat


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def _curves(folders: Sequence[Path]) -> pd.DataFrame:
    tables = []
    for folder in folders:
        cell = Cell(**read_json(folder / "run.json")["cell"])
        curve = read_text(folder / "curves.csv", CURVES)
        tables.append((folder, pd.DataFrame(cell._asdict(), index=curve.index).join(curve)))
    return _stacked(tables)


def _stacked(tables: Iterable[tuple[Path, pd.DataFrame]]) -> pd.DataFrame:
    """Concatenate tables, adding the folder and row number of origin (columns that :func:`_sorted` drops)."""
    placed = [table.assign(_folder=str(folder), _row=range(1, len(table) + 1)) for folder, table in tables]
    return pd.concat(placed, ignore_index=True)


def _sorted(table: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Sort by key; rows of equal key keep the order of their file."""

    def rank(column: pd.Series) -> pd.Series:
        return column.astype(int) if column.name in _WHOLE else column

    return table.sort_values([*by, "_row"], key=rank).drop(columns=["_folder", "_row"])


def _check_once(table: pd.DataFrame, key: Sequence[str], file: str) -> None:
    again = table.duplicated(list(key))
    if again.any():
        row = table[again].iloc[0]
        first = table[(table[list(key)] == row[list(key)]).all(axis="columns")].iloc[0]
        text = ", ".join(f"{name} {row[name]}" for name in key)
        raise UserError(f"{_place(row, file)}: {text} is already in {_place(first, file)}; allowed: once")


def _check_covered(folders: Sequence[Path], runs: pd.DataFrame, scores: pd.DataFrame) -> None:
    for folder in folders:
        trained = set(runs["run"][runs["_folder"] == str(folder)])
        scored = set(scores["run"][scores["_folder"] == str(folder)])
        for run in sorted(trained ^ scored):
            has, lacks = ("run.json", "scores.csv") if run in trained else ("scores.csv", "run.json")
            raise UserError(f"{folder / lacks}: no row of run {run}, which is in {has}; score it again")


def _place(row: pd.Series, file: str) -> str:
    return f"{Path(row['_folder']) / file}: row {row['_row']}"


def _cell(row: Mapping[str, str]) -> Cell:
    return Cell(*(row[axis] for axis in AXES))
