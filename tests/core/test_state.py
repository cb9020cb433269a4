"""State dictionaries of objects by the names of their attributes."""

import io

import pytest
import torch
from torch import nn

from ebmbench.core.state import NamedState, Stateful


class Counter(NamedState):
    state_names = ("count",)

    def __init__(self):
        self.count = 0


class Mixed(NamedState):
    state_names = ("weight", "chains", "counter", "history")

    def __init__(self):
        self.weight, self.chains = nn.Parameter(torch.zeros(2)), torch.zeros(3)
        self.counter, self.history, self.fixed = Counter(), [], "settings"


def changed():
    mixed = Mixed()
    mixed.weight.data.fill_(1.0)
    mixed.chains, mixed.counter.count, mixed.history = torch.arange(3.0), 7, [{"loss": 0.1}]
    return mixed


def test_a_state_comes_back_through_a_file_that_holds_no_code():
    buffer, restored = io.BytesIO(), Mixed()
    torch.save(changed().state_dict(), buffer)
    buffer.seek(0)
    weight = restored.weight
    restored.load_state_dict(torch.load(buffer, weights_only=True))
    # optimizers hold the parameter itself
    assert restored.weight is weight and weight.requires_grad and torch.equal(weight, torch.ones(2))
    assert torch.equal(restored.chains, torch.arange(3.0))
    assert restored.counter.count == 7 and restored.history == [{"loss": 0.1}]
    assert "fixed" not in restored.state_dict()


def test_a_state_that_lacks_an_entry_is_refused():
    state = changed().state_dict()
    del state["chains"]
    with pytest.raises(KeyError, match="chains"):
        Mixed().load_state_dict(state)


def test_modules_and_named_states_are_stateful_and_others_are_not():
    assert isinstance(nn.Linear(1, 1), Stateful) and isinstance(Counter(), Stateful)
    assert not isinstance(object(), Stateful)
