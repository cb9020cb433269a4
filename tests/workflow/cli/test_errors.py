"""Bad usage, bad input and a machine at its limits are one line and an exit code; errors of the code are raised."""

import pytest

from ebmbench.core.errors import UserError
from ebmbench.workflow.cli.app import run
from ebmbench.workflow.stages import audit, ranks

TRAIN = ["stage", "train", "--seeds", "0-0", "--settings", "{}", "--data", "x", "--device", "cpu", "--code", "x"]
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
