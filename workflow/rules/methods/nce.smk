# Noise-contrastive estimation.


use rule train as train_nce with:
    wildcard_constraints:
        loss=entries("loss", "nce"),
        stats=TRAINED,
