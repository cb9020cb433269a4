# Losses of other installed packages, found by their entry points of the group ebmbench.losses.
from ebmbench.core.external_plugins import external_modules


use rule train as train_external with:
    wildcard_constraints:
        loss=entries("loss", *external_modules("loss")),
        stats=TRAINED,
