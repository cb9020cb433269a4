"""Bad configurations, absent data and kills."""

import pytest
import yaml
from project import SMALL, Project


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"sedes": 1}, "config: 'sedes' is not a key here; allowed: results, device, seeds"),
        (
            {"losses": {"edd": {}}},
            "config: losses: 'edd' is unknown; allowed: cd, cnce, dsm, dsm_levels, ed, kale_dv, kale_f, ml",
        ),
        ({"seeds": -1}, "config: seeds = -1; allowed: 1 or more"),
        ({"figures": {"pie": {}}}, "config: figures: 'pie' is unknown; allowed: ablation_heat_map, ablation_panels"),
        (
            {"exclude": [{"match": {"loss": "cd"}, "reason": "x"}]},
            "config: exclude[0].match.loss = 'cd' matches nothing; this grid has: none, ml, ed",
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


def test_a_data_set_without_a_source_names_them_and_stops_nothing_else(tmp_path):
    exclude = [*SMALL["exclude"], {"match": {"dataset": "redwine", "family": "ebm"}, "reason": "not asked for"}]
    sets = {"ring8_unequal": SMALL["datasets"]["ring8_unequal"], "redwine": {}}
    small = SMALL | {"datasets": sets, "exclude": [entry for entry in exclude if "moons" not in str(entry)]}
    project = Project(tmp_path / "project", small)
    nowhere = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "EBMBENCH_CACHE": str(tmp_path / "cache")}
    code, text = project.run(**nowhere, EBMBENCH_DATA=str(tmp_path))
    assert code != 0
    assert "dataset redwine: no source gave winequality-red.csv" in text
    assert "EBMBENCH_DATA" in text
    assert "Traceback" not in text
    scored = sorted(
        path.parent.parent.name for path in project.folder.glob("results/runs/ring8_unequal/*/*/scores.csv")
    )
    assert scored == ["ebm-ed-none", "gaussian-ml-none", "oracle-none-none"]


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
