# Explicit score matching.


use rule train as train_sm with:
    wildcard_constraints:
        loss=entries("loss", "sm"),
        stats=TRAINED,
