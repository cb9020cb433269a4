"""A copy of the project with a small grid, driven by the real Snakemake."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import yaml

from tests.helpers import warm_snakemake
from tests.helpers.paths import ROOT

#: two data sets, every kind of training, seconds a run
SMALL = {
    "seeds": 2,
    "train": {"steps": 30, "checkpoints": 3},
    "sample": {"samples": 200, "chains": 20, "warmup": 5, "thin": 1, "bounds": 8},
    "likelihood": {"quadrature": {"grid": 60}, "smc": {"particles": 32, "temperatures": 5, "refresh": 2}},
    "datasets": {
        "ring8_unequal": {"train": 500, "val": 200, "test": 200},
        "moons": {"train": 500, "val": 200, "test": 200},
    },
    "families": {"oracle": {}, "gaussian": {}, "ebm": {"width": 8, "depth": 1}},
    "losses": {"none": {}, "ml": {}, "ed": {}},
    "stats": {"none": {}},
    "figures": {"density_panels": {}, "mismatch_bars": {}},
    "exclude": [
        {"match": {"family": "oracle", "loss": ["ml", "ed"]}, "reason": "a control is not trained"},
        {"match": {"family": ["gaussian", "ebm"], "loss": "none"}, "reason": "a model needs a loss"},
        {"match": {"family": "gaussian", "loss": "ed"}, "reason": "closed form"},
        {"match": {"family": "ebm", "loss": "ml"}, "reason": "dear"},
        {"match": {"family": "oracle", "dataset": "moons"}, "reason": "one oracle is enough"},
    ],
}

#: the same, one cell searched and one KL to be reached
SEARCHED = SMALL | {
    "tuning": {
        "trials": 2,
        "spaces": [{"match": {"dataset": "moons", "loss": "ed"}, "space": {"train": {"learning_rate": [0.01]}}}],
    },
    "time_to_kl": {"moons": {"kl": 9.0, "reference": "ebm-ed-none"}},
}


def counted(text: str) -> dict[str, int]:
    """Jobs a rule, and in total, in the output of a dry run; {} where there is nothing to do."""
    table = text.rpartition("Job stats:")[2]
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", table, flags=re.MULTILINE)}


class Project:
    """The workflow's own files in ``folder``, with ``config`` as the default grid."""

    def __init__(self, folder: Path, config: dict) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        for name in ("Snakefile", "workflow", "profiles", "src", "envs"):
            source = ROOT / name
            # compiled modules are as good there, but for those that another process is writing
            ignore = shutil.ignore_patterns("*.pyc.*", "*.egg-info")
            shutil.copytree(source, folder / name, ignore=ignore) if source.is_dir() else shutil.copy(source, folder)
        (folder / "config").mkdir()
        self.configure(config)

    def configure(self, config: dict) -> None:
        (self.folder / "config/config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen:
        """An invocation that is watched, or killed."""
        command = [sys.executable, "-m", "snakemake", *arguments]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Exit code and output of an invocation that nothing disturbs."""
        return warm_snakemake.run(self.folder, arguments, os.environ | environment)

    def kill(self, process: subprocess.Popen) -> None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def planned(self, *targets: str) -> dict[str, int]:
        """Jobs a rule that a dry run of ``targets``, or of everything, plans; {} where there is nothing to do."""
        code, text = self.run(*targets, "-n", "--quiet", "rules")
        assert code == 0, text
        return counted(text)

    def tables(self, dataset: str) -> dict[str, str]:
        """The tables that hold no times or host facts; ``dataset``: whose own are among them."""
        names = ["scores.csv", "statistics.csv", "summary.csv", "skipped.csv", f"{dataset}.md", f"{dataset}.tex"]
        return {name: (self.folder / "results/tables" / name).read_text() for name in names}
