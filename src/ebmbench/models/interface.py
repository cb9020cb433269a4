"""Interfaces of models for losses, samplers and log Z estimators."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from ebmbench.data.interface import Dataset, Splits
from ebmbench.models.networks.jets import Jet
from ebmbench.models.statistics.interface import Definition


class TrainingData(NamedTuple):
    """A data set's splits for one seed, and the data set itself (for controls that know its density), if there is one.

    ``base``: a trained model of the same seed, for families that build on one.
    """

    dataset: Dataset | None
    splits: Splits
    base: Normalised | None = None

    @property
    def dim(self) -> int:
        """The dimension D of the data."""
        return self.splits.train.shape[1]


class Family(Protocol):
    """A plug-in of ``families``: a frozen dataclass of hyper-parameters that builds models."""

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> Model:
        """Return an untrained model; families with a closed form return it fitted, with nothing left to train."""
        ...


class Model(nn.Module):
    """Base class of everything that a family builds. ``dim`` is D."""

    dim: int

    def project(self) -> None:
        """Move the parameters back to where the model can be normalised; called after each update."""

    def value_and_grad(self, x: Tensor) -> tuple[Tensor, Tensor] | None:
        """Return log_density and its gradient, ``(B,)`` and ``(B, D)``, without a graph, if both have a closed form.

        Otherwise return None: callers then use automatic differentiation.
        """
        return None

    def directional_derivatives(self, x: Tensor, directions: Tensor, bent: int) -> Jet | None:
        """Return slopes of log_density along ``directions: (R, B, D)`` and its curvature along the first ``bent``.

        The result is differentiable once in the parameters, not in ``x: (B, D)``. None if there is no closed form:
        callers then use automatic differentiation.
        """
        return None


class Sampleable(ABC):
    """A model that can be sampled exactly and independently."""

    @abstractmethod
    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return ``(n, D)`` samples."""


class Density(Model, ABC):
    """A model with a log-density, up to a constant log Z; ``differentiable`` in x by default."""

    differentiable: ClassVar[bool] = True

    @abstractmethod
    def log_density(self, x: Tensor) -> Tensor:
        """Return the log of the unnormalised density, ``(B, D)`` -> ``(B,)``, in nats."""

    def energy(self, x: Tensor) -> Tensor:
        """Return the energy U(x) = -log_density(x): low energy = likely."""
        return -self.log_density(x)

    def log_z(self) -> Tensor | None:
        """Return the log of the integral of exp(log_density) if it has a closed form, else None."""
        return None


class NoiseConditional(ABC):
    """A density that belongs to a family over noise levels: U(., s) models the energy of the data plus s N(0, I).

    ``sigmas: (L,)``: its levels in data units, in falling order; its ``energy`` is the one at the last of them.
    """

    sigmas: Tensor

    @abstractmethod
    def energy_at(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Return U(x, sigma) for ``x: (B, D)`` at ``sigma: (B,)``, ``(B,)``, differentiable in both."""


class Normalised(Density, Sampleable):
    """A model whose log_density integrates to one and that can be sampled exactly."""

    def sample_and_log_prob(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return ``(n, D)`` samples and their log_density ``(n,)``, without a graph."""
        with torch.no_grad():
            x = self.sample(n, generator)
            return x, self.log_density(x)

    def log_z(self) -> Tensor:
        """Return 0."""
        return torch.zeros((), dtype=torch.float64)


class Generator(Model, Sampleable):
    """The distribution of x = G(z), z normal: sampled exactly, without a density in x unless G is invertible."""

    @property
    @abstractmethod
    def latent(self) -> Normalised:
        """The distribution of z."""

    @abstractmethod
    def decode(self, z: Tensor) -> Tensor:
        """Return G(z), ``(B, D_z)`` -> ``(B, D)``, differentiable."""

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return ``(n, D)`` samples, without a graph."""
        with torch.no_grad():
            return self.decode(self.latent.sample(n, generator))


class Pushforward(Generator, Normalised):
    """A normalised model of x = G(z), z normal, with G invertible: samplers can run on z."""

    @abstractmethod
    def encode(self, x: Tensor) -> Tensor:
        """Return G^-1(x), ``(B, D)`` -> ``(B, D)``, differentiable."""


class SamplesOnly(Model, Sampleable):
    """A control without a density: real data held out from training, or noise."""
