# Persistent contrastive divergence.


use rule train as train_pcd with:
    wildcard_constraints:
        loss=entries("loss", "pcd"),
        stats=TRAINED,
