# KALE in Donsker and Varadhan's form.


use rule train as train_kale_dv with:
    wildcard_constraints:
        loss=entries("loss", "kale_dv"),
        stats=TRAINED,
