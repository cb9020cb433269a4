# KALE in Fenchel's form.


use rule train as train_kale_f with:
    wildcard_constraints:
        loss=entries("loss", "kale_f"),
        stats=TRAINED,
