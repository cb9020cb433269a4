"""The package as installed from its own files: complete, importable from any folder, its dependencies declared."""

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib

import pytest

from ebmbench.provenance.environment import PEERS
from tests.helpers.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

#: distribution -> module, where the two differ
MODULES = {
    "annotated-types": "annotated_types",
    "PyYAML": "yaml",
    "arviz-stats": "arviz_stats",
    "efficientnet-lite-pytorch": "efficientnet_lite_pytorch",
    "pillow": "PIL",
    "scikit-learn": "sklearn",
    "scikit-posthocs": "scikit_posthocs",
    "torch-fidelity": "torch_fidelity",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder into which pip has installed the checkout; the dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--no-compile", "--target"]
    # a copy, because a build leaves files behind
    copy = folder / "checkout"
    subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "src", "pyproject.toml", "README.md", "LICENSE"], check=True,
                   stdout=(folder / "names").open("wb"))  # fmt: skip
    copy.mkdir()
    subprocess.run(f"tar c --null -T {folder / 'names'} | tar x -C {copy}", shell=True, cwd=ROOT, check=True)
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, folder / "site", copy], check=True, capture_output=True
    )
    return folder / "site"


def run(site, *command):
    """Run in a folder that is no checkout, with the installed package first on the path."""
    environment = os.environ | {"PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=site.parent, env=environment, capture_output=True, text=True)


def test_it_imports_from_any_folder_and_without_torch(site):
    code = "import ebmbench, sys; print(ebmbench.__file__, ebmbench.__version__, 'torch' in sys.modules)"
    where, version, torch = run(site, sys.executable, "-c", code).stdout.split()
    assert where.startswith(str(site)) and version == PROJECT["version"] and torch == "False"


def test_the_command_works_from_any_folder(site):
    done = run(site, sys.executable, str(site / "bin/ebmbench"), "--help")
    assert done.returncode == 0 and "score" in done.stdout and "audit" in done.stdout


def test_it_holds_every_file_of_the_package_and_no_test(site):
    source = ROOT / "src/ebmbench"
    files = subprocess.run(["git", "ls-files", "src/ebmbench"], cwd=ROOT, capture_output=True, text=True, check=True)
    expected = {line.removeprefix("src/") for line in files.stdout.splitlines() if (ROOT / line).is_file()}
    found = {path.relative_to(site).as_posix() for path in (site / "ebmbench").rglob("*") if path.is_file()}
    found = {path for path in found if "__pycache__" not in path}
    assert found == expected and source.is_dir()
    assert {path.name for path in site.iterdir()} <= {"bin", "ebmbench", f"ebmbench-{PROJECT['version']}.dist-info"}


def test_it_declares_licence_python_versions_and_no_address(site):
    (info,) = importlib.metadata.distributions(path=[str(site)])
    assert info.metadata["License-Expression"] == "MIT"
    assert "MIT License" in info.read_text("licenses/LICENSE")
    versions = {line.rpartition(" ")[2] for line in info.metadata.get_all("Classifier") if "Python :: 3." in line}
    assert versions == {"3.11", "3.12", "3.13"}
    assert "Home-page" not in info.metadata and "Project-URL" not in info.metadata


def imported():
    """The top-level modules that the package imports, also inside functions."""
    found = set()
    for path in (ROOT / "src/ebmbench").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found |= {name.partition(".")[0] for name in names}
    return found - set(sys.stdlib_module_names) - {"ebmbench"}


def declared(requirements):
    names = [re.match(r"[A-Za-z0-9_.-]+", line)[0] for line in requirements]
    return {MODULES.get(name, name) for name in names}


def test_every_import_is_a_declared_dependency():
    optional = PROJECT["optional-dependencies"]
    assert imported() - set(PEERS.values()) <= declared([*PROJECT["dependencies"], *optional["images"]])


def test_every_extra_that_a_message_names_is_declared():
    named = {
        name for path in (ROOT / "src").rglob("*.py") for name in re.findall(r"ebmbench\[(\w+)\]", path.read_text())
    }
    assert "parquet" in named and named <= set(PROJECT["optional-dependencies"])


def test_every_dependency_has_a_range_that_the_pinned_version_is_in():
    from packaging.requirements import Requirement

    lines = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["images"]]
    pins = dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)$", (ROOT / "envs/requirements.txt").read_text(), flags=re.M))
    for line in lines:
        requirement = Requirement(line)
        assert {">=", "<"} == {one.operator for one in requirement.specifier}, line
        assert requirement.specifier.contains(pins[requirement.name]), line


def test_what_is_installed_here_fits_together():
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
