"""Samples and log Z of a trained model, by the method that its kind and dimension allow."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ebmbench.families.model import Density, Model, Normalised, Sampleable
from ebmbench.families.tilted import Tilted
from ebmbench.likelihoods import ais, quadrature
from ebmbench.likelihoods.base import Cost, LogZ, Normalisation


@dataclass(frozen=True)
class SampleSettings:
    """``samples`` draws; ``grid`` squares a side of the data's box in 2D; elsewhere the schedule of AIS.

    ``grid`` is a multiple of 30, so that its thinned grids and the coarse squares around it fit.
    """

    samples: int = 10_000
    grid: int = 360
    populations: int = 8
    particles: int = 256
    temperatures: int = 200
    moves: int = 1
    refresh: int = 50

    def __post_init__(self) -> None:
        if min(self.samples, self.grid, self.populations - 1, self.particles, self.temperatures) < 1:
            raise ValueError("samples, grid, particles, temperatures must be 1 or more, populations 2 or more")
        if self.moves < 1 or self.refresh < 0 or self.grid % 30:
            raise ValueError("moves must be 1 or more, refresh 0 or more, grid a multiple of 30")


def normalise(model: Model, box: float | None, settings: SampleSettings, generator: torch.Generator) -> Normalisation:
    """Samples with log Z: exact where the model has both, by quadrature in 2D, by AIS elsewhere.

    ``box``: half-side of the square that holds a two-dimensional data set; None takes AIS.
    """
    normal = model.gaussian() if isinstance(model, Tilted) else None
    if normal is not None:
        draws, log_z = normal.sample(settings.samples, generator), float(model.log_z().detach())
        return Normalisation(LogZ(log_z, 0.0, "closed form"), draws, "exact", len(draws), Cost())
    if isinstance(model, Sampleable):
        draws = model.sample(settings.samples, generator)
        return Normalisation(_log_z_of(model), draws, "exact", len(draws), Cost())
    if not isinstance(model, Tilted):
        raise TypeError(f"no way to normalise a {type(model).__name__}")
    if box is not None:
        core = quadrature.Square(box, settings.grid)
        return quadrature.normalise(model, core, _reach(model), settings.samples, generator)
    schedule = ais.Schedule(
        settings.populations, settings.particles, settings.temperatures, settings.moves, settings.refresh
    )
    return ais.normalise(model, schedule, settings.samples, generator)


def _reach(model: Tilted) -> float:
    """Half-side of a square that holds all but 1e-6 of the base measure."""
    deviations = model.base.cholesky.square().sum(1).sqrt()
    return float((model.base.mean.abs() + 5 * deviations).max())


def _log_z_of(model: Model) -> LogZ:
    if isinstance(model, Normalised):
        return LogZ(0.0, 0.0, "normalised")
    reason = "the density of real data is not known" if not isinstance(model, Density) else "no log Z"
    return LogZ(0.0, 0.0, "none", "skipped", reason)
