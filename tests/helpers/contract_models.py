"""Small models, and rows of them, for what is asked of every plug-in."""

import importlib.util

import torch

from ebmbench.core import plugins
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.families.nvp import NVP
from ebmbench.models.statistics.moments import Moments
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training.losses.peer_loss import PeerLoss
from tests.helpers.targets import generator, training_data

#: small enough for a second a family
SMALL = {
    "kde": {"centres": 200, "bandwidths": 3},
    "flow": {"transforms": 1, "width": 16},
    "nvp": {"couplings": 2, "width": 8},
    "ebm": {"width": 16, "depth": 2},
    "gebm_flow": {"width": 16, "depth": 2},
    "gebm_combined": {"couplings": 2, "width": 8},
    "gebm_curve": {"width": 16, "depth": 2},
    "lebm": {"latent": 4, "width": 4, "steps": 3, "prior_width": 8},
    "vae": {"latent": 4, "width": 4},
    "gebm_images": {"latent": 4, "width": 4, "energy_width": 4},
    "ebm_noise": {"width": 16, "depth": 2, "sigma_max": 1.0, "levels": 3},
    "gmm": {"components": 4},
    "kef": {"centres": 40, "rows": 300},
    "normflows": {"transforms": 2, "width": 8, "blocks": 1},
}

DIMENSIONS = [2, 3]

#: families of images: rows of 8 x 8 pixels
OF_IMAGES = {"lebm", "vae", "gebm_images"}


def dimensions(family):
    return [64] if family in OF_IMAGES else DIMENSIONS


def rows(dim, n=400):
    if dim == 64:
        return (0.5 * torch.randn(n, dim, generator=generator(1))).clamp(-1, 1)
    return torch.randn(n, dim, generator=generator(1)) @ torch.tril(torch.ones(dim, dim))


#: families that need a distribution on a curve
ON_CURVE = {"gebm_curve"}


def data(dim, on_curve=False):
    from ebmbench.data.closed_curve import ClosedCurve
    from ebmbench.data.moons import Moons

    # for a family that builds on a trained model, anything that has a density and draws
    base = NVP(couplings=2, width=8).build(training_data(rows(dim)), NoStatistic(), generator(7))
    known = Moons() if dim == 2 else None
    return training_data(rows(dim), rows(dim, 100), ClosedCurve(dim=dim) if on_curve else known, base)


def built(name, dim, statistic=None):
    statistic = statistic or (Moments() if name == "expfam" else NoStatistic())
    return plugins.load("family", name, **SMALL.get(name, {})).build(
        data(dim, name in ON_CURVE), statistic, generator(2)
    )


def has_network(name):
    model = built(name, dimensions(name)[0])
    return isinstance(model, Generalized) and bool(model.network and list(model.network.parameters()))


def installed(package):
    return importlib.util.find_spec(package) is not None


#: families that are built here
FAMILIES = [name for name in plugins.available("family") if name != "outside"]
FAMILIES = [name for name in FAMILIES if name != "normflows" or installed("normflows")]

#: families of networks' energies: each loss but none is for one of them or more
ENERGIES = [name for name in FAMILIES if has_network(name)]

IN_THE_PLANE = [family for family in ENERGIES if 2 in dimensions(family)]

#: losses of energies: all but those of a family of their own
LOSSES = [name for name in plugins.available("loss") if name not in ("none", "elbo")]

#: losses of other packages
OF_OTHERS = [name for name in LOSSES if isinstance(plugins.load("loss", name), PeerLoss)]
LOSSES = [name for name in LOSSES if name not in OF_OTHERS]

#: the same where these are installed: asked of one family, for the models are the same
PEERS = OF_OTHERS if installed("ebm") and installed("torchebm") else []

#: losses and the families that they are asked of
PAIRS = [(name, family) for name in LOSSES for family in ENERGIES] + [(name, "ebm") for name in PEERS]


class Counting(torch.nn.Module):
    """A network that counts the points it is asked for."""

    def __init__(self, inner):
        super().__init__()
        self.inner, self.points = inner, 0

    def forward(self, x, *condition):
        self.points += len(x)
        return self.inner(x, *condition)

    def __getattr__(self, name):
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self.inner, name)


def energy(family, dim, statistic):
    """A model whose network counts, a little away from where training begins (which may be U = 0)."""
    model, stream = built(family, dim, statistic), generator(9)
    with torch.no_grad():
        for parameter in trained(model):
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=stream))
    model.network = Counting(model.network)
    return model


def trained(model):
    return [parameter for parameter in model.parameters() if parameter.numel() and parameter.requires_grad]
