"""The citation file names this version and the three papers."""

import tomllib

import yaml

from tests.helpers.paths import ROOT


def test_it_names_the_projects_version_and_the_papers_of_the_claims():
    reported = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert reported["version"] == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    papers = {paper["identifiers"][0]["value"] for paper in reported["references"]}
    assert papers == {"arXiv:2307.06431", "arXiv:2003.05033", "arXiv:2505.01111"}
    assert all(paper["authors"] and paper["year"] for paper in reported["references"])
    readme = (ROOT / "README.md").read_text()
    assert all(paper.replace("arXiv:", "arXiv ") in readme for paper in papers)
