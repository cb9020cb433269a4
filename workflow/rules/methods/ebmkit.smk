# Losses that the package ebmkit computes (envs/peers.txt).


use rule train as train_ebmkit with:
    wildcard_constraints:
        loss=entries(
            "loss",
            "ebmkit_cd",
            "ebmkit_pcd",
            "ebmkit_dsm",
            "ebmkit_ssm",
            "ebmkit_sm",
            "ebmkit_ed",
            "ebmkit_nce",
        ),
        stats=TRAINED,
