"""The help names every command under its heading and ends with an example that works; it imports nothing heavy."""

import os
import shlex
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from ebmbench.workflow.cli.app import ebmbench, run
from ebmbench.workflow.cli.group import HEADINGS, stage
from tests.helpers.paths import ROOT

USERS = [name for name in ebmbench.commands if name != "stage"]

#: modules that take long to import
HEAVY = ("torch", "pandas", "matplotlib", "scipy", "numpy")


def help_of(*words):
    done = CliRunner().invoke(ebmbench, [*words, "--help"], prog_name="ebmbench")
    assert done.exit_code == 0
    return done.output


def example(name):
    """The words of a command's example, without the name of the program and a redirection."""
    line = help_of(name).strip().splitlines()[-1]
    assert line.startswith(f"  {' ' * 2}ebmbench {name}")
    return shlex.split(line.partition(">")[0])[1:]


def test_every_command_has_a_heading_and_one_line():
    text = help_of()
    assert sorted(name for names in HEADINGS.values() for name in names) == sorted(ebmbench.commands)
    blocks = dict(block.split(":\n", 1) for block in text.split("\n\n") if ":\n" in block)
    for heading, names in HEADINGS.items():
        listed = [line.split()[0] for line in blocks[heading].splitlines() if line.startswith("  ") and line[2] != " "]
        assert listed == list(names)
        assert all(ebmbench.commands[name].help for name in names)


def test_stages_are_behind_one_word():
    assert "  train" not in help_of()
    listed = help_of("stage")
    assert all(f"\n  {name} " in listed for name in stage.commands)
    assert all(command.help for command in stage.commands.values())


@pytest.mark.parametrize("name", USERS)
def test_the_example_is_understood(name):
    words = example(name)
    with ebmbench.commands[name].make_context(name, words[1:]):
        pass


def test_examples_of_your_own_model_work(tmp_path, monkeypatch, capsys):
    for name in ("config", "workflow"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "results").mkdir()
    (tmp_path / "results/reference").symlink_to(ROOT / "results/reference")
    monkeypatch.chdir(tmp_path)
    assert run(example("rows")) == 0
    assert "written: rows.npz\n" in capsys.readouterr().out
    rows = np.load("rows.npz")
    assert set(rows) == {"train", "val", "test", "grid"}
    np.savez("mine.npz", samples=rows["test"][:200])
    assert run(example("score")) == 0
    assert "written: results/given/mine/scores.csv" in capsys.readouterr().out
    assert run(example("methods")) == 0
    assert capsys.readouterr().out.startswith("# ")


def test_help_imports_nothing_that_takes_long():
    code = f"import sys; from ebmbench.workflow.cli import main; main(); print(*set({HEAVY}) & set(sys.modules))"
    for words in (["--help"], ["stage", "train", "--help"], ["stage", "train"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "EBMBENCH_FORKSERVER": ""},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.splitlines()[-1] == ""


def test_a_client_of_the_fork_server_imports_no_click():
    code = "import sys, ebmbench.workflow.cli; print(*{'click', 'argparse'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""
