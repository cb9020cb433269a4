# The variational bound of an autoencoder.


use rule train as train_elbo with:
    wildcard_constraints:
        loss=entries("loss", "elbo"),
        stats=TRAINED,
