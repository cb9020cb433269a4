# Sliced score matching.


use rule train as train_ssm with:
    wildcard_constraints:
        loss=entries("loss", "ssm"),
        stats=TRAINED,
