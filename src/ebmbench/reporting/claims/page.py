"""The page of claims: a table of verdicts, a section per claim, and the sentence that README quotes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ebmbench.reporting.claims.verdicts import ALL, HELD, REFUTED, UNDECIDED
from ebmbench.reporting.markdown import markdown
from ebmbench.reporting.number_text import interval_text, number_text

Row = Mapping[str, Any]

#: columns of text that may be empty
_TEXTS = (
    "why",
    "would_decide",
    "distribution",
    "other_distribution",
    "other_distribution_verdict",
    "published",
    "unit",
)

_ABOUT = (
    "Claims of the three papers that committed runs can test, in our words. The unit is a training. A claim about "
    "several data sets is about their mean (random effects, Student's t between data sets) or about every one of "
    "them; a claim on one data set is tested between its trainings. The verdict is held or not held if p (Holm) "
    "is at most {level:g}, otherwise undecided. p (Holm) is corrected for all claims of this table that have a "
    "test, so that the table decides any claim wrongly with a probability of at most {level:.0%}; — marks claims "
    "that rest on one training each, which have no test. Entries count data sets, or what the section names, "
    "decided within the claim alone. Unless a grid states otherwise, the settings are ours: a claim that is not "
    "held here may hold in the paper's own setting."
)

_EACH = (
    "Effects are above 0, and ratios above 1, on the claim's side. trainings: pairs with values on both sides; lost: "
    "pairs in which a training failed, which count against the side that failed."
)


_BY_RUNG = (
    "Claims on grids that ran at several multiples of their budget, each multiple judged by itself and corrected for "
    "all claims. A claim is decided only if the verdict is the same at the two highest."
)


def sentence(found: pd.DataFrame) -> str:
    """Return the sentence that counts the verdicts of all claims, as README and docs/results/claims.md have it."""
    words = found.loc[found["on"] == ALL, "verdict"]
    held, refuted, undecided = ((words == word).sum() for word in (HELD, REFUTED, UNDECIDED))
    return (
        f"{len(words)} sentences of the papers are judged by the committed runs alone: {_are(held)} held, "
        f"{_are(refuted)} not, {_are(undecided)} undecided"
    )


def claims_page(found: pd.DataFrame, level: float, by_rung: pd.DataFrame | None = None) -> str:
    """Return the page: one row per claim, the verdicts ``by_rung`` if there are any, and a section per claim."""
    found = found.astype(dict.fromkeys(_TEXTS, object)).fillna(dict.fromkeys(_TEXTS, ""))
    together = found[found["on"] == ALL].to_dict("records")
    summary = pd.DataFrame([_summary(row) for row in together])
    sections = [_section(row, found[(found["id"] == row["id"]) & (found["on"] != ALL)]) for row in together]
    about = f"{sentence(found)}.\n\n{_ABOUT.format(level=level)}"
    rungs = [] if by_rung is None or by_rung.empty else ["#" + markdown("Verdicts by budget", _BY_RUNG, by_rung)]
    return "\n".join([markdown("Claims", about, summary), *rungs, f"## Claim by claim\n\n{_EACH}\n", *sections])


def effect_text(row: Row) -> str:
    """Return the effect of a row with its interval and unit, as a ratio if it is one of logarithms."""
    effect, low, high = (float(row[name]) for name in ("effect", "ci_low", "ci_high"))
    if math.isnan(effect):
        return "—"
    if row["scale"] == "log":
        bounds = "" if math.isnan(low) else f" ({number_text(math.exp(low), 3)} to {number_text(math.exp(high), 3)})"
        return f"factor {number_text(math.exp(effect), 3)}{bounds}"
    unit = "" if row["unit"] in ("", "1") or pd.isna(row["unit"]) else f" {row['unit']}"
    return f"{interval_text(effect, high - effect)}{unit}"


def _are(count: int) -> str:
    return f"{count} {'is' if count == 1 else 'are'}"


def _summary(row: Row) -> dict[str, object]:
    shown = {"claim": row["claim"], "verdict": row["verdict"], "effect": effect_text(row)}
    return shown | {"p": _p(row["p"]), "p (Holm)": _p(row["p_holm"]), "entries": _counts(row)}


def _counts(row: Row) -> str:
    if row["held"] + row["not_held"] + row["undecided"] == 1:
        return "one entry"
    return ", ".join(f"{row[name]} {name.replace('_', ' ')}" for name in ("held", "not_held", "undecided") if row[name])


def _p(value: float) -> str:
    if math.isnan(value):
        return "—"
    return "<.0001" if value < 1e-4 else f"{value:.2g}".removeprefix("0")


def _section(row: Row, entries: pd.DataFrame) -> str:
    facts = [
        f"{row['claim']} *{row['source']}*",
        f"**{row['verdict']}**: {_found(row)}p {_p(row['p'])}, after Holm {_p(row['p_holm'])}. {_setting(row)}",
        *(f"{head}: {row[name]}." for head, name in _FACTS.items() if row[name]),
        *_other_distribution(row),
    ]
    body = pd.DataFrame([_judged(each) for each in entries.to_dict("records")])
    lines = "\n\n".join(facts)
    return f"### {row['id']}\n\n{lines}\n\n{body.to_markdown(index=False, disable_numparse=True)}\n"


#: what a section says, where there is something to say -> its column
_FACTS = {
    "To note": "why",
    "What would decide it": "would_decide",
    "Literature, not part of the verdict": "published",
}


def _found(row: Row) -> str:
    if math.isnan(row["effect"]):
        return ""
    text = f"effect {effect_text(row)}, "
    if math.isnan(row["prediction_low"]):
        return text
    low, high = (_on_scale(row, row[name]) for name in ("prediction_low", "prediction_high"))
    return f"{text}on a new data set {low} to {high} (95 % prediction), "


def _on_scale(row: Row, value: float) -> str:
    return f"factor {number_text(math.exp(value), 3)}" if row["scale"] == "log" else number_text(value, 3)


def _setting(row: Row) -> str:
    asked = _ASKED[row["relation"]].format(margin=f"{row['margin']:g}")
    distribution = f", {row['distribution']} distribution" if row["distribution"] else ""
    table = f"results/reference/{row['grid']}/{row['table']}.csv"
    return f"Asked: {asked}, {_ESTIMANDS[row['estimand']]}{distribution}; {table}."


_ASKED = {
    "less": "less than the other side by more than {margin}",
    "greater": "greater than the other side by more than {margin}",
    "at_most": "at most {margin} above the other side (non-inferiority)",
    "within": "within {margin} of the other side",
}

_ESTIMANDS = {"mean": "on average over the entries", "every": "on every entry"}


def _other_distribution(row: Row) -> list[str]:
    if not row["other_distribution"]:
        return []
    effect = float(row["other_distribution_effect"])
    shown = "" if math.isnan(effect) else f"effect {_on_scale(row, effect)}, "
    alone = f"{row['other_distribution_verdict']} ({shown}p {_p(row['other_distribution_p'])}, tested alone)"
    return [f"For the {row['other_distribution']} distribution: {alone}."]


def _judged(row: Row) -> dict[str, object]:
    lost = f" ({row['lost']} lost)" if row["lost"] else ""
    why = f" ({row['why']})" if row["why"] else ""
    shown = {"claim": row["id"], "on": row["on"], "verdict": f"{row['verdict']}{why}", "effect": effect_text(row)}
    return shown | {"p": _p(row["p"]), "trainings": f"{row['pairs']}{lost}"}
