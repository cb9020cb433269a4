"""Each entry of a training state matters: without it a continued run ends elsewhere."""

import pytest
import torch

from tests.helpers.killed_training import CASES, STEPS, resumed, same, undisturbed
from tests.helpers.targets import generator


def replaced(*path, value):
    """A function that sets one entry of a state."""

    def lose(state):
        for name in path[:-1]:
            state = state[name]
        state[path[-1]] = value

    return lose


def zeroed(*path):
    """A function that zeroes the tensors of one entry of a state."""

    def lose(state):
        for name in path:
            state = state[name]
        for tensor in state if isinstance(state, list) else [state]:
            tensor.zero_()

    return lose


def reseeded(stream):
    return replaced("streams", stream, value=generator(1).get_state())


def lose_moments(state):
    for name in ("exp_avg", "exp_avg_sq", "steps"):
        zeroed("energy_optimizer", name)(state)


#: entries of a state, with a case that needs them
LOST = {
    "batches": ("ed", reseeded("batches")),
    "noise": ("ed", reseeded("noise")),
    "matching": ("matched", reseeded("matching")),
    "moments": ("ed", lose_moments),
    "average": ("ed", lambda state: state["average"].update(state["model"])),
    "model": ("ed", lambda state: state["model"].update(state["average"])),
    "step": ("ed", replaced("costs", "step", value=5)),
    "curve": ("ed", replaced("curve", "rows", value=[])),
    "recent": ("ed", replaced("curve", "recent", value=[])),
    "budget": ("budget", replaced("budget", "steps", value=STEPS.steps)),
    "best": ("patience", replaced("selection", value={"weights": None, "step": 0, "value": float("inf"), "waited": 0})),
    "buffer": ("buffer", zeroed("loss", "chains")),
    "partition": ("kale_f", zeroed("loss", "log_partition")),
    "schedule": ("trained base", replaced("alternation", "steps", value=1)),
    "chains": ("matched", zeroed("matching", "persistent_chains", "z")),
    "step size": ("matched", replaced("matching", "persistent_chains", "step_size", value=torch.tensor(1e-3).double())),
    "covariance": ("matched", lambda state: state["matching"]["covariance"]["value"].mul_(2.0)),
    "gain": ("matched", replaced("matching", "steps", value=0)),
    "equations": ("closed form", zeroed("matching", "gram")),
    "pool": ("pool", zeroed("pool", "x")),
}


@pytest.mark.parametrize("name", LOST)
def test_every_entry_of_a_state_matters(name, tmp_path):
    case, lose = LOST[name]
    assert not same(resumed(CASES[case], tmp_path / "resume-0.pt", lose), undisturbed(CASES[case]))
