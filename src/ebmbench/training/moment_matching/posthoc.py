"""Natural parameters found once the model is finished."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PostHoc"]


@dataclass(frozen=True)
class PostHoc:
    """eta that gives a finished model the train rows' means of T: p* = p exp <eta, T> / Z nearest to p in KL(p* || p).

    The trained run is that of the entry ``run`` of the statistics' axis, one without statistics, of any family with a
    density or a base measure. Where the likelihood is a quadrature, eta is exact; elsewhere ``draws`` of the model are
    tilted in up to ``rounds`` rounds, the last of which only looks (:func:`ebmbench.training.moment_solver.settle`).
    ``slack``: how far from the rows' means the model's may stay, in their sampling errors
    (:class:`ebmbench.training.moment_solver.Budget`); 0 asks for the rows' own.
    """

    set: str = "moments"
    run: str = "none"
    draws: int = 20_000
    rounds: int = 10
    slack: float = 0.0

    def __post_init__(self) -> None:
        if self.draws < 1 or self.rounds < 2 or self.slack < 0:
            raise ValueError("draws must be 1 or more, rounds 2 or more, slack 0 or more")
