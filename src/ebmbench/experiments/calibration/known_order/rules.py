"""The rules under test, and the decisions that they make about methods of known order."""

from __future__ import annotations

import math
from typing import NamedTuple

#: what a rate counts: decisions that are wrong, or differences that are found
WRONG, POWER = "wrong decision", "power"

#: probability of a wrong decision that every rule states
LEVEL = 0.05

#: fraction of matched and of clearly tilted oracles that the equivalence test should recognise
ASKED = 0.9


class Rule(NamedTuple):
    """A rule and what is counted: ``kind`` is a wrong decision, with the ``level`` that the rule states, or power.

    ``level`` is the largest rate of a wrong decision, or the smallest power that is asked for; NaN if none is.
    """

    name: str
    kind: str
    level: float = math.nan


class Decision(NamedTuple):
    """One decision of a rule: whether what the rule counts ``happened``.

    ``factor``: KL of the worse method over that of the better one, or the tilt of an oracle in margins; NaN if the
    rule counts all pairs or claims of a table together.
    """

    rule: Rule
    metric: str
    factor: float
    seeds: int
    happened: bool


#: factor of a rule that counts all pairs or claims of a table together
ALL = math.nan

BEST_LEFT_OUT = Rule("tied group: a truly best method is left out", WRONG, LEVEL)
WORSE_LEFT_OUT = Rule("tied group: a worse method is left out", POWER)
FAILING_IN_GROUP = Rule("tied group: a method that failed is in it, though the best did not", WRONG, 0.0)
PAIR_WRONG = Rule("paired differences: any pair of a table decided wrongly", WRONG, LEVEL)
PAIR_OF_EQUALS = Rule("paired differences: two equal methods separated", WRONG, LEVEL)
PAIR_FOUND = Rule("paired differences: a worse method separated from the best", POWER)
RANK_WRONG = Rule("ranks, Nemenyi: any pair decided wrongly", WRONG, LEVEL)
RANK_FOUND = Rule("ranks, Nemenyi: a worse method separated from the best", POWER)
# a posterior probability states no rate of wrong decisions
SIGNED_WRONG = Rule("ranks, Bayesian signed rank: any pair decided wrongly", WRONG)
SIGNED_FOUND = Rule("ranks, Bayesian signed rank: a worse method separated from the best", POWER)
CLAIM_WRONG = Rule("claims: any claim of a table decided wrongly", WRONG, LEVEL)
CLAIM_OF_NOTHING = Rule("claims: a claim about nothing decided", WRONG, LEVEL)
FAILING_HELD = Rule("claims: held for a side that fails more often", WRONG, LEVEL)
CLAIM_HELD = Rule("claims: a true claim held", POWER)
CALLED_MATCHED = Rule("matched: an oracle called matched", POWER, ASKED)
TILTED_MATCHED = Rule("matched: a tilted oracle called matched", WRONG, LEVEL)
ORACLE_NOT_MATCHED = Rule("matched: an oracle called not matched", WRONG, LEVEL)
TILTED_NOT_MATCHED = Rule("matched: a tilted oracle called not matched", POWER, ASKED)
TOO_FEW_ROWS = Rule("matched: called undecided, too few rows", POWER, ASKED)

#: in the order of the table
RULES = (
    *(BEST_LEFT_OUT, WORSE_LEFT_OUT, FAILING_IN_GROUP),
    *(PAIR_WRONG, PAIR_OF_EQUALS, PAIR_FOUND),
    *(RANK_WRONG, RANK_FOUND, SIGNED_WRONG, SIGNED_FOUND),
    *(CLAIM_WRONG, CLAIM_OF_NOTHING, FAILING_HELD, CLAIM_HELD),
    *(CALLED_MATCHED, ORACLE_NOT_MATCHED, TILTED_MATCHED, TILTED_NOT_MATCHED, TOO_FEW_ROWS),
)
