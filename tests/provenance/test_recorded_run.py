"""A committed run is found by its name, with its configuration and code; a wrong name is one line that helps."""

import json
import shutil

import pytest

from ebmbench.core.errors import UserError
from ebmbench.planning.reference_runs import grids
from ebmbench.provenance.code_digest import Sources, installed
from ebmbench.provenance.manifest import read_manifest, sha256
from ebmbench.provenance.recorded_run import configuration, find_run
from tests.helpers.paths import ROOT
from tests.helpers.reference_tables import TOP

REFERENCE = ROOT / "results/reference"


def test_a_run_is_found_with_its_commit_versions_and_search():
    run = find_run(REFERENCE, TOP, "gaussians25", "ebm-ed-none", 2)
    manifest = read_manifest(REFERENCE / TOP)
    assert run.name == "gaussians25/ebm-ed-none/s2" == run.row["run"]
    assert run.code == manifest.code[run.row["provenance.code_digest"]]
    assert {"python", "torch"} <= set(run.versions)
    assert run.search().trials == 32 and run.search().seconds > 0
    assert find_run(REFERENCE, TOP, "moons", "oracle-none-none", 0).search() is None
    assert find_run(REFERENCE, "smoke", "redwine", "nvp-ml-none", 0).search() is None


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (
            ("smok", "redwine", "nvp-ml-none", 0),
            f"grid smok is unknown; did you mean smoke? allowed: {grids(REFERENCE)[0]}, ",
        ),
        (
            ("smoke", "red_wine", "nvp-ml-none", 0),
            "smoke: data set red_wine is unknown; did you mean redwine? allowed: redwine, ring8_unequal",
        ),
        (
            ("smoke", "redwine", "nvp-ml", 0),
            "smoke/redwine: method nvp-ml is unknown; did you mean nvp-ml-none? allowed: ebm-ed-none, ",
        ),
        (
            ("smoke", "redwine", "nvp-ml-none", 2),
            "smoke/redwine/nvp-ml-none: seed 2 is unknown; allowed: 0, 1",
        ),
    ],
)
def test_a_wrong_name_is_one_line_with_what_is_allowed_and_what_was_meant(names, line):
    with pytest.raises(UserError) as caught:
        find_run(REFERENCE, *names)
    assert line in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_a_folder_without_committed_runs_is_one_line(tmp_path):
    with pytest.raises(UserError, match="no committed run is here; run this in a checkout, or give --root"):
        find_run(tmp_path, "smoke", "redwine", "nvp-ml-none", 0)


@pytest.fixture
def checkout(tmp_path):
    shutil.copytree(REFERENCE / "smoke", tmp_path / "results/reference/smoke")
    (tmp_path / "config").mkdir()
    shutil.copy(ROOT / "config/smoke.yaml", tmp_path / "config")
    return tmp_path


def found(checkout):
    return find_run(checkout / "results/reference", "smoke", "redwine", "nvp-ml-none", 0)


def test_a_configuration_that_is_unchanged_is_the_checkouts(checkout):
    content = (ROOT / "config/smoke.yaml").read_bytes()
    assert sha256(content) == found(checkout).origin.config
    assert configuration(found(checkout), checkout) == (content, False)


def test_a_configuration_that_has_changed_is_that_of_the_commit(checkout):
    with (checkout / "config/smoke.yaml").open("a") as file:
        file.write("# changed\n")
    with pytest.raises(UserError, match="git"):
        configuration(found(checkout), checkout)


def test_code_is_the_same_while_its_digest_is(checkout):
    path = checkout / "results/reference/smoke/provenance.json"
    content = json.loads(path.read_text())
    modules = ["ebmbench.workflow.stages.train"]
    digest = found(checkout).row["provenance.code_digest"]
    content["code"][digest]["modules"] = modules
    path.write_text(json.dumps(content))
    sources = installed(ROOT / "src")
    run = found(checkout)
    assert not run.same_code(sources)
    now = run._replace(
        row={**run.row, "provenance.code_digest": sources.digest(modules)},
        origin=run.origin._replace(code={sources.digest(modules): run.code}),
    )
    assert now.same_code(sources)
    assert not now.same_code(Sources(lambda path: None))
