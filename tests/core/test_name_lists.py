"""Names in a sentence: all of a few, the first of many."""

import pytest

from ebmbench.core.name_lists import first_names


@pytest.mark.parametrize(
    ("names", "sentence"),
    [([], ""), (["a"], "a"), (["a", "b", 3], "a, b, 3"), (["a", "b", "c", "d", "e"], "a, b, c and 2 more")],
)
def test_names_beyond_the_most_are_counted(names, sentence):
    assert first_names(names) == sentence


def test_every_name_is_named_or_counted():
    assert first_names(["a", "b", "c"], most=1) == "a and 2 more"
