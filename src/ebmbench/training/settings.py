"""How a model is trained."""

from __future__ import annotations

from dataclasses import dataclass

from ebmbench.core.precision import PRECISIONS


@dataclass(frozen=True)
class TrainSettings:
    """Adam, an exponential moving average of the weights, checkpoints.

    ``steps`` updates on batches of ``batch_size`` rows drawn with replacement; ``anneal``: the learning rate falls
    to 0 along a cosine, else it stands still; ``ema`` decay (warmed up);
    ``clip`` bound on the gradient's norm; ``checkpoints`` evenly spaced evaluations; ``patience``
    checkpoints without a better validation loss after which training stops and the best is kept, which may be the
    model before the first step (only for a loss whose values are comparable; by the likelihood for losses relative to
    a base measure with a density, :mod:`~ebmbench.training.model_selection`; never where rows are latents that the
    model itself infers); ``max_seconds`` of training, after which the status is timeout. ``evaluations``: a budget of
    energies and gradients in x, counted alike, that takes the place of ``steps``: as many updates as it pays for at the
    cost of the second, for a loss may prepare itself in the first. ``gradient_penalty``: what
    :func:`~ebmbench.training.losses.gradient_penalty.gradient_penalty` times it adds to any loss, at each step or
    ``penalty_every`` times as much at each of so many (lazy regularisation, Karras et al. 2020). ``base_pool``: how
    many draws of a base measure that stands still are made before training, for batches to take theirs from with
    replacement; None: each batch has new ones, as where the base moves. ``momentum``: Adam's beta_1. Where a model's
    base measure is trained beside its energy, steps of the base, of rate ``base_learning_rate`` or the energy's,
    alternate with ``base_every`` of the energy, at first with ``base_first``
    (:class:`~ebmbench.training.alternating.Turns`). A decoder that follows what it decodes has that rate, too.
    ``precision`` of networks within a step, ``float32`` or ``bfloat16``; weights, their moments and average, statistics
    and all that is measured stay as they are (:mod:`~ebmbench.core.precision`). ``save_minutes`` of wall clock after
    which a run is saved again, to go on from there (:mod:`~ebmbench.training.resume`); saving is no time of training.
    """

    steps: int = 3000
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.0
    anneal: bool = True
    ema: float = 0.999
    clip: float | None = None
    checkpoints: int = 12
    patience: int | None = None
    max_seconds: float | None = None
    evaluations: int | None = None
    gradient_penalty: float = 0.0
    penalty_every: int = 1
    momentum: float = 0.9
    base_first: int = 100
    base_every: int = 5
    base_learning_rate: float | None = None
    base_pool: int | None = None
    precision: str = "float32"
    save_minutes: float = 10.0

    def __post_init__(self) -> None:
        if min(self.steps, self.batch_size, self.checkpoints) < 1:
            raise ValueError("steps, batch_size and checkpoints must be 1 or more")
        if self.evaluations is not None and self.evaluations < 1:
            raise ValueError("evaluations must be 1 or more")
        if self.learning_rate <= 0 or not 0 <= self.ema < 1 or self.gradient_penalty < 0:
            raise ValueError("learning_rate must be above 0, ema in [0, 1), gradient_penalty 0 or more")
        if not 0 <= self.momentum < 1 or min(self.base_first, self.base_every, self.penalty_every) < 1:
            raise ValueError("momentum must be in [0, 1), base_first, base_every and penalty_every 1 or more")
        if self.base_learning_rate is not None and self.base_learning_rate <= 0:
            raise ValueError("base_learning_rate must be above 0")
        if self.base_pool is not None and self.base_pool < 1:
            raise ValueError("base_pool must be 1 or more")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision = {self.precision!r}; allowed: {', '.join(PRECISIONS)}")
        if self.save_minutes <= 0:
            raise ValueError("save_minutes must be above 0")
