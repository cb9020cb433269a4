"""The files of one job on standard normal rows, as training and sampling write them."""

import math

import torch

from ebmbench.core.files import write_json, write_tensors
from ebmbench.models.statistics.moments import Moments
from ebmbench.workflow.stages.score import score

N, BOX = 40, 6.0
SIZES = {"train": 90, "val": 50, "test": 80}
ON_GRID = {"kl", "tv", "mse_log_density", "off_support_mass", "mode_weight_error", "moments_mismatch_headroom"}
ON_DENSITY = {"nll", "nll_trimmed", "mse_log_density_data_z"} | ON_GRID
OF_SETS = ("mean", "max", "rms", "fraction", "floor", "floor95", "smooth", "smooth_floor95", "d2", "d2_floor95")
ON_SAMPLES = {"energy_distance", "mmd2", "sliced_wasserstein"} | {
    f"moments_mismatch_{summary}" for summary in (*OF_SETS, "w1", "w1_floor", "headroom_test")
}
#: one step of a kernel, or the score, at the test rows
ON_MODEL = {"moments_mismatch_stein", "moments_mismatch_ed"}
ALL = ON_DENSITY | ON_SAMPLES | ON_MODEL


def normal(x):
    return -0.5 * x.double().square().sum(1) - math.log(2 * math.pi)


def draws(n, seed, dim=2):
    return torch.randn(n, dim, generator=torch.Generator().manual_seed(seed))


def grid():
    axis = -BOX + 2 * BOX / N * (torch.arange(N) + 0.5)
    return torch.cartesian_prod(axis, axis)


class Folder:
    """The files of one job on standard normal rows, to be changed before they are written."""

    def __init__(self, path, seeds=(0,), known=True, dim=2):
        self.run_dir, self.data_file = path / "run", path / "data.safetensors"
        self.data, self.samples, self.log_prob = {}, {}, {}
        self.runs, self.sampled = {}, {}
        self.facts = {"dataset": "toy", "grid": {"n": N, "box": BOX} if known else None}
        if known:
            points = grid()
            self.data |= {"grid/points": points, "grid/log_prob": normal(points)}
            self.data["grid/component"] = (points[:, 0] > 0).long()
        for seed in seeds:
            self.add(seed, dim, known)

    def add(self, seed, dim, known):
        """A model that is the truth, with log p~ = log p + .5 and log Z = .5, and samples of its own."""
        for number, (split, size) in enumerate(SIZES.items()):
            self.data[f"{seed}/{split}"] = draws(size, 10 * seed + number, dim)
            self.log_prob[f"{seed}/{split}"] = (normal(self.data[f"{seed}/{split}"]) + 0.5).float()
        if known:
            self.data[f"{seed}/test_log_prob"] = normal(self.data[f"{seed}/test"])
            self.log_prob[f"{seed}/grid"] = (self.data["grid/log_prob"] + 0.5).float()
        self.log_prob[f"{seed}/log_z"] = torch.tensor(0.5, dtype=torch.float64)
        self.log_prob[f"{seed}/log_z_stderr"] = torch.tensor(0.01, dtype=torch.float64)
        self.samples[f"{seed}/samples"] = draws(120, 10 * seed + 5, dim)
        self.samples[f"{seed}/model"] = draws(150, 10 * seed + 6, dim)
        self.log_prob[f"{seed}/test_score"] = -self.data[f"{seed}/test"]
        self.samples[f"{seed}/moved"] = self.data[f"{seed}/test"].flip(0)[:60]
        self.runs[str(seed)] = {"status": "ok", "reason": ""}
        self.sampled[str(seed)] = {
            "likelihood": {"status": "ok", "reason": "", "method": "quadrature"},
            "samples": {
                "status": "ok",
                "reason": "",
                "sampler": "MALA",
                "kind": "invariant",
                "beta": 2.0,
                "n_eff": 120,
            },
            "model": {"status": "ok", "reason": "", "sampler": "grid inverse-CDF", "n_eff": 150},
        }
        self.sampled[str(seed)]["samples"]["mark"] = "unconverged"

    def make_exact(self, seed=0):
        """The samples are exact draws of the model: there are no others."""
        del self.samples[f"{seed}/model"], self.sampled[str(seed)]["model"]
        self.sampled[str(seed)]["samples"] |= {"sampler": "exact", "kind": "exact", "beta": 1.0, "mark": ""}

    def make_foreign(self, seed=0):
        """Samples as a tool gives them that knows nothing of distributions."""
        del self.samples[f"{seed}/model"], self.sampled[str(seed)]["model"]
        for name in ("kind", "beta", "mark"):
            del self.sampled[str(seed)]["samples"][name]

    def drop(self, tensors, *names):
        for name in names:
            del tensors[name]

    def written(self):
        write_tensors(self.data_file, self.data)
        write_json(self.data_file.with_suffix(".json"), self.facts)
        cell = {"dataset": "toy", "family": "ebm", "loss": "ed", "stats": "none"}
        write_json(self.run_dir / "run.json", {"cell": cell, "runs": self.runs})
        write_json(self.run_dir / "sampling.json", {"runs": self.sampled})
        for name, tensors in (("samples", self.samples), ("log_prob", self.log_prob)):
            if tensors:
                write_tensors(self.run_dir / f"{name}.safetensors", tensors)
        return self.run_dir, self.data_file

    def scored(self):
        return score(*self.written(), {"moments": Moments()})


def by_key(scores):
    return {(row.seed, row.split, row.metric, row.distribution): row for row in scores.itertuples()}


def of_distribution(table, distribution):
    return table[table["distribution"] == distribution]


#: where each distribution's draws are
PARTS = {"model": "model", "sampler": "samples"}
