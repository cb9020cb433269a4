"""What may be wrong with input: any value in the place of another, bytes that are damaged or cut off."""

import copy

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ebmbench.core.errors import UserError

#: the same examples in each run
SEARCH = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 10**9)
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.text(max_size=8)
    | st.sampled_from(["ed", "none", "moons", "1e9", "../x", "0-1", ""])
)

VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)


def places(tree, path=()):
    """The paths of all entries below ``tree``."""
    steps = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, value in steps:
        yield (*path, step)
        yield from places(value, (*path, step))


@st.composite
def changed(draw, tree):
    """``tree`` with one to three of its entries replaced, removed or given a stranger beside them."""
    tree = copy.deepcopy(tree)
    for _ in range(draw(st.integers(1, 3))):
        *above, step = draw(st.sampled_from(list(places(tree))))
        holder = tree
        for name in above:
            holder = holder[name]
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "replace":
            holder[step] = draw(VALUES)
        elif change == "remove":
            del holder[step]
        elif isinstance(holder, dict):
            holder[draw(st.text(max_size=8))] = draw(VALUES)
        if not list(places(tree)):
            break
    return tree


@st.composite
def damaged(draw, content):
    """``content`` with some bytes changed, or cut off, or both."""
    found = bytearray(content)
    for place in draw(st.lists(st.integers(0, len(found) - 1), max_size=4)):
        found[place] = draw(st.integers(0, 255))
    return bytes(found[: draw(st.integers(0, len(found)))]) if draw(st.booleans()) else bytes(found)


def reported(function, *arguments, error=UserError):
    """Whether it ended well; it may otherwise only raise ``error``, whose message is one line that is not empty."""
    try:
        function(*arguments)
    except error as complaint:
        assert str(complaint).strip() and len(str(complaint).splitlines()) == 1, repr(str(complaint))
        return False
    return True


class Outcomes(list):
    """How examples ended, by what was searched; stated briefly where an example fails."""

    def __repr__(self):
        return f"{len(self)} outcomes"

    def both(self):
        """A search that only ever met one outcome has shown nothing."""
        for name in {name for name, _ in self}:
            assert {outcome for of, outcome in self if of == name} == {True, False}, name
