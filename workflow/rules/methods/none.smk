# The controls, which no loss trains: the oracle and the base measure.


use rule train as train_none with:
    wildcard_constraints:
        family=entries_but("family", "outside"),
        loss=entries("loss", "none"),
        stats=TRAINED,
