"""Questions for samplers: means under targets whose true values are known."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.experiments.calibration import gaussians, latent, trained_energies
from ebmbench.experiments.calibration.products import Product
from ebmbench.experiments.calibration.targets import PRODUCTS
from ebmbench.inference.likelihoods.quadrature import Core
from ebmbench.inference.samplers.target import Target, of_model
from ebmbench.models.blocks import log_density_in_blocks
from ebmbench.models.distributions.tilted import Tilted

#: samplers that are asked about products of trained energies, and the products: their energies are expensive
OF_PRODUCTS, LEAST_AND_MOST = ("MALA", "HMC", "SMC"), ("trained8", "trained32")


class Question(NamedTuple):
    """A mean E f(x) under ``target`` with true value ``truth``; f is ``statistic``, ``(B, D)`` -> ``(B,)``.

    ``asked``: f in words. ``core``: cells that hold the target, for samples by quadrature; None above two dimensions.
    ``samplers``: the samplers that are asked, all of them if empty.
    """

    model: Tilted
    target: Target
    asked: str
    statistic: Callable[[Tensor], Tensor]
    truth: float
    core: Core | None
    samplers: tuple[str, ...] = ()


def _variance(dim: int, core: Core | None) -> Question:
    """Return f(x) = |L^-1 (x - m)|^2 / D with S = L L': the mean over directions of variance to true variance."""
    model, own = gaussians.gaussian(dim).model, gaussians.distribution(dim)

    def statistic(x: Tensor) -> Tensor:
        return ((x.double() - own.mean) @ own.whitener.T).square().mean(-1)

    return Question(model, of_model(model), "variance / true variance", statistic, 1.0, core)


def _weight() -> Question:
    """Return f(z) = 1 if z_1 > 0: the weight of the heavier mode, in latent space."""
    model, generator = latent.model().float(), latent.BentGenerator()
    truth = latent.reference(latent.quadrature()).weight
    target = Target(model.log_weight, model.base, generator)
    core = Core(latent.BOX / 2, 480)
    return Question(model, target, "weight of the heavier mode", _heavier, truth, core)


def _heavier(z: Tensor) -> Tensor:
    return (z[:, 0] > 0).to(torch.float64)


def mean_energy(product: Product) -> Question:
    """Return f(x) = U(x) - log b(x): the mean energy of a product of trained energies."""
    model = product.parts().float()

    def statistic(x: Tensor) -> Tensor:
        return -log_density_in_blocks(model, x)

    return Question(model, of_model(model), "mean energy (nats)", statistic, product.mean_energy, None, OF_PRODUCTS)


QUESTIONS: dict[str, Callable[[], Question]] = {
    "gaussian2": lambda: _variance(2, Core(6.0, 480)),
    "gaussian11": lambda: _variance(11, None),
    "latent2": _weight,
}


def questions(energies: Path) -> dict[str, Callable[[], Question]]:
    """Return all questions by target: :data:`QUESTIONS`, and those about products of the trained ``energies``."""

    def about(pairs: int) -> Question:
        return mean_energy(Product(trained_energies.read(energies), pairs))

    return QUESTIONS | {name: partial(about, PRODUCTS[name]) for name in LEAST_AND_MOST}
