"""Bad usage, bad input and a machine at its limits are one line and an exit code; errors of the code are raised."""

import pytest

from ebmbench.core.errors import UserError
from ebmbench.workflow.cli.app import run
from ebmbench.workflow.stages import audit, ranks

TRAIN = ["stage", "train", "--seeds", "0-0", "--settings", "{}", "--data", "x", "--device", "cpu", "--code", "x"]
ROWS = ["rows", "--dataset", "moons", "--out"]
SCORE = ["score", "--dataset", "moons", "--samples", "x.npz"]
RANKS = ["stage", "ranks", "--scores", "x", "--curves", "x", "--facts", "x", "--out", "out"]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ["score_runs"],
            "ebmbench: no such command: score_runs; did you mean score? allowed: init, choose, rows, score, sample, ",
        ),
        (["--verbose"], "ebmbench: no such option: --verbose"),
        (
            ["stage", "trian"],
            "ebmbench stage: no such command: trian; did you mean train? allowed: check_settings, dataset, ",
        ),
        (
            ["rows", "--data", "moons"],
            "ebmbench rows: no such option: --data; did you mean --dataset? allowed: --dataset, --out, --seed",
        ),
        (["rows", "moons"], "ebmbench rows: "),
        (["rows", "--out", "x.npz"], "ebmbench rows: Missing option '--dataset'"),
        (["stage", "tune"], "ebmbench tune: Missing option '--cell'"),
        (["rows", "--seed", "one"], "ebmbench rows: Invalid value for '--seed': 'one' is not a valid integer"),
        (["recompute", "smoke", "moons"], "ebmbench recompute: Missing argument 'METHOD'"),
        (
            ["recompute", "smoke", "moons", "ebm-ed-none", "--sed", "1"],
            "ebmbench recompute: no such option: --sed; did you mean --seed? allowed: --seed, --code, --root, --out",
        ),
        (["recompute", "smoke", "moons", "ebm-ed-none", "0"], "ebmbench recompute: Got unexpected extra argument (0)"),
        (["audit", "--tables"], "ebmbench audit: Option '--tables' requires an argument"),
        (
            [*TRAIN, "--out", "x", "--cell", "moons"],
            "ebmbench train: Invalid value for '--cell': cell 'moons' is not of the form dataset/family-loss-stats",
        ),
        (
            ["stage", "sample", "--device", "gpu"],
            "ebmbench sample: Invalid value for '--device': 'gpu' is not one of 'auto', 'cpu', 'cuda'",
        ),
        (
            ["stage", "collect", "--config", "{"],
            "ebmbench collect: Invalid value for '--config': not JSON (Expecting property name",
        ),
        (
            ["stage", "collect", "--config", "[1]"],
            "ebmbench collect: Invalid value for '--config': JSON, but no object: [1]; allowed: an object such as {",
        ),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(words, line, capsys):
    assert run(words) == 2
    reported = capsys.readouterr()
    assert reported.out == "" and len(reported.err.splitlines()) == 1
    assert reported.err.startswith(line)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["init", ""], "init: Invalid value for 'PATH': the name is empty; allowed: the name of a file or folder"),
        (["choose", ""], "choose: Invalid value for 'TABLE': the name is empty; allowed: "),
        (["sample", "run", "--out", ""], "sample: Invalid value for '--out': the name is empty; allowed: "),
        ([*SCORE, "--samples", ""], "score: Invalid value for '--samples': the name is empty; allowed: "),
        (["sample", "run", "--out", "x.npz"], "sample: Invalid value for '--out': x.npz: the file is written as .csv"),
        ([*ROWS, "rows.csv"], "rows: Invalid value for '--out': rows.csv: the file is written as .npz; allowed: "),
        ([*ROWS, "folder.npz"], "rows: Invalid value for '--out': folder.npz is a folder; allowed: a file"),
        ([*ROWS, "file/rows.npz"], "rows: Invalid value for '--out': file is a file; allowed: a folder, or a new name"),
        ([*SCORE, "--out", "file"], "score: Invalid value for '--out': file is a file; allowed: a folder, or a new"),
        ([*SCORE, "--out", "file/new"], "score: Invalid value for '--out': file is a file; allowed: a folder, "),
        (["choose", "x.csv", "--out", "file"], "choose: Invalid value for '--out': file is a file; allowed: "),
        (["init", "new/x.yaml"], "init: Invalid value for 'PATH': new/x.yaml: the folder new is missing; make it "),
        (["rungs", "x.yaml"], "rungs: Invalid value for 'CONFIGFILE': x.yaml: the file is missing; allowed: a file "),
        ([*ROWS, "x.npz", "--seed", "-3"], "rows: Invalid value for '--seed': -3; allowed: 0 or more"),
        ([*SCORE, "--seed", "-1"], "score: Invalid value for '--seed': -1; allowed: 0 or more"),
        ([*SCORE, "--seed", "x"], "score: Invalid value for '--seed': 'x' is not a valid integer\n"),
        (["sample", "run", "--out", "x.csv", "-n", "0"], "sample: Invalid value for '-n': 0; allowed: 1 or more"),
    ],
)
def test_a_path_or_number_of_no_use_is_refused_before_anything_runs(words, line, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "folder.npz").mkdir()
    assert run(words) == 2
    reported = capsys.readouterr()
    assert reported.out == "" and len(reported.err.splitlines()) == 1
    assert reported.err.startswith(f"ebmbench {line}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.npz"]


@pytest.mark.parametrize("words", [[], ["stage"]])
def test_no_command_shows_the_help_and_fails(words, capsys):
    assert run(words) == 2
    assert "Usage: ebmbench" in capsys.readouterr().err


class OddError(UserError):
    code = 7


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UserError("key: 1 is too small; allowed: 2"), 1, "key: 1 is too small; allowed: 2"),
        (OddError("odd"), 7, "odd"),
        (OSError(28, "No space left on device", "x.csv"), 1, "x.csv: No space left on device"),
        (OSError("two\nlines"), 1, "two lines"),
        (MemoryError(), 1, "not enough memory"),
        (
            RuntimeError("can't allocate memory: 8 bytes\nframe 0"),
            1,
            "not enough memory (can't allocate memory: 8 bytes)",
        ),
    ],
)
def test_an_error_of_a_stage_is_one_line_with_its_code(error, code, line, monkeypatch, capsys):
    def fail(*_):
        raise error

    monkeypatch.setattr(ranks, "write_ranks", fail)
    assert run(RANKS) == code
    assert capsys.readouterr().err == f"ebmbench ranks: {line}\n"
    monkeypatch.setattr(audit, "write_audit", fail)
    assert run(["audit"]) == code
    assert capsys.readouterr().err == f"ebmbench audit: {line}\n"


def test_a_line_names_the_command_and_not_its_arguments(tmp_path, capsys):
    assert run(["recompute", "smoke", "audit", "rows", "--root", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("ebmbench recompute: ")


@pytest.mark.parametrize("error", [RuntimeError("shapes differ"), EOFError("ran out of input"), KeyError("x")])
def test_an_error_of_the_code_is_raised(error, monkeypatch):
    def fail(*_):
        raise error

    monkeypatch.setattr(ranks, "write_ranks", fail)
    with pytest.raises(type(error)):
        run(RANKS)
