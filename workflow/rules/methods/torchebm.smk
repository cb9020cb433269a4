# Losses that the package torchebm computes (envs/peers.txt).


use rule train as train_torchebm with:
    wildcard_constraints:
        loss=entries("loss", "torchebm_cd", "torchebm_dsm", "torchebm_ssm"),
        stats=TRAINED,
