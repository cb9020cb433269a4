"""The end of a line that refuses a name: the closest allowed names, then all."""

import pytest

from ebmbench.core.errors import UserError, allowed_names


@pytest.mark.parametrize(
    ("name", "allowed", "ending"),
    [
        ("eds", ["cd", "dsm", "ed", "ml"], "did you mean ed? allowed: cd, dsm, ed, ml"),
        ("kale", ["ed", "kale_dv", "kale_f"], "did you mean kale_f or kale_dv? allowed: ed, kale_dv, kale_f"),
        # the case of letters does not count
        ("ED", ["ed", "ml"], "did you mean ed? allowed: ed, ml"),
        ("moon", {"moons": {}, "rings": {}}, "did you mean moons? allowed: moons, rings"),
        ("zzz", ["ed", "ml"], "allowed: ed, ml"),
        # at most three, and none that is much less close
        ("set1", ["set2", "set3", "set4", "set5", "sat"], "did you mean set2 or set3 or set4? allowed: set2, "),
        # names need not be text
        (7, [17, 1], "did you mean 17? allowed: 17, 1"),
    ],
)
def test_the_closest_names_are_suggested_before_all(name, allowed, ending):
    assert allowed_names(name, allowed).startswith(ending)


def test_an_empty_list_and_its_label_are_said_in_words():
    assert allowed_names("t", []) == "allowed: none"
    assert allowed_names("t", [], "no settings") == "allowed: no settings"
    assert allowed_names("Age", ["age"], label="found") == "did you mean age? found: age"


def test_a_line_end_in_a_name_stays_in_the_line():
    assert "\n" not in str(UserError(allowed_names("e\nd", ["ed", "e\nd2"])))
