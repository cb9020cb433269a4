"""What models that infer latents are scored by, from file to file."""

import pandas as pd
import pytest
import torch

from ebmbench.core import files, plugins
from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.models.statistics.means import Means
from ebmbench.workflow.stages import dataset, sample, score, train
from tests.helpers.contract_models import SMALL

PLAN = {
    "sample": {"samples": 100, "chains": 20, "warmup": 5, "thin": 1, "bounds": 0},
    "sampler": {"ula": {}},
    "likelihood": {"smc": {"particles": 32, "temperatures": 5, "refresh": 2}},
}


def scored(folder, family, loss, **settings):
    """scores.csv of a model of digits trained for a few steps; the job's folder."""
    data = plugins.load("dataset", "digit_images", rows=200, **settings)
    dataset.write_dataset(data, "digit_images", [0], folder, "0-0")
    rows, out = folder / "seeds0-0.safetensors", folder / "run"
    content = {"dataset": {"rows": 200, **settings}, "family": SMALL[family], "loss": {}, "stats": {}, "statistics": {}}
    content |= {"train": {"steps": 30, "checkpoints": 1, "ema": 0.5}}
    train.train_seeds(Cell("digit_images", family, loss, "none"), "0-0", content, rows, "cpu", "digest", out)
    sample.write_samples(out, sample.Plan.of(PLAN), rows, "cpu")
    score.write_scores(out, rows, {"means": Means()})
    return pd.read_csv(out / "scores.csv", keep_default_na=False, na_values=[""]), out


@pytest.mark.parametrize(("family", "loss"), [("lebm", "ed"), ("vae", "elbo")])
def test_reconstructions_and_anomalies_are_scored(family, loss, tmp_path):
    found, out = scored(tmp_path, family, loss, without=4)
    rows = found[found["metric"].str.startswith(("reconstruction", "anomaly"))].set_index("metric")
    assert set(rows.index) == {"reconstruction_mse", "anomaly_auprc", "anomaly_auroc"}
    assert (rows["status"] == "ok").all() and (rows["stderr"] > 0).all() and (rows["distribution"] == "model").all()
    tensors = files.read_tensors(out / "samples.safetensors")
    test = files.read_tensors(tmp_path / "seeds0-0.safetensors")
    assert rows.loc["anomaly_auprc", "n"] == len(test["0/test_odd"]) == len(tensors["0/joint_energy"])
    assert int(test["0/test_odd"].sum()) == int((test["0/test_label"] == 4).sum()) == 181
    errors = (tensors["0/reconstruction"] - test["0/test"][:1000]).square().mean()
    assert rows.loc["reconstruction_mse", "value"] == pytest.approx(float(errors), rel=1e-5)


def test_a_training_that_diverged_has_rows_of_them_with_its_status(tmp_path, monkeypatch):
    monkeypatch.setattr("ebmbench.training.divergence.EXPLODED", 0.0)
    found, out = scored(tmp_path, "lebm", "ed", without=4)
    rows = found[found["metric"].str.startswith(("reconstruction", "anomaly"))]
    assert set(rows["metric"]) == {"reconstruction_mse", "anomaly_auprc", "anomaly_auroc"}
    assert set(rows["status"]) == {"diverged"} and rows["value"].isna().all()
    assert "0/joint_energy" not in files.read_tensors(out / "samples.safetensors")


def test_without_a_class_left_out_there_is_no_anomaly_and_files_that_do_not_fit_are_reported(tmp_path):
    found, out = scored(tmp_path / "all", "vae", "elbo")
    metrics = set(found["metric"])
    assert "reconstruction_mse" in metrics and not any(name.startswith("anomaly") for name in metrics)
    tensors = files.read_tensors(out / "samples.safetensors")
    files.write_tensors(out / "samples.safetensors", tensors | {"0/reconstruction": torch.zeros(1, 64)})
    with pytest.raises(UserError, match="0/reconstruction has 1 rows; allowed: 2 to 359"):
        score.write_scores(out, tmp_path / "all" / "seeds0-0.safetensors", {"means": Means()})
    _, out = scored(tmp_path / "odd", "vae", "elbo", without=4)
    tensors = files.read_tensors(out / "samples.safetensors")
    files.write_tensors(out / "samples.safetensors", tensors | {"0/joint_energy": torch.zeros(3)})
    with pytest.raises(UserError, match=r"0/joint_energy has shape \(3\); allowed: \(\d+\)"):
        score.write_scores(out, tmp_path / "odd" / "seeds0-0.safetensors", {"means": Means()})
