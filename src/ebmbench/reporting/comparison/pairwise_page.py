"""The comparison of all methods of a data set for a reader: what cannot be separated in words, best against others."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.columns import heading
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.pairwise import Comparison, DatasetComparisons, Outcome
from ebmbench.reporting.comparison.ranking import Method
from ebmbench.reporting.number_text import interval_text, number_text

#: names that a sentence lists at most, so that forty methods remain readable
MOST = 8


def headline(of: DatasetComparisons) -> str:
    """Say in words which methods cannot be separated from the best one, and how the others compare with it."""
    pairs, best = of.with_best, method_label(*of.with_best[0].method)
    sentences = {
        Outcome.TIED: _tied,
        Outcome.BETTER: lambda found: f"{best} is better than {_counted(len(found), len(pairs))}.",
        Outcome.WORSE: lambda found: f"Better than {best}: {_listed([pair.other for pair in found])}.",
        Outcome.BETTER_BUT_FAILED: lambda found: (
            f"{best} failed on seeds where these did not, and is therefore not better than "
            f"{_listed([pair.other for pair in found])}."
        ),
        Outcome.WORSE_BUT_FAILED: lambda found: (
            f"Better than {best} on shared seeds, but failed on others: {_listed([pair.other for pair in found])}."
        ),
        Outcome.UNTESTED: lambda found: (
            f"Too few shared seeds to compare with {best}: {_listed([pair.other for pair in found])}."
        ),
    }
    groups = {outcome: [pair for pair in pairs if pair.outcome is outcome] for outcome in sentences}
    return " ".join(sentences[outcome](found) for outcome, found in groups.items() if found)


def section_caption(of: DatasetComparisons) -> str:
    """Name the best method and the metric, and count the pairs by how they ended."""
    outcomes = [pair.outcome for pair in of.pairs]
    tied, untested = outcomes.count(Outcome.TIED), outcomes.count(Outcome.UNTESTED)
    blocked = outcomes.count(Outcome.BETTER_BUT_FAILED) + outcomes.count(Outcome.WORSE_BUT_FAILED)
    counts = {
        "separated": len(outcomes) - tied - untested - blocked,
        "not separated": tied,
        "undecided because of failures": blocked,
        "with too few shared seeds": untested,
    }
    ended = ", ".join(f"{count} {words}" for words, count in counts.items() if count)
    split = "" if of.column.split == "exact" else f" of the {of.column.split} split"
    return (
        f"The best method, {method_label(*of.pairs[0].method)}, against every other by {heading(of.column)}{split}; "
        f"{described(of.column.metric).direction} is better. Of all {len(outcomes)} pairs: {ended}."
    )


def with_best_page(of: DatasetComparisons) -> pd.DataFrame:
    """Format the pairs of the best method with the others: one row per other method, by their means."""
    return pd.DataFrame([_shown(pair) for pair in of.with_best])


def _shown(pair: Comparison) -> dict[str, str | int]:
    half = pair.gain.ci_high - pair.gain.mean
    return {
        "method": method_label(*pair.other),
        "worse than the best by": interval_text(pair.gain.mean, half) if pair.gain.pairs else "—",
        "shared seeds": pair.gain.pairs,
        "failed": pair.failed_other,
        "best failed": pair.failed,
        "both failed": pair.failed_both,
        "p": _short(pair.gain.p),
        "p (Holm)": _short(pair.p_holm),
        "verdict": pair.verdict,
    }


def _short(p: float) -> str:
    return "" if math.isnan(p) else number_text(p, 2)


def _tied(found: Sequence[Comparison]) -> str:
    few, many = min(pair.gain.pairs for pair in found), max(pair.gain.pairs for pair in found)
    seeds, best = f"{few}" if few == many else f"{few} to {many}", method_label(*found[0].method)
    return f"{_listed([pair.other for pair in found])}: {seeds} seeds cannot separate these from the best, {best}."


def _counted(count: int, total: int) -> str:
    if count < total:
        return f"{count} of {total} others"
    return {1: "the other method", 2: "both others"}.get(total, f"all {total} others")


def _listed(methods: Sequence[Method]) -> str:
    """Join names as in ``a, b and c``; of more than :data:`MOST`, name the first and count the rest."""
    names = [method_label(*method) for method in methods]
    if len(names) > MOST:
        names = [*names[: MOST - 1], f"{len(names) - MOST + 1} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
