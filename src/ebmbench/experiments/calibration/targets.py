"""The calibration targets by name; names import no torch, a target is built when it is requested."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ebmbench.core.errors import UserError, allowed_names

if TYPE_CHECKING:
    from ebmbench.experiments.calibration.known_answer import KnownTarget


def _gaussian(dim: int) -> KnownTarget:
    from ebmbench.experiments.calibration.gaussians import gaussian

    return gaussian(dim)


def _gaussians25() -> KnownTarget:
    from ebmbench.experiments.calibration.mixtures import gaussians25

    return gaussians25()


def _corners() -> KnownTarget:
    from ebmbench.experiments.calibration.mixtures import corners

    return corners(11)


def _two_modes() -> KnownTarget:
    from ebmbench.experiments.calibration.latent import two_modes

    return two_modes()


TARGETS: dict[str, Callable[[], KnownTarget]] = {
    "gaussian2": lambda: _gaussian(2),
    "gaussian11": lambda: _gaussian(11),
    "gaussian64": lambda: _gaussian(64),
    "gaussians25": _gaussians25,
    "corners11": _corners,
    "latent2": _two_modes,
}


def target(name: str) -> KnownTarget:
    """Return the target ``name``; raises :class:`UserError` for an unknown one."""
    if name not in TARGETS:
        raise UserError(f"calibration target {name!r} is unknown; {allowed_names(name, TARGETS)}")
    return TARGETS[name]()
