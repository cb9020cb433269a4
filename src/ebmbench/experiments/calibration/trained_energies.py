"""Energies trained in the plane, the factors of the calibration's products, and the file that holds them."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from ebmbench.core import files
from ebmbench.core.errors import UserError
from ebmbench.core.seeds import generator
from ebmbench.data.moons import Moons
from ebmbench.data.pinwheel import Pinwheel
from ebmbench.data.ring8_unequal import Ring8Unequal
from ebmbench.data.toy import Toy
from ebmbench.experiments.calibration.plane_quadrature import quadrature
from ebmbench.experiments.calibration.products import BOX, CELLS, Factor, mean_energy
from ebmbench.experiments.trials import Trial, run
from ebmbench.inference.samplers.target import of_model
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.families.ebm import EBM
from ebmbench.models.interface import TrainingData
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training.losses.ed import EnergyDiscrepancy
from ebmbench.training.settings import TrainSettings

DATASETS: dict[str, Toy] = {"moons": Moons(), "pinwheel": Pinwheel(), "ring8_unequal": Ring8Unequal()}

#: energies of the default family, but narrower, trained for seconds
FAMILY, LOSS, SETTINGS = (
    EBM(width=32, depth=3),
    EnergyDiscrepancy(),
    TrainSettings(steps=3000, learning_rate=4e-3, checkpoints=1),
)


def train(name: str, settings: TrainSettings = SETTINGS) -> dict[str, Tensor]:
    """Train an energy on the data set ``name`` and return the model's state; the same at each call."""
    trial = Trial(f"calibration {name}", 0, FAMILY, LOSS, NoStatistic(), settings=settings)
    outcome = run(trial, DATASETS[name].splits(0))
    if outcome.status != "ok":
        raise RuntimeError(f"training on {name} ended as {outcome.status}: {outcome.reason}")
    return outcome.model.state_dict()


def write(path: Path, settings: TrainSettings = SETTINGS) -> None:
    """Train an energy on each data set and write all of them to the safetensors file ``path``."""
    states = {name: train(name, settings) for name in DATASETS}
    tensors = {f"{name}/{key}": tensor for name, state in states.items() for key, tensor in state.items()}
    files.write_tensors(path, tensors)


def read(path: Path) -> list[Factor]:
    """Read the energies from ``path``, each on its normal base measure, in float64.

    Raises :class:`UserError` for a file without them.
    """
    if not path.exists():
        raise UserError(f"{path}: no such file; make it with calibrate_energies")
    tensors = files.read_tensors(path)
    return [_factor(path, name, files.under(tensors, name)) for name in DATASETS]


def _factor(path: Path, name: str, state: dict[str, Tensor]) -> Factor:
    model = FAMILY.build(TrainingData(None, DATASETS[name].splits(0)), NoStatistic(), generator("unused"))
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise UserError(f"{path}: no energy of {name}; make the file again with calibrate_energies") from error
    base, energy = of_model(model.double()).normal_measure(), model.network
    # the family has an energy
    assert energy is not None
    # normalised exactly, not up to the rounding of its parts
    return Factor(Normal(base.mean, base.cholesky @ base.cholesky.T), energy.requires_grad_(False))


def table(factors: list[Factor]) -> pd.DataFrame:
    """Return a row per energy: its data set, and the quantities of :func:`summary`."""
    rows = [
        {"dataset": name} | summary(of, factor) for (name, of), factor in zip(DATASETS.items(), factors, strict=True)
    ]
    return pd.DataFrame(rows)


@torch.no_grad()
def summary(dataset: Toy, factor: Factor) -> dict[str, float]:
    """Compute log Z and the mean energy by quadrature, and their change by the last halving of the step, in nats.

    ``kl``: KL(data || model) on the same grid.
    """
    coarse, fine = (quadrature(factor.model, BOX, cells) for cells in (CELLS // 2, CELLS))
    log_p, log_q = dataset.log_prob(fine.points), fine.log_mass - fine.log_z - 2 * math.log(fine.side)
    # 0 log 0 = 0
    kl = fine.side**2 * (log_p.exp() * (log_p - log_q)).nansum()
    return {
        "log_z": fine.log_z,
        "log_z_change": fine.log_z - coarse.log_z,
        "mean_energy": mean_energy(fine),
        "mean_energy_change": mean_energy(fine) - mean_energy(coarse),
        "kl": float(kl),
    }
