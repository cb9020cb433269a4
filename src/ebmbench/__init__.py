"""A reproducible benchmark suite for energy-based generative models.

``available(axis)`` lists the plug-ins of an axis (``"dataset"``, ``"family"``, ``"loss"``, ``"stats"``,
``"statistic"``, ``"sampler"``, ``"likelihood"``, ...); ``load(axis, name, **settings)`` imports one and builds it with
its settings:

    >>> import ebmbench
    >>> "ed" in ebmbench.available("loss")
    True
    >>> ebmbench.load("loss", "ed", t=0.5)
    EnergyDiscrepancy(t=0.5, M=4, w=1.0)
    >>> ebmbench.load("dataset", "rings", train=100).splits(seed=0).train.shape
    torch.Size([100, 2])
"""

from ebmbench.core.plugins import available, load

__all__ = ["__version__", "available", "load"]

__version__ = "0.1.0"
