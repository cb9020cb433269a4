# Denoising score matching.


use rule train as train_dsm with:
    wildcard_constraints:
        loss=entries("loss", "dsm"),
        stats=TRAINED,
