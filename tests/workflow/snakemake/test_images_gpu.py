"""Every rule of the grid of published sizes, on a CPU: tiny archives in the upstream formats, small networks."""

import pandas as pd
import pytest
import yaml

from ebmbench.core.files import read_json
from ebmbench.data.image_shape import Shape
from ebmbench.models.networks.convolutions import Decoder
from tests.helpers.paths import ROOT
from tests.helpers.project import Project
from tests.helpers.targets import generator
from tests.helpers.upstream_images import OfCeleba, OfCifar, OfIdx, OfSvhn

PUBLISHED = yaml.safe_load((ROOT / "config/papers/images_gpu.yaml").read_text())

#: what a step, a chain or a network costs, made small; everything else is as published
REDUCED = {
    "device": "cpu",
    "seeds": 1,
    "results": "results",
    "sample": {"samples": 40, "chains": 40, "warmup": 3, "thin": 1, "bounds": 0},
    "likelihood": {"smc": {"particles": 16, "temperatures": 4, "leapfrog": 1}},
}
SMALL = {
    "family": {"latent": 4, "width": 4},
    "train": {"steps": 4, "batch_size": 16, "checkpoints": 2, "base_first": 1, "base_every": 2},
}


FEW = {"importance": {"points": 200}}


def reduced():
    config = PUBLISHED | REDUCED
    config["datasets"] = config["datasets"] | {"celeba64": {"faces": 60, "tested": 20}}
    config["losses"] = config["losses"] | {"cd": config["losses"]["cd"] | {"k": 2}}
    config["overrides"] = [
        *config["overrides"],
        {"match": {"family": ["vae", "lebm", "gebm_images"]}, "set": SMALL},
        {"match": {"family": "lebm"}, "set": {"family": {"steps": 2}}},
        {
            "match": {"family": "gebm_images"},
            "set": {"family": {"energy_width": 4}, "likelihood": FEW},
        },
    ]
    return config


@pytest.fixture
def project(tmp_path, monkeypatch):
    found = Project(tmp_path / "project", reduced())
    for kind in (OfIdx, OfSvhn, OfCifar, OfCeleba):
        upstream = kind(monkeypatch, tmp_path / "data")
        upstream.folder.mkdir(exist_ok=True)
        upstream.write()
        path = found.folder / f"src/ebmbench/data/{upstream.name}.py"
        text = path.read_text().replace("162_770", "60").replace("19_867", "5")
        for before, after in upstream.replaced.items():
            assert before in text
            text = text.replace(before, after)
        path.write_text(text)
    return found


@pytest.mark.slow
def test_a_reduced_run_of_every_rule_ends_well(project, tmp_path):
    # not by the jobs that tests share, which have the published sha256 in memory
    code, text = project.run(EBMBENCH_DATA=str(tmp_path / "data"), EBMBENCH_CACHE=str(tmp_path / "cache"))
    assert code == 0, text
    scores = pd.read_csv(project.folder / "results/tables/scores.csv")
    assert scores.groupby(["dataset", "family", "loss"]).ngroups == 28
    assert set(pd.read_csv(project.folder / "results/tables/runs.csv")["status"]) == {"ok"}
    # twenty images of each set are too few for most distances, but not for this one
    absent = ["kid_inception", "kid_dinov2"]
    kernel = scores[scores["metric"].str.startswith("kid_") & ~scores["metric"].isin(absent)]
    models = kernel[kernel["distribution"] == "model"]
    assert models.groupby("dataset")["metric"].nunique().tolist() == [1] * 4 and set(models["status"]) == {"ok"}
    # their weights are in no registry
    genuine = scores[scores["metric"].isin(absent)]
    assert genuine.groupby("metric")["dataset"].nunique().to_dict() == {"kid_inception": 4, "kid_dinov2": 3}
    assert set(genuine["status"]) == {"skipped"} and genuine["reason"].str.contains("no weights").all()
    assert (project.folder / "results/figures/image_grids.png").is_file()
    assert read_json(project.folder / "results/runs/svhn/lebm-ed-none/seeds0-0/run.json")["runs"]["0"]["status"] == "ok"


@pytest.mark.parametrize(
    ("dataset", "shape", "millions"), [("mnist", Shape(1, 28), 7.87), ("svhn", Shape(3, 32), 3.45)]
)
def test_decoders_have_the_published_number_of_parameters(dataset, shape, millions):
    settings = dict(PUBLISHED["families"]["lebm"])
    for override in PUBLISHED["overrides"]:
        named = {name: [of] if isinstance(of, str) else of for name, of in override["match"].items()}
        if dataset in named.get("dataset", [dataset]) and "lebm" in named["family"]:
            settings |= override["set"].get("family", {})
    decoder = Decoder(settings["latent"], shape, settings["width"], generator())
    assert sum(parameter.numel() for parameter in decoder.parameters()) / 1e6 == pytest.approx(millions, abs=0.005)
