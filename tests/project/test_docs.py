"""Pages link to files and headings that exist, use plain words, and the drawn architecture is the code's."""

import importlib.util
import re
import textwrap
import unicodedata

import pytest
import yaml

from ebmbench.core import csv_schema
from ebmbench.planning.config import check, grid
from tests.helpers.glossary import dialect
from tests.helpers.paths import ROOT

DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "config/README.md", *DOCS.rglob("*.md")])
NAMES = [path.relative_to(ROOT).as_posix() for path in PAGES]

#: generated from docstrings, which are tested elsewhere
GENERATED: set[str] = set()

LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s#]*)(?:#([^()\s]+))?\)")


def anchors(text):
    """Anchors of the headings of a page, as GitHub and MkDocs make them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    plain = (unicodedata.normalize("NFKC", heading).lower() for heading in headings)
    return {re.sub(r"[\s]", "-", re.sub(r"[^\w\s-]", "", heading)) for heading in plain}


@pytest.mark.parametrize("name", NAMES)
def test_every_relative_link_names_a_file_and_a_heading_of_it(name):
    page = ROOT / name
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for link, anchor in LINK.findall(text):
        if "://" in link:
            continue
        target = (page.parent / link).resolve() if link else page
        assert target.exists(), f"{name}: {link}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target.read_text()), f"{name}: {link}#{anchor}"


@pytest.mark.parametrize("name", NAMES)
def test_a_page_with_daggers_in_its_tables_says_what_they_mean(name):
    lines = (ROOT / name).read_text().splitlines()
    if any("†" in line for line in lines if line.startswith("|")):
        assert any("† means" in line for line in lines if not line.startswith("|"))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in GENERATED])
def test_pages_are_in_plain_words(name):
    assert dialect((ROOT / name).read_text()) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Every metric of samples is told for both distributions.",
        "The effective share of the particles, a share of its size.",
        "Splines, whose draws are dear, by every arm.",
        "Draws of the base that stands still; a generator, trained along.",
        "Ten losses tuned alike; ways to log Z; 3 seeds a cell.",
        "A page that lays them beside every table.",
    ],
)
def test_words_of_the_dialect_are_found(sentence):
    assert dialect(f"A heading\n\n{sentence}\n")


@pytest.mark.parametrize(
    "text",
    [
        "The losses share networks and batches; harmless, alarm, lawful, a leaderboard.\n",
        "The column `distribution` names the distribution.\n",
        "Run\n\n    told --distribution model\n\nto compare.\n",
        "**a/b**: caption\n\n| claim |\n| --- |\n| improves the distribution along it |\n\nText.\n",
    ],
)
def test_code_quoted_tables_and_other_words_are_exempt(text):
    assert dialect(text) == []


def test_every_configuration_has_a_row_in_their_list():
    text = (ROOT / "config/README.md").read_text()
    names = {path.relative_to(ROOT / "config").as_posix() for path in (ROOT / "config").rglob("*.yaml")}
    assert set(re.findall(r"\[([\w/]+\.yaml)\]\(\1\)", text)) == names


def test_the_site_has_every_page_and_no_other():
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text())

    def paths(entry):
        if isinstance(entry, str):
            return [entry]
        return [path for of in (entry.values() if isinstance(entry, dict) else entry) for path in paths(of)]

    listed = paths(config["nav"])
    assert sorted(listed) == sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
    assert config["strict"] and config["theme"]["font"] is False


@pytest.fixture(scope="module")
def architecture():
    spec = importlib.util.spec_from_file_location("draw_architecture", DOCS / "draw_architecture.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_drawn_architecture_is_that_of_the_code(architecture):
    assert architecture.table(architecture.arrows()) == (DOCS / "architecture.csv").read_text(), (
        "run python docs/draw_architecture.py"
    )


def test_imports_between_rooms_run_one_way(architecture):
    found = architecture.arrows()
    level = architecture.levels(found)
    assert all(level[source] > level[target] for source, target in found)
    with pytest.raises(ValueError, match="circle: core, workflow"):
        architecture.levels({("workflow", "core"): 1, ("core", "workflow"): 1})


def test_every_room_has_a_line_on_the_page_and_in_the_picture(architecture):
    rooms = {path.parent.name for path in (ROOT / "src/ebmbench").glob("*/__init__.py")}
    assert set(architecture.CONTENTS) == rooms
    page = (DOCS / "architecture.md").read_text()
    assert all(f"| `{room}` |" in page for room in rooms)


def test_imports_of_every_form_are_arrows(architecture, tmp_path):
    for room, text in (
        ("low", ""),
        ("high", "import ebmbench.low.a\n"),
        ("other", "from ebmbench import low\n\n\ndef f():\n    from ebmbench.high import b\n"),
    ):
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").write_text("")
        (tmp_path / room / "a.py").write_text(text)
    assert architecture.arrows(tmp_path) == {("high", "low"): 1, ("other", "low"): 1, ("other", "high"): 1}


def test_the_guides_configuration_plans():
    page = (DOCS / "guide/own_configuration.md").read_text()
    text = page.split("## A small grid\n\n")[1].split("\n\nCombinations")[0]
    config = check(yaml.safe_load(textwrap.dedent(text)), ROOT / "src/ebmbench/core/schemas/config.schema.yaml")
    cells = {"-".join(job.cell[1:]) for job in grid(config).jobs}
    assert {"ebm-ed-none", "ebm-dsm-none", "ebm-ml-none", "flow-ml-none"} == cells


def test_the_walk_of_one_number_has_the_committed_values():
    page = (DOCS / "architecture.md").read_text()
    committed = ROOT / "results/reference/default"
    key = {"dataset": "gaussians25", "family": "ebm", "loss": "ed", "stats": "none", "metric": "kl"}
    rows = csv_schema.read_typed(committed / "scores.csv"), csv_schema.read_typed(committed / "summary.csv")
    scores, summary = (table[(table[list(key)] == list(key.values())).all(axis=1)] for table in rows)
    runs = csv_schema.read_typed(committed / "runs.csv").set_index("run").loc["gaussians25/ebm-ed-none/s0"]
    values = [scores["value"][scores["seed"] == 0].item(), *summary[["mean", "ci_low", "ci_high"]].iloc[0]]
    values += [runs["likelihood.log_z"], runs["likelihood.log_z_stderr"]]
    section = page[page.index("## One number") :]
    assert set(re.findall(r"\d\.\d{7,}(?:e-\d+)?", section)) == set(map(str, values))
    cell = "**0.0099 ± 0.0027 §**"
    assert cell in page and f"| {cell}" in (committed / "gaussians25.md").read_text()
