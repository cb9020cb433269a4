"""Profiles name only options that there are, agree on what they have in common, and plan the same grid."""

import importlib.util
import re

import pytest
import yaml

from tests.helpers.project import ROOT, SMALL, Project, counted

PROFILES = {
    path.parent.name: yaml.safe_load(path.read_text()) for path in sorted((ROOT / "profiles").glob("*/profile.yaml"))
}

#: what does not hang on where the jobs run
COMMON = ("keep-going", "show-failed-logs", "scheduler", "rerun-incomplete", "nolock")

#: options of the plugin that envs/slurm.txt pins, which need not be installed
OF_PLUGIN = {"slurm-requeue", "slurm-jobname-prefix"}

INSTALLED = importlib.util.find_spec("snakemake_executor_plugin_slurm") is not None
PLUGIN = pytest.mark.skipif(not INSTALLED, reason="envs/slurm.txt is not installed")


def unknown(profile):
    """Keys that are no option of Snakemake, nor of the plugin."""
    # half a second, which collecting the tests needs not spend
    from snakemake.cli import get_argument_parser

    options = {option for action in get_argument_parser()._actions for option in action.option_strings}
    return {key for key in profile if f"--{key}" not in options} - (set() if INSTALLED else OF_PLUGIN)


def pins(name):
    lines = (ROOT / "envs" / name).read_text().splitlines()
    return dict(line.split("==") for line in lines if line and line[0] != "#")


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_names_only_options_that_there_are(name):
    assert unknown(PROFILES[name]) == set()
    assert unknown(PROFILES[name] | {"keep-gong": True, "slurm-requeu": True}) == {"keep-gong", "slurm-requeu"}


@pytest.mark.parametrize("name", PROFILES)
def test_profiles_agree_on_what_does_not_hang_on_where_jobs_run(name):
    assert {key: PROFILES[name].get(key) for key in COMMON} == {key: PROFILES["default"][key] for key in COMMON}


def test_the_plugin_is_pinned_and_no_part_of_what_all_need():
    plugin = pins("slurm.txt")
    assert set(plugin) == {"snakemake-executor-plugin-slurm", "snakemake-executor-plugin-slurm-jobstep"}
    assert not plugin.keys() & pins("requirements.txt").keys()


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """With the profile of SLURM as it is where the plugin is not installed: all but the plugin's own keys."""
    project = Project(tmp_path_factory.mktemp("profiles"), SMALL)
    kept = {key: value for key, value in PROFILES["slurm"].items() if key not in OF_PLUGIN | {"executor"}}
    (project.folder / "profiles/planned").mkdir()
    (project.folder / "profiles/planned/profile.yaml").write_text(yaml.safe_dump(kept))
    return project


def asked(text, resource):
    """Rules of the jobs in a dry run's ``text``, each with what it asks for of a resource, nothing being None."""
    jobs = re.findall(r"^(?:local)?rule (\w+):\n((?:    .*\n)+)", text, flags=re.MULTILINE)
    # `all` is no job, but a name for others
    found = [(rule, re.search(rf"\b{resource}=(\d+)", body)) for rule, body in jobs if rule != "all"]
    return [(rule, match and int(match[1])) for rule, match in found]


def test_on_slurm_the_same_jobs_ask_for_memory_and_time_and_none_for_a_gpu(project):
    code, text = project.run("-n", "--workflow-profile", "profiles/planned")
    assert code == 0, text
    planned = counted(text)
    assert planned == project.planned()
    assert len(asked(text, "runtime")) == planned["total"] - 1
    assert {minutes for _, minutes in asked(text, "runtime")} == {240}
    assert {megabytes for _, megabytes in asked(text, "mem_mb")} == {4000}
    assert {gpus for _, gpus in asked(text, "gpu")} <= {0, None}
    assert set(re.findall(r"^    threads: (\d+)", text, flags=re.MULTILINE)) <= {"1"}


def test_on_slurm_a_device_that_is_a_gpu_is_asked_for_by_what_trains_and_samples_alone(project):
    code, text = project.run("-n", "--workflow-profile", "profiles/planned", "--config", "device=cuda")
    assert code == 0, text
    asking = {rule for rule, gpus in asked(text, "gpu") if gpus}
    assert asking == {"train_none", "train_ml", "train_ed", "sample"}
    assert {gpus for _, gpus in asked(text, "gpu")} <= {0, 1, None}


def test_on_slurm_the_audit_does_not_ask_for_all_cores(project):
    code, text = project.run("-n", "audit", "--workflow-profile", "profiles/planned")
    assert code == 0, text
    assert re.findall(r"^    threads: (\d+)", text, flags=re.MULTILINE) == ["2"]


@PLUGIN
def test_with_the_plugin_the_profile_of_slurm_plans_the_same_grid(project):
    assert project.planned("--workflow-profile", "profiles/slurm") == project.planned()
