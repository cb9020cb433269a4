"""The problems of the study: a data set with known density, and the way in which its methods are wrong.

One problem has one kind of disturbance, so that a method with a larger KL is also the worse one by every other metric.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ebmbench.core.errors import UserError, allowed_names

if TYPE_CHECKING:
    from ebmbench.experiments.calibration.known_order.disturbances import Disturbance

#: standard deviation of the broad normal distribution, twice that of the data sets in the plane
BROAD = 4.0

#: mode of ``ring8_unequal`` that gains mass, one of the lightest
LIGHT = 3

#: training and validation examples, which no rule uses
UNUSED = 20


def _gaussians8_broad() -> Disturbance:
    from ebmbench.data.gaussians8 import Gaussians8
    from ebmbench.experiments.calibration.known_order.disturbances import Mixed

    return Mixed(Gaussians8(), (0.0, 0.0), BROAD)


def _gaussians8_scaled() -> Disturbance:
    from ebmbench.data.gaussians8 import Gaussians8
    from ebmbench.experiments.calibration.known_order.disturbances import Scaled

    return Scaled(Gaussians8())


def _gaussians25_shifted() -> Disturbance:
    from ebmbench.data.gaussians25 import Gaussians25
    from ebmbench.experiments.calibration.known_order.disturbances import Shifted

    return Shifted(Gaussians25())


def _ring8_shifted() -> Disturbance:
    from ebmbench.data.ring8_unequal import Ring8Unequal
    from ebmbench.experiments.calibration.known_order.disturbances import Shifted

    return Shifted(Ring8Unequal())


def _ring8_weights() -> Disturbance:
    from ebmbench.data.ring8_unequal import Ring8Unequal
    from ebmbench.experiments.calibration.known_order.disturbances import Mixed

    of = Ring8Unequal().gaussians()
    return Mixed(Ring8Unequal(), tuple(of.centres[LIGHT].tolist()), of.sd)


def _checkerboard_broad() -> Disturbance:
    from ebmbench.data.checkerboard import Checkerboard
    from ebmbench.experiments.calibration.known_order.disturbances import Mixed

    return Mixed(Checkerboard(), (0.0, 0.0), BROAD)


def _normal8_shifted() -> Disturbance:
    from ebmbench.experiments.calibration.known_order.disturbances import ShiftedNormal
    from ebmbench.experiments.calibration.known_order.normal_table import NormalTable

    return ShiftedNormal(NormalTable())


PROBLEMS: dict[str, Callable[[], Disturbance]] = {
    "gaussians8_broad": _gaussians8_broad,
    "gaussians8_scaled": _gaussians8_scaled,
    "gaussians25_shifted": _gaussians25_shifted,
    "ring8_shifted": _ring8_shifted,
    "ring8_weights": _ring8_weights,
    "checkerboard_broad": _checkerboard_broad,
    "normal8_shifted": _normal8_shifted,
}


def problem(name: str, rows: int) -> Disturbance:
    """Return the problem ``name`` with ``rows`` test examples; raises :class:`UserError` for an unknown one."""
    if name not in PROBLEMS:
        raise UserError(f"problem of known order {name!r} is unknown; {allowed_names(name, PROBLEMS)}")
    found = PROBLEMS[name]()
    # every data set is a dataclass, which the type of its interface does not say
    dataset: Any = found.dataset
    return replace(found, dataset=replace(dataset, train=UNUSED, val=UNUSED, test=rows))
