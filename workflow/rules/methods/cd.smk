# Contrastive divergence.


use rule train as train_cd with:
    wildcard_constraints:
        loss=entries("loss", "cd"),
        stats=TRAINED,
