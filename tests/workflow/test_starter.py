"""The starter configuration plans, is what the documents show, and never replaces a file."""

import textwrap

import pytest
import yaml

from ebmbench.workflow.cli.app import run
from ebmbench.workflow.starter import STARTER
from tests.helpers.configurations import resolved
from tests.helpers.paths import ROOT

TEXT = STARTER.read_text()


def test_it_compares_three_losses_with_the_oracle_on_one_set():
    plan = resolved(yaml.safe_load(TEXT))
    assert {job.cell.method for job in plan.jobs} == {
        *("oracle-none-none", "ebm-ml-none", "ebm-dsm-none", "ebm-ed-none")
    }
    assert {job.cell.dataset for job in plan.jobs} == {"moons"} and {job.block for job in plan.jobs} == {"0-1"}


def test_it_is_ten_lines_with_comments():
    lines = TEXT.splitlines()
    assert len(lines) <= 12 and sum("#" in line for line in lines) >= 8


@pytest.mark.parametrize("page", ["README.md", "docs/guide/own_configuration.md"])
def test_the_documents_show_it_with_its_command(page):
    text = (ROOT / page).read_text()
    assert f"\n\n{textwrap.indent(TEXT, '    ')}\n" in text
    assert "ebmbench init my.yaml" in text and "snakemake --cores all --configfile my.yaml" in text


def test_the_command_writes_it_and_names_the_next_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["init", "my grid.yaml"]) == 0
    assert (tmp_path / "my grid.yaml").read_text() == TEXT
    reported = capsys.readouterr().out.splitlines()
    assert reported[-1] == "next, in a checkout: snakemake --cores all --configfile 'my grid.yaml'"


@pytest.mark.parametrize("name", ["my.yaml", "."])
def test_what_exists_is_left_as_it_is(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.yaml").write_text("mine")
    assert run(["init", name]) == 1
    assert capsys.readouterr().err == f"ebmbench init: {name}: the file exists; allowed: a new file\n"
    assert (tmp_path / "my.yaml").read_text() == "mine"
