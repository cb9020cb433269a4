"""State of objects as dictionaries of tensors, numbers and strings, as in ``torch.nn.Module.state_dict``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

from torch import nn


@runtime_checkable
class Stateful(Protocol):
    """An object whose state can be saved and restored; every ``torch.nn.Module`` is one."""

    def state_dict(self) -> dict[str, Any]:
        """Return the state: tensors, numbers, strings, None, and lists and dictionaries of these."""
        ...

    def load_state_dict(self, state: Mapping[str, Any]) -> Any:
        """Restore a state that an equally constructed object returned."""
        ...


class NamedState:
    """Mixin: the state of an object consists of the attributes that ``state_names`` lists.

    An attribute may be stateful itself. A parameter is restored in place: optimizers keep their reference to it.
    """

    state_names: ClassVar[tuple[str, ...]]

    def state_dict(self) -> dict[str, Any]:
        """Return the attributes by name; tensors are not copied."""
        return {name: _state_of(getattr(self, name)) for name in self.state_names}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the attributes; raises ``KeyError`` if one is missing."""
        for name in self.state_names:
            current = getattr(self, name)
            if isinstance(current, Stateful):
                current.load_state_dict(state[name])
            elif isinstance(current, nn.Parameter):
                current.data.copy_(state[name])
            else:
                setattr(self, name, state[name])


def _state_of(value: Any) -> Any:
    if isinstance(value, nn.Parameter):
        return value.detach()
    return value.state_dict() if isinstance(value, Stateful) else value
