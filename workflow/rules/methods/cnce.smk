# Conditional noise-contrastive estimation.


use rule train as train_cnce with:
    wildcard_constraints:
        loss=entries("loss", "cnce"),
        stats=TRAINED,
