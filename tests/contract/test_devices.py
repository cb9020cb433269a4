"""Every loss, family and method of moment matching trains on a device without reading anything from it."""

from dataclasses import replace

import pytest
import torch

from ebmbench.core import plugins
from ebmbench.training.factory import create_run
from tests.helpers.contract_models import ENERGIES, OF_OTHERS
from tests.helpers.killed_training import CASES, FAMILY_OF, Case
from tests.helpers.meta_device import meta_device, moved

#: what other packages compute is theirs
OWN = {name: case for name, case in CASES.items() if name not in OF_OTHERS}

#: every family of energies with one loss that it takes, beyond the cases that are trained and killed
TRAINED = {case.family for case in OWN.values()}
FAMILIES = {f"{name} by nce": Case(name, "nce") for name in ENERGIES if name not in TRAINED | set(FAMILY_OF.values())}


@pytest.mark.parametrize("case", [*OWN.values(), *FAMILIES.values()], ids=[*OWN, *FAMILIES])
def test_steps_read_nothing_from_their_device(case):
    job = moved(case.job())
    with meta_device():
        run = create_run(job)
        losses = [run.update() for _ in range(4)]
    assert {loss.device.type for loss in losses} == {"meta"} and run.costs.step == 4


def test_every_loss_and_every_method_of_matching_is_among_them():
    losses = {case.loss for case in OWN.values()}
    assert {name for name in plugins.available("loss") if name not in {"none", "outside", *OF_OTHERS}} <= losses
    methods = {case.method for case in OWN.values()}
    assert {name for name in plugins.available("stats") if name not in ("none", "posthoc", "outside")} <= methods


def _reads(x):
    return float(x.sum())


def _stays_behind(x):
    return x + torch.zeros(len(x), x.shape[1])


def _finds(x):
    return x[x[:, 0] > 0]


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (_reads, r"item\(\) cannot be called on meta tensors"),
        (_stays_behind, "on device cpu is not on the expected device meta"),
        (_finds, r"torch.nonzero\(\) raises"),
    ],
)
def test_a_transfer_is_noticed(wrong, complaint):
    """A value read, a tensor left on the host, and a shape that depends on values."""
    job = moved(CASES["ed"].job())
    loss = job.loss

    def reading(model, x, generator):
        wrong(x)
        return loss(model, x, generator)

    run = create_run(replace(job, loss=reading))
    with meta_device(), pytest.raises(RuntimeError, match=complaint):
        run.update()
