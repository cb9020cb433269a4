"""Settings of training: optimizer, schedule, moving average, checkpoints, early stopping, budgets, precision."""

from __future__ import annotations

from dataclasses import dataclass

from ebmbench.core.precision import PRECISIONS


@dataclass(frozen=True)
class TrainSettings:
    """Settings of Adam, its schedule, the exponential moving average of the parameters, and checkpoints.

    Optimizer: ``steps`` updates with Adam (beta_1 = ``momentum``, beta_2 = 0.999) on batches of ``batch_size`` samples,
    drawn with replacement; ``clip``: bound on the gradient's norm; ``anneal``: the learning rate falls to 0 along a
    cosine, otherwise it is constant; ``ema``: decay of the moving average (warmed up).

    Checkpoints: ``checkpoints`` evenly spaced evaluations. ``patience``: training stops after this number of
    checkpoints without a better validation loss and returns the best model, which may be the one before the first step.
    This applies only to losses with comparable values; losses relative to a base measure with a density are compared by
    likelihood (:mod:`~ebmbench.training.model_selection`); models that infer latents always keep the last.

    Budgets: ``max_seconds`` of training, after which the status is timeout. ``evaluations``: a number of energies and
    gradients in x, added up, that replaces ``steps``: as many updates as it pays for at the cost of the second, because
    a loss may prepare itself in the first.

    Regularisation: ``gradient_penalty``: factor of
    :func:`~ebmbench.training.losses.gradient_penalty.gradient_penalty`, added to any loss at each step, or
    ``penalty_every`` times as strong in every ``penalty_every``-th step (lazy regularisation, Karras et al. 2020).

    Base measure: ``base_pool``: number of samples of a frozen base, drawn once before training, from which batches are
    drawn with replacement; None: new samples for each batch, as always if the base is trained. A base that is trained
    jointly with its energy alternates with it: one step after ``base_every`` of the energy, at first after
    ``base_first`` (:class:`~ebmbench.training.steps.alternating.AlternatingSchedule`), with ``base_learning_rate`` or
    the energy's. The decoder of a model that infers latents has that rate, too.

    ``precision`` of networks within a step, ``float32`` or ``bfloat16``: parameters, their moments and average,
    statistics and all evaluations are not affected (:mod:`~ebmbench.core.precision`). ``save_minutes``: minutes of wall
    clock between saved states, from which a killed run continues (:mod:`~ebmbench.training.resume`); the time for
    saving does not count as training.
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
