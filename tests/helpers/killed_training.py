"""Training jobs with each kind of state, killed after some steps and continued in another process."""

from dataclasses import dataclass, field, replace

import pytest
import torch

from ebmbench.core import plugins
from ebmbench.models.statistics.moments import Moments
from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.loop import train
from ebmbench.training.resume import StateFile
from ebmbench.training.settings import TrainSettings
from tests.helpers.contract_models import LOSSES, PEERS, built, dimensions, rows
from tests.helpers.targets import generator

STEPS = TrainSettings(steps=12, batch_size=16, checkpoints=3, learning_rate=0.01, ema=0.9)


KILLED_AFTER = 6


@dataclass(frozen=True)
class Case:
    """A model, a loss and settings; with a method of moment matching also the moments of the data."""

    family: str
    loss: str
    loss_settings: dict = field(default_factory=dict)
    method: str = "none"
    method_settings: dict = field(default_factory=dict)
    settings: TrainSettings = STEPS

    def job(self):
        dim = dimensions(self.family)[0]
        streams = Streams(generator(2), generator(3), 4, generator(9))
        model = built(self.family, dim, None if self.method == "none" else Moments())
        loss = plugins.load("loss", self.loss, **self.loss_settings)
        method = plugins.load("stats", self.method, **self.method_settings)
        monitor = lambda model: {"kl": float(sum(p.detach().double().sum() for p in model.parameters()))}  # noqa: E731
        return TrainingJob(
            model, loss, (rows(dim, 80), rows(dim, 50)), self.settings, streams, monitor, lambda *_: None, method
        )


FAMILY_OF = {"dsm_levels": "ebm_noise", "elbo": "vae", "kale_f": "gebm_gan"}


CHAINS = {"chains": 16}


#: the base is trained from the third step on
ALTERNATING = replace(STEPS, base_first=2, base_every=2)


CASES = {loss: Case(FAMILY_OF.get(loss, "ebm"), loss) for loss in [*LOSSES, *PEERS, "elbo"]} | {
    "buffer": Case("ebm", "pcd", {"buffer": 40, "restart": 0.2, "adjusted": True}),
    "trained base": Case("gebm_gan", "kale_f", settings=ALTERNATING),
    "matched": Case("ebm", "ed", {}, "matched", CHAINS),
    "matched on a trained base": Case("gebm_gan", "kale_f", {}, "matched", CHAINS, ALTERNATING),
    "penalty": Case("ebm", "ed", {}, "penalty", CHAINS),
    "closed form": Case("ebm", "dsm", {}, "joint", {"every": 2}),
    "closed form at levels": Case("ebm_noise", "dsm_levels", {}, "joint"),
    "by the optimiser": Case("ebm", "ml", {}, "joint"),
    "patience": Case("ebm", "ed", settings=replace(STEPS, checkpoints=12, patience=9, learning_rate=1.0)),
    "budget": Case("ebm", "ed", settings=replace(STEPS, evaluations=16 * 5 * 11)),
    "pool": Case("gebm_curve", "nce", settings=replace(STEPS, base_pool=200)),
    "gradient penalty": Case("gebm_flow", "kale_dv", settings=replace(STEPS, gradient_penalty=1.0, penalty_every=2)),
    "spectral": Case("gebm_images", "nce"),
    "inferred latents": Case("lebm", "cnce"),
    "combined": Case("gebm_combined", "ml"),
    "flow": Case("flow", "ml"),
    "nvp": Case("nvp", "ml"),
    "exponential family": Case("expfam", "sm", {}, "joint"),
    "bfloat16": Case("ebm", "ed", settings=replace(STEPS, precision="bfloat16")),
}


class KilledError(Exception):
    pass


class KilledAfter(StateFile):
    """Saves after this many steps and then kills the process."""

    def __init__(self, path, steps):
        super().__init__(path, {"cell": "one"})
        self.left = steps

    def due(self, minutes):
        self.left -= 1
        return self.left == 0

    def save(self, state):
        super().save(state)
        raise KilledError


def results(outcome, streams):
    """Everything that must not depend on a kill."""
    curve = [{name: value for name, value in row.items() if name != "seconds"} for row in outcome.curve]
    costs = outcome.costs
    numbers = [outcome.status, outcome.selected_step, costs.step, costs.energy_evaluations, costs.gradient_evaluations]
    return numbers, curve, [*outcome.model.state_dict().values(), *streams.state_dict().values()]


def same(one, other):
    return one[:2] == other[:2] and all(torch.equal(a, b) for a, b in zip(one[2], other[2], strict=True))


def undisturbed(case):
    job = case.job()
    return results(train(job), job.streams)


def resumed(case, path, lose=lambda state: None):
    """The results of a second process, which loses something of the state of the first."""
    with pytest.raises(KilledError):
        train(case.job(), KilledAfter(path, KILLED_AFTER))
    job, file = case.job(), StateFile(path, {"cell": "one"})
    assert file.found["run"]["costs"]["step"] == KILLED_AFTER
    lose(file.found["run"])
    return results(train(job, file), job.streams)
