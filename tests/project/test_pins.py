"""One set of pins: what pip installs, what conda installs, and what runs now."""

import csv
import datetime
import importlib.metadata
import re

import yaml

from ebmbench.provenance.environment import PEERS
from tests.helpers.paths import ROOT


def pins(lines):
    found = [re.fullmatch(r"([A-Za-z0-9_.-]+)==(\S+)", line.strip()) for line in lines]
    return {match[1].lower(): match[2] for match in found if match}


def requirements():
    return pins((ROOT / "envs/requirements.txt").read_text().splitlines())


def test_conda_environment_holds_the_same_pins():
    environment = yaml.safe_load((ROOT / "envs/ebmbench.yaml").read_text())
    listed = next(item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    assert pins(listed) == requirements()
    assert len(listed) == len(requirements())


def test_every_requirement_is_pinned_and_none_names_an_address():
    lines = [line for line in (ROOT / "envs/requirements.txt").read_text().splitlines() if line and line[0] != "#"]
    assert len(lines) == len(requirements())
    assert not any("://" in line for line in lines)


def test_the_pinned_versions_are_those_installed():
    for name in ("torch", "snakemake", "zuko", "pandas", "matplotlib", "scipy", "scikit-learn"):
        assert importlib.metadata.version(name).split("+")[0] == requirements()[name]


def test_peers_and_benchmarks_take_the_same_versions_of_other_packages():
    peers, benchmarks = (pins((ROOT / f"envs/{name}.txt").read_text().splitlines()) for name in ("peers", "benchmark"))
    assert set(peers) == set(PEERS)
    assert benchmarks["ebmkit"] == peers["ebmkit"]
    assert not set(peers) & set(requirements())


def behind(pinned, looked_at):
    """One line for each peer whose pin is not the newest release that was looked at."""
    return [
        f"envs/peers.txt: {name} {pinned.get(name)}; newest: {newest}, looked at on {date}"
        for name, newest, date in (row.values() for row in looked_at)
        if pinned.get(name) != newest
    ]


def test_no_peer_is_behind_the_newest_release_that_was_looked_at():
    with (ROOT / "envs/peers_newest.csv").open(newline="") as file:
        looked_at = list(csv.DictReader(file))
    peers = pins((ROOT / "envs/peers.txt").read_text().splitlines())
    assert {row["package"] for row in looked_at} == set(peers)
    assert all(datetime.date.fromisoformat(row["looked_at"]) for row in looked_at)
    assert behind(peers, looked_at) == []
    (line,) = behind(peers | {"torchebm": "0.8.0"}, looked_at)
    assert line.startswith("envs/peers.txt: torchebm 0.8.0; newest: ")
