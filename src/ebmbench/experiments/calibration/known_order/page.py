"""The readers' page of the rates, and what its figure shows."""

from __future__ import annotations

import pandas as pd

from ebmbench.experiments.calibration.known_order import rules
from ebmbench.experiments.calibration.known_order.measured import METRICS
from ebmbench.experiments.calibration.known_order.study import SEEDS
from ebmbench.reporting.comparison.readers_table import BOLD
from ebmbench.reporting.figures.known_order import Curves
from ebmbench.reporting.markdown import markdown

_SEEDS = " / ".join(map(str, SEEDS))

ABOUT = f"""How often the benchmark's rules decide wrongly, and how often they find a difference (power), about methods
of known order: densities disturbed so that their KL divergence to the data is known, scored and tabulated as every
other method. Each field holds the rates with {_SEEDS} seeds. Factor: KL of the worse method over that of the better
one. Wrong decisions with factor 1 are about two equally good methods, those without a factor about any pair or claim
of a table. Stated: the rule's own level, the largest rate of wrong decisions; for the equivalence test of moments also
the smallest power that is asked for. Bold: the stated level is not kept, by more than two standard errors of the rate;
known_order.csv holds these errors and the numbers of repetitions."""

_ORACLES = """Oracles whose moments are tilted by a known distance, through the equivalence test of moments. Factor: the
tilt in margins of the test. plane: sizes of the committed runs in two dimensions; redwine: those of the smallest table,
whose rows are too few to tell."""

#: panels of the figure: the rules that give the rates with factor 1 and with larger ones
CURVES = (
    Curves("tied group", rules.BEST_LEFT_OUT.name, rules.WORSE_LEFT_OUT.name),
    Curves("paired differences", rules.PAIR_OF_EQUALS.name, rules.PAIR_FOUND.name),
    Curves("claims over all data sets", rules.CLAIM_OF_NOTHING.name, rules.CLAIM_HELD.name),
)


def page(table: pd.DataFrame) -> str:
    """Return the page: a table of the rules that compare methods, and one of the equivalence test."""
    compares = table["metric"].isin(list(METRICS))
    first = markdown("Methods of known order", ABOUT, _shown(table[compares]))
    return f"{first}\n{markdown('Tilted oracles', _ORACLES, _shown(table[~compares])).replace('# ', '## ', 1)}"


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per rule and factor, one column per metric; a field holds the rates at all numbers of seeds."""
    rows = []
    for (rule, kind, factor), of in table.groupby(["rule", "kind", "factor"], sort=False, dropna=False):
        level = of["level"].iloc[0]
        head = {"rule": rule, "kind": kind, "factor": "" if pd.isna(factor) else f"{factor:g}"}
        head["stated"] = "" if pd.isna(level) else f"{level:g}"
        rows.append(head | {metric: _field(each) for metric, each in of.groupby("metric", sort=False)})
    columns = ["rule", "kind", "factor", "stated", *dict.fromkeys(table["metric"])]
    return pd.DataFrame(rows, columns=columns).fillna("")


def _field(of: pd.DataFrame) -> str:
    of = of.sort_values("seeds")
    pairs = zip(of["rate"], of["kept"], strict=True)
    return " / ".join(f"{BOLD}{rate:.3f}{BOLD}" if kept == "no" else f"{rate:.3f}" for rate, kept in pairs)
