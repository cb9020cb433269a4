"""A misspelt name of any kind is refused in one line that suggests the closest allowed name."""

import numpy as np
import pandas as pd
import pytest

import ebmbench
from ebmbench.core import plugins
from ebmbench.core.csv_schema import read_text
from ebmbench.core.errors import UserError
from ebmbench.evaluation.metrics.registry import metric
from ebmbench.planning.reference_runs import grids
from ebmbench.planning.statistic_sets import STANDARD, parts_of
from ebmbench.workflow.cli.app import run
from tests.helpers.configurations import resolved, small
from tests.helpers.paths import ROOT

REFERENCE = ROOT / "results/reference"

#: the committed run that is named first
FIRST = grids(REFERENCE)[0]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working folder: samples with a misspelt array, a table with a misspelt column, and one trained run."""
    monkeypatch.chdir(tmp_path)
    np.savez("mine.npz", samples=np.zeros((100, 2)), test_logprob=np.zeros(3))
    pd.DataFrame({"metrik": [1]}).to_csv("scores.csv", index=False)
    trained = tmp_path / "results/runs/moons/ebm-ed-none/seeds0-0/run.json"
    trained.parent.mkdir(parents=True)
    trained.write_text("{}")
    return tmp_path


@pytest.mark.parametrize(
    ("refused", "line"),
    [
        (lambda: resolved(small(sedes=3)), "config: 'sedes' is an unknown key; did you mean seeds? allowed: results, "),
        (
            lambda: resolved(small(device="gpu")),
            "config: device = 'gpu'; did you mean cpu? allowed: auto, cpu, cuda",
        ),
        (
            lambda: resolved(small(losses={"eds": {}})),
            "config: losses: 'eds' is unknown; did you mean ed? allowed: cd, cnce, ",
        ),
        (
            lambda: resolved(small(extractors={"moon": {"cnn": {}}})),
            "config: extractors.moon: unknown data set; did you mean moons? allowed: moons, rings",
        ),
        (
            lambda: resolved(small(include=[{"match": {"loss": "edd"}}])),
            "config: include[0].match.loss = 'edd' matches nothing; did you mean ed? allowed: ml, ed",
        ),
        (
            lambda: resolved(small(gap_to="ebm-ed-non")),
            "config: gap_to = 'ebm-ed-non' is not a method of the grid; did you mean ebm-ed-none? allowed: ",
        ),
        (
            lambda: resolved(small(sets={"mine": {"histogram": {}}})),
            "config: sets.mine.histogram: unknown statistic; did you mean histograms? allowed: ",
        ),
        (
            lambda: parts_of("moment", STANDARD, "config: evaluate"),
            "config: evaluate = 'moment' is not a set of statistics; did you mean moments? allowed: ",
        ),
        (
            lambda: plugins.load("figure", "paretto"),
            "figure 'paretto' is unknown; did you mean pareto? allowed: ablation_heat_map, ",
        ),
        (lambda: plugins.load("loss", "dsm", sigm=1.0), "loss dsm: 'sigm' is unknown; did you mean sigma? allowed: "),
        (lambda: metric("mmd_2"), "metric 'mmd_2' is unknown; did you mean mmd2? allowed: kl, "),
        (
            lambda: ebmbench.results("smok", REFERENCE),
            f"smok: no results folder and no committed run in {REFERENCE}; did you mean smoke? allowed: {FIRST}, ",
        ),
        (
            lambda: ebmbench.results("smoke", REFERENCE).table("score"),
            f"{REFERENCE}/smoke: no table score; did you mean scores? allowed: ",
        ),
        (
            lambda: ebmbench.load_run("results/runs/moons/ebm-eds-none"),
            "results/runs/moons/ebm-eds-none: no trained run; did you mean results/runs/moons/ebm-ed-none? allowed: ",
        ),
        (
            lambda: ebmbench.load_run("results/runs/moon/ebm-ed-none"),
            "results/runs/moon/ebm-ed-none: no trained run; did you mean results/runs/moons/ebm-ed-none? allowed: ",
        ),
        (
            lambda: read_text("scores.csv", ["metric"]),
            "scores.csv: columns missing: metric; did you mean metrik? unknown: metrik; needed: metric",
        ),
    ],
)
def test_a_name_in_a_file_or_a_call(folder, refused, line):
    with pytest.raises(UserError) as caught:
        refused()
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("scores", "ebmbench: no such command: scores; did you mean score? allowed: init, "),
        ("stage trian", "ebmbench stage: no such command: trian; did you mean train? allowed: "),
        ("rows --dataste moons", "ebmbench rows: no such option: --dataste; did you mean --dataset? allowed: "),
        (
            f"rows --dataset mons --out x.npz --root {ROOT}",
            "ebmbench rows: --dataset mons: no entry of the default configuration or a committed run's, and no "
            "plug-in; --configfile names your own; did you mean moons or moons8? allowed: ",
        ),
        (
            f"recompute smok moons ebm-ed-none --root {ROOT}",
            f"ebmbench recompute: {REFERENCE}: grid smok is unknown; did you mean smoke? allowed: {FIRST}, ",
        ),
        (
            f"score --samples mine.npz --dataset moons --root {ROOT}",
            "ebmbench score: mine.npz: test_logprob is unknown; did you mean test_log_prob? allowed: samples, ",
        ),
        (
            "sample results/runs/moons/ebm-ed-nope --out x.csv",
            "ebmbench sample: results/runs/moons/ebm-ed-nope: no trained run; did you mean "
            "results/runs/moons/ebm-ed-none? allowed: results/runs/moons/ebm-ed-none",
        ),
    ],
)
def test_a_name_on_the_command_line(folder, words, line, capsys):
    assert run(words.split()) != 0
    reported = capsys.readouterr()
    assert reported.out == "" and len(reported.err.splitlines()) == 1
    assert reported.err.startswith(line)
