"""Energies trained for the calibration: the same each time, their file, and what is reported of them."""

import pytest
import torch

from ebmbench.core.errors import UserError
from ebmbench.core.files import write_tensors
from ebmbench.data.ring8_unequal import Ring8Unequal
from ebmbench.experiments.calibration import trained_energies
from ebmbench.experiments.calibration.products import Factor
from ebmbench.experiments.known_energy import KnownEnergy
from ebmbench.models.distributions.normal import Normal
from ebmbench.training.settings import TrainSettings

SHORT = TrainSettings(steps=3, checkpoints=1)


def test_training_is_repeatable_and_the_file_holds_its_models(tmp_path):
    path = tmp_path / "energies.safetensors"
    trained_energies.write(path, SHORT)
    factor, state = trained_energies.read(path)[0], trained_energies.train("moons", SHORT)
    for name, weights in factor.energy.state_dict().items():
        assert torch.equal(weights, state[f"network.{name}"].double())
    torch.testing.assert_close(factor.base.mean, state["base.mean"].double())
    torch.testing.assert_close(factor.base.cholesky, state["base.cholesky"].double())
    longer = trained_energies.train("moons", TrainSettings(steps=4, checkpoints=1))
    assert not torch.equal(longer["network.layers.0.weight"], state["network.layers.0.weight"])


def test_a_file_without_the_energies_is_one_line(tmp_path):
    path = tmp_path / "energies.safetensors"
    with pytest.raises(UserError, match="no such file; make it with calibrate_energies"):
        trained_energies.read(path)
    write_tensors(path, {"moons/eta": torch.zeros(0)})
    with pytest.raises(UserError, match="no energy of moons"):
        trained_energies.read(path)


def test_the_summary_of_a_known_density_has_no_error_and_that_of_its_base_has(monkeypatch):
    monkeypatch.setattr(trained_energies, "CELLS", 240)
    dataset = Ring8Unequal()
    base = Normal(torch.zeros(2).double(), 9 * torch.eye(2).double())
    found = trained_energies.summary(dataset, Factor(base, KnownEnergy(dataset.log_prob, base)))
    assert found["log_z"] == pytest.approx(0, abs=1e-9) and abs(found["log_z_change"]) < 1e-9
    assert found["kl"] == pytest.approx(0, abs=1e-9)
    flat = trained_energies.summary(dataset, Factor(base, KnownEnergy(base.log_density, base)))
    assert flat["log_z"] == pytest.approx(0, abs=1e-3) and flat["kl"] > 0.3
