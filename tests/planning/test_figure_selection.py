"""Which cells a figure shows, in which order, and what of it is refused before any job starts."""

import subprocess
import sys

import pytest

from ebmbench.core import plugins
from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.planning import config as configuration
from ebmbench.planning.figure_selection import figures
from tests.helpers.paths import ROOT

SCHEMA = ROOT / "src/ebmbench/core/schemas/config.schema.yaml"


def small(**changes):
    content = {
        "datasets": {"rings": {}, "moons": {}},
        "families": {"oracle": {}, "ebm": {}},
        "losses": {"none": {}, "ml": {}, "ed": {}, "sm": {}, "cd": {}},
        "stats": {"moments": {"kind": "joint"}, "none": {}},
        "exclude": [
            {"match": {"family": "oracle", "loss": ["ml", "ed", "sm", "cd"]}, "reason": "not trained"},
            {"match": {"family": "oracle", "stats": "moments"}, "reason": "not tilted"},
            {"match": {"family": "ebm", "loss": "none"}, "reason": "needs a loss"},
            {"match": {"dataset": "rings", "loss": "sm"}, "reason": "a gap"},
        ],
    }
    return content | changes


def selected(entry, name="density_panels", **changes):
    config = configuration.check(small(figures={name: entry}, **changes), SCHEMA)
    return figures(config, configuration.grid(config))[name]


def cells(selection):
    return list(dict.fromkeys(job.cell for job in selection.jobs))


def message(entry, name="density_panels"):
    with pytest.raises(UserError) as caught:
        selected(entry, name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_default_are_four_figures_of_the_whole_grid():
    config = configuration.check(small(), SCHEMA)
    plan = configuration.grid(config)
    found = figures(config, plan)
    assert list(found) == ["density_panels", "kl_seconds", "kl_evaluations", "pareto", "mismatch_bars"]
    for name, selection in found.items():
        assert selection.kind == name
        assert set(selection.jobs) == set(plan.jobs) and len(selection.jobs) == len(plan.jobs)
        assert not selection.named
    assert figures(config | {"figures": {}}, plan) == {}


def test_methods_stand_in_the_order_of_match_on_every_data_set():
    match = {"family": "ebm", "stats": "none", "loss": ["ed", "sm", "cd", "ml"], "dataset": ["rings", "moons"]}
    selection = selected({"match": match})
    # rings come first and have no score matching, which keeps its place all the same
    methods = list(dict.fromkeys(cell.loss for cell in cells(selection)))
    assert methods == ["ed", "sm", "cd", "ml"]
    assert selection.datasets == ["rings", "moons"]
    assert selection.named and len(cells(selection)) == 7
    turned = selected({"match": match | {"loss": ["ml", "cd", "sm", "ed"], "dataset": ["moons", "rings"]}})
    assert [job.cell.loss for job in turned.jobs] == ["ml", "ml", "cd", "cd", "sm", "ed", "ed"]
    assert turned.datasets == ["moons", "rings"]


def test_what_match_leaves_out_follows_the_alphabet_after_none():
    selection = selected({"match": {"loss": "ed"}}, seeds=2)
    assert [job.cell.stats for job in selection.jobs] == ["none", "none", "moments", "moments"]
    assert selection.datasets == ["moons", "rings"]


def test_exclusions_are_taken_out():
    selection = selected({"exclude": [{"loss": "none"}, {"dataset": "moons", "stats": "moments"}]})
    assert not [cell for cell in cells(selection) if cell.loss == "none"]
    assert {cell.dataset for cell in cells(selection) if cell.stats == "moments"} == {"rings"}
    assert not selection.named


def test_every_block_of_a_cell_is_shown_and_each_data_file_once():
    selection = selected({"match": {"dataset": ["rings", "moons"], "loss": ["ed", "cd"], "stats": "none"}}, seeds=7)
    assert [job.block for job in selection.jobs[:2]] == ["0-4", "5-6"]
    assert selection.jobs[0].cell == selection.jobs[1].cell == Cell("rings", "ebm", "ed", "none")
    assert [str(path) for path in selection.data_files("here")] == [
        f"here/data/{dataset}/seeds{block}.safetensors" for dataset in ("rings", "moons") for block in ("0-4", "5-6")
    ]


def test_a_name_may_be_anything_with_a_kind_and_its_settings():
    selection = selected({"kind": "ablation_panels", "rows": ["w"], "columns": "M", "match": {"loss": "ed"}}, "fig5")
    assert (selection.kind, selection.settings) == ("ablation_panels", {"rows": ["w"], "columns": "M"})


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            {"kind": "pie"},
            "config: figures: 'pie' is unknown; allowed: ablation_heat_map, ablation_panels",
        ),
        ({"colour": "red"}, "config: figures.density_panels: 'colour' is unknown; allowed: title"),
        ({"title": 3}, "config: figures.density_panels: title = 3 is not of type str"),
        ({"title": ["a"]}, "config: figures.density_panels: title = ['a'] is not of type str"),
        (
            {"match": {"loss": ["ed", "dsm"]}},
            "config: figures.density_panels.match.loss = 'dsm' matches nothing; did you mean sm? allowed: none, ml",
        ),
        (
            {"match": {"los": "ed"}},
            "config: figures.density_panels.match: 'los' is an unknown key; did you mean loss? allowed: data",
        ),
        (
            {"match": {"family": "oracle", "loss": "ed"}},
            "config: figures.density_panels.match = {'family': 'oracle', 'loss': 'ed'} matches no cell of the grid",
        ),
        (
            {"match": {"loss": "ed"}, "exclude": [{"family": "ebm"}]},
            "config: figures.density_panels.exclude removes every cell that matches",
        ),
        ({"exclude": [{"loss": "dsm"}]}, "config: figures.density_panels.exclude[0].loss = 'dsm' matches nothing"),
        ({"exclude": {"loss": "ed"}}, "config: figures.density_panels.exclude = {'loss': 'ed'}; allowed: array"),
    ],
)
def test_what_does_not_fit_is_one_line(entry, expected):
    assert message(entry).startswith(expected)


def test_a_name_that_is_no_file_name_is_refused():
    assert message({"kind": "kl_steps"}, "Figure 1").startswith("config: figures: 'Figure 1'")


def test_planning_imports_neither_torch_nor_matplotlib():
    code = (
        "import sys, yaml; from pathlib import Path; from ebmbench.planning import config, figure_selection;"
        f"full = config.check(yaml.safe_load(Path({str(ROOT / 'config/config.yaml')!r}).read_text()),"
        f" Path({str(SCHEMA)!r}));"
        "assert len(figure_selection.figures(full, config.grid(full))) == 5;"
        "print(*sorted({'torch', 'matplotlib', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("kind", plugins.available("figure"))
def test_every_kind_has_a_caption(kind):
    assert (ROOT / "workflow/report" / f"{kind}.rst").read_text().strip()
