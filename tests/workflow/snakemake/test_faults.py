"""Bad configurations, absent data and kills."""

import re

import pandas as pd
import pytest
import yaml

from tests.helpers import warm_jobs
from tests.helpers.project import SMALL, Project


# what is refused, and in which words: tests/planning/test_config.py; here, that planning refuses it with a line
@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"sedes": 1}, "config: 'sedes' is an unknown key; did you mean seeds? allowed: results, device, seeds"),
        (
            {"exclude": [{"match": {"loss": "cd"}, "reason": "x"}]},
            "config: exclude[0].match.loss = 'cd' matches nothing; allowed: none, ml, ed",
        ),
    ],
)
def test_a_bad_configuration_is_one_line_and_a_failure(tmp_path, changes, line):
    project = Project(tmp_path, SMALL | changes)
    code, text = project.run("-n")
    assert code == 1
    ours = [row for row in text.splitlines() if not row.startswith("Using workflow specific profile")]
    assert len(ours) == 1
    assert ours[0].startswith(line)


#: tables whose file is missing or not whole, with what is in the user's folder and what the log says of it
ABSENT = {
    "redwine": (None, "no source provided winequality-red.csv (EBMBENCH_DATA: no winequality-red.csv or "),
    "hepmass": (None, "no source provided 1000_train.csv (EBMBENCH_DATA: no 1000_train.csv or 1000_train.csv.gz in "),
    "parkinsons": (
        ("parkinsons_updrs.csv", "subject#,age,sex\n1,72,0\n2,58"),
        "no source provided parkinsons_updrs.csv (EBMBENCH_DATA: parkinsons_updrs.csv has the wrong sha256 ",
    ),
    "miniboone": (
        ("MiniBooNE_PID.txt", "  2 1\n" + " 0.5" * 50 + "\n" + " 0.5" * 20),
        "no source provided MiniBooNE_PID.txt (EBMBENCH_DATA: MiniBooNE_PID.txt has 1 complete rows of 50 columns; ",
    ),
}


def test_a_data_set_without_a_whole_file_is_one_line_and_stops_nothing_else(tmp_path):
    sets = {"ring8_unequal": SMALL["datasets"]["ring8_unequal"]} | {name: {} for name in ABSENT}
    one = {"families": {"gaussian": {}}, "losses": {"ml": {}}, "exclude": []}
    project = Project(tmp_path / "project", SMALL | {"datasets": sets} | one)
    (tmp_path / "data").mkdir()
    for given, _ in ABSENT.values():
        if given:
            (tmp_path / "data" / given[0]).write_text(given[1])
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "no_proxy": ""}
    offline |= dict.fromkeys(["http_proxy", "https_proxy"], "http://127.0.0.1:9")
    places = {"EBMBENCH_CACHE": str(tmp_path / "cache"), "EBMBENCH_DATA": str(tmp_path / "data")}
    code, text = project.run(**offline, **places, **warm_jobs.shared())
    assert code != 0
    assert "Traceback" not in text
    for name, (_, reason) in ABSENT.items():
        lines = (project.folder / f"results/logs/data/{name}/seeds0-1.log").read_text().splitlines()
        assert len(lines) == 1 and lines[0] in text
        assert lines[0].startswith(f"ebmbench dataset: dataset {name}: {reason}")
        assert lines[0].endswith("into the folder named by EBMBENCH_DATA")
        assert not list(project.folder.glob(f"results/data/{name}/*"))
    scored = sorted(path.parts[-4:-2] for path in project.folder.glob("results/runs/*/*/*/scores.csv"))
    assert scored == [("ring8_unequal", "gaussian-ml-none")]
    # tables of what exists, with a row and the reason for what does not
    assert "tables of what exists: results/partial/README.md" in text.splitlines()
    runs = pd.read_csv(project.folder / "results/partial/runs.csv").set_index("dataset")
    assert set(runs.loc["ring8_unequal", "status"]) == {"ok"}
    for name, (_, reason) in ABSENT.items():
        assert f"missing: 2 runs: ebmbench dataset: dataset {name}: {reason}" in text
        assert set(runs.loc[name, "status"]) == {"failed"}
        assert runs.loc[name, "reason"].str.startswith(f"ebmbench dataset: dataset {name}: {reason}").all()
        assert "— (2 failed)" in (project.folder / f"results/partial/{name}.md").read_text()
    assert not (project.folder / "results/tables").exists()


def test_a_profile_replaces_the_grid_and_does_not_merge_with_it(tmp_path):
    project = Project(tmp_path, SMALL)
    smoke = SMALL | {"datasets": {"rings": {"train": 100}}, "exclude": SMALL["exclude"][:3]}
    (tmp_path / "config/smoke.yaml").write_text(yaml.safe_dump(smoke))
    code, text = project.run("-n", "--workflow-profile", "profiles/smoke")
    assert code == 0, text
    assert "dataset=rings" in text
    assert "dataset=moons" not in text


def test_a_command_line_value_is_merged_into_the_default_grid(tmp_path):
    project = Project(tmp_path, SMALL)
    code, text = project.run("-n", "--config", "seeds=7")
    assert code == 0, text
    assert "block=5-6" in text


def test_the_profile_of_a_gpu_plans_the_same_grid_on_it_and_one_of_its_own(tmp_path):
    project = Project(tmp_path, SMALL)
    mine = SMALL | {"datasets": {"rings": {"train": 100}}, "exclude": SMALL["exclude"][:3]}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(mine))
    for arguments, dataset in (((), "moons"), (("--configfile", "mine.yaml"), "rings")):
        code, text = project.run("-n", "-p", "--workflow-profile", "profiles/gpu", *arguments)
        assert code == 0, text
        assert set(re.findall(r"dataset=(moons|rings)", text)) == {dataset}
        devices = re.findall(r"-m ebmbench stage (\w+) .*--device (\w+)", text)
        assert {stage for stage, _ in devices} == {"train", "sample"} and {name for _, name in devices} == {"cuda"}
        assert text.count("gpu=1") == len(devices)
