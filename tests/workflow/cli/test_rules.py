"""The rules and the command line agree: every stage has a rule, with options that both know, and all is quoted."""

import ast
import re
from pathlib import Path

import pytest

from ebmbench.workflow.cli.app import ebmbench
from tests.helpers.paths import ROOT

STAGES = ebmbench.commands["stage"].commands

RULES = sorted((ROOT / "workflow/rules").rglob("*.smk"))


def shell_commands(path: Path) -> list[str]:
    """The commands of the rules in a file, each as one line."""
    found = re.findall(r"^ +shell:\n((?: +\".*\"\n)+)", path.read_text(), flags=re.MULTILINE)
    return [ast.literal_eval(f"({body})") for body in found]


COMMANDS = [command for path in RULES for command in shell_commands(path)]
CALLS = {}
for command in COMMANDS:
    if match := re.match(r"python -m ebmbench stage (\w+)(.*)", command):
        CALLS[match[1]] = set(re.findall(r"--(\w+)", match[2]))

#: stages that are no job's: what a run does before its first job and after its last one
HANDLERS = "".join((ROOT / "workflow/rules" / name).read_text() for name in ("start.smk", "end.smk"))
for name, words in re.findall(r'words = \["(\w+)"(.*?)\]', HANDLERS, flags=re.DOTALL):
    CALLS[name] = set(re.findall(r"--(\w+)", words))


def options(name, required):
    return {of.name for of in STAGES[name].params if of.required == required}


def test_every_rule_calls_a_stage_and_every_stage_has_a_rule():
    others = [command for command in COMMANDS if not command.startswith("python -m ebmbench stage ")]
    assert sorted(command.split()[2] for command in others) == ["pytest", "snakemake"]
    assert set(CALLS) == set(STAGES)


@pytest.mark.parametrize("name", CALLS)
def test_a_stage_knows_the_options_that_its_rule_passes_and_gets_those_that_it_needs(name):
    assert options(name, required=True) <= CALLS[name] <= options(name, required=True) | options(name, required=False)


def test_options_that_functions_of_the_rules_add_are_optional_ones_of_a_stage():
    added = set(re.findall(r'"--(\w+)"', (ROOT / "workflow/rules/linked.smk").read_text()))
    assert added == {"base", "before", "chosen", "data", "files", "finished", "studied", "rows", "features"}
    assert added <= {name for of in STAGES for name in options(of, required=False)}


def test_rules_quote_whatever_they_put_into_a_command():
    fields = [field for command in COMMANDS for field in re.findall(r"\{(.*?)\}", command)]
    assert len(fields) > 100
    assert {field for field in fields if not field.endswith(":q")} == {"threads"}
