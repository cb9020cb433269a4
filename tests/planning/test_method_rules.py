"""A method that no rule makes is one line that names the file to add."""

import pytest

from ebmbench.planning.config import check
from ebmbench.planning.method_rules import check_rules
from tests.helpers.configurations import SCHEMA, resolved, small

CONTENT = small(
    losses={"none": {}, "ml": {}, "mine": {"kind": "ed"}},
    families={"gaussian": {}, "ebm": {}, "given": {"kind": "outside"}},
    exclude=[],
)


@pytest.mark.parametrize(
    ("lacking", "line"),
    [
        ("nothing", ""),
        ("ebm-mine-", "loss ed: no rule trains it; add workflow/rules/methods/ed.smk"),
        ("given-none-", "family outside: no rule makes it; add workflow/rules/methods/outside.smk"),
    ],
)
def test_the_first_method_without_a_rule_is_named(lacking, line):
    plan, config = resolved(CONTENT), check(CONTENT, SCHEMA)
    assert check_rules(plan, config, lambda path: lacking not in path) == line
