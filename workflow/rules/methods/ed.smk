# Energy discrepancy.


use rule train as train_ed with:
    wildcard_constraints:
        loss=entries("loss", "ed"),
        stats=TRAINED,
