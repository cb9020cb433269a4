"""The blocks of docs/guide/python.md run one after the other, and the command of its last chapter; README's block."""

import re
from textwrap import dedent

import numpy as np
import pandas as pd
import yaml

from ebmbench.core.cells import Cell
from ebmbench.workflow.cli.app import run
from tests.helpers.configurations import resolved
from tests.helpers.finished_runs import write_run
from tests.helpers.paths import ROOT

PAGE = (ROOT / "docs/guide/python.md").read_text()
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_guide(tmp_path, monkeypatch):
    cell = Cell("moons", "ebm", "ed", "none")
    write_run(tmp_path / "results/my", cell, {"dataset": {}, "family": {"width": 8, "depth": 1}}, steps=20)
    (tmp_path / "results/reference").symlink_to(ROOT / "results/reference")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    blocks = BLOCK.findall(PAGE)
    assert len(blocks) == 5
    for block in blocks:
        exec(compile(block, "docs/guide/python.md", "exec"), names)
    assert len(names["best"]) and np.isfinite(names["scores"]["value"]).all()
    (command,) = re.findall(r"^    ebmbench (sample .*)$", PAGE, re.MULTILINE)
    assert run(command.split()) == 0
    written = pd.read_csv("samples.csv")
    np.testing.assert_allclose(written, names["x"], rtol=1e-6)


def test_the_block_of_the_readme_uses_a_run_of_the_quick_grid(tmp_path, monkeypatch):
    (block,) = re.findall(r"^    import ebmbench\n(?:    .*\n|\n)+", (ROOT / "README.md").read_text(), re.MULTILINE)
    (path,) = re.findall(r'load_run\("(.*)"\)', block)
    results, _, dataset, method = path.rsplit("/", 3)
    cell = Cell(dataset, *method.split("-"))
    quick = yaml.safe_load((ROOT / "config/quick.yaml").read_text())
    assert quick["results"] == results and cell in {job.cell for job in resolved(quick).jobs}
    write_run(tmp_path / results, cell, {"dataset": {}, "family": {"width": 8, "depth": 1}}, steps=20)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(dedent(block), "README.md", "exec"), names)
    assert names["x"].shape == (1000, 2)
