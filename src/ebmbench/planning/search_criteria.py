"""Criteria by which a search compares its trials. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ebmbench.core.errors import UserError

#: the criterion of a configuration without one
DEFAULT = "nll"

#: what the name of a Frechet distance begins with, before that of its extractor
_FRECHET = "fd_"

#: parts of a cell's settings by which it is sampled
OF_SAMPLES = ("sample", "sampler")

#: what names of columns with scores of trials begin with
_COLUMN = "val_"


class Criterion(NamedTuple):
    """What trials are compared by, lower is better: the metric ``name`` against validation examples.

    ``about``: what a trial's score is; ``parts``: the parts of a cell's settings that it rests on besides those of
    training; ``module``: where it is computed; ``extractor``: the features that it compares, or None; ``recorded``: its
    entry in the settings of a search, empty for the default.
    """

    name: str
    about: str
    parts: tuple[str, ...]
    module: str
    extractor: str | None
    recorded: Mapping[str, Any]

    @property
    def column(self) -> str:
        """The column of trials.csv with the scores."""
        return f"{_COLUMN}{self.name}"


LIKELIHOOD = Criterion(
    name=DEFAULT,
    about="mean negative log-likelihood of the validation samples in nats",
    parts=("likelihood",),
    module="ebmbench.evaluation.search_criteria.likelihood",
    extractor=None,
    recorded={},
)


def criterion(name: str) -> Criterion:
    """Return the criterion ``nll``, or ``fd_{extractor}``; raises :class:`UserError` for another name."""
    if name == LIKELIHOOD.name:
        return LIKELIHOOD
    extractor = name.removeprefix(_FRECHET)
    if extractor in ("", name):
        raise UserError(f"config: tuning.criterion = {name!r}; allowed: nll, or fd_ and an extractor, such as fd_cnn")
    return _frechet(extractor)


def of_search(tuning: Mapping[str, Any]) -> Criterion:
    """Return the criterion of the section ``tuning`` of a configuration or of a search's settings."""
    return criterion(tuning.get("criterion", DEFAULT))


def of_table(columns: Iterable[str]) -> Criterion:
    """Return the criterion of a table of trials by its columns, of which one is named ``val_{criterion}``."""
    (found,) = (name for name in columns if name.startswith(_COLUMN))
    return criterion(found.removeprefix(_COLUMN))


def _frechet(extractor: str) -> Criterion:
    name = f"{_FRECHET}{extractor}"
    about = f"Frechet distance of the sampler's samples to the validation images, features of {extractor},"
    module = "ebmbench.evaluation.search_criteria.frechet"
    return Criterion(name, about, OF_SAMPLES, module, extractor, {"criterion": name})
