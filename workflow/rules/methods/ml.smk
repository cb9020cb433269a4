# Maximum likelihood: exact where log Z has a closed form, by quadrature in two dimensions.


use rule train as train_ml with:
    wildcard_constraints:
        loss=entries("loss", "ml"),
        stats=TRAINED,
