"""Check that a model has a density, shared by the losses that evaluate its energy."""

from __future__ import annotations

from ebmbench.core.errors import UserError
from ebmbench.models.distributions.generalized import NO_DENSITY
from ebmbench.models.interface import Density, Model


def density_of(model: Model) -> Density:
    """Return ``model`` if it has a density; raise :class:`UserError` if not."""
    if not isinstance(model, Density):
        raise UserError(NO_DENSITY)
    return model
