# Denoising score matching at several noise levels.


use rule train as train_dsm_levels with:
    wildcard_constraints:
        loss=entries("loss", "dsm_levels"),
        stats=TRAINED,
