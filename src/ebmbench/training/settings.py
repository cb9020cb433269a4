"""Settings of training: optimizer, schedule, moving average, checkpoints, early stopping, budgets, precision."""

from __future__ import annotations

from dataclasses import dataclass

from ebmbench.core.errors import allowed_names
from ebmbench.core.precision import PRECISIONS
from ebmbench.core.ranges import NonNegativeFloat, PositiveFloat, PositiveInt, ProperFraction, check_ranges
from ebmbench.training.checkpoint_steps import SPACINGS

#: settings that name one of several ways
_ALLOWED = {"precision": PRECISIONS, "checkpoint_spacing": SPACINGS, "compile": ("never", "auto")}


@dataclass(frozen=True)
class TrainSettings:
    """Settings of Adam, its schedule, the exponential moving average of the parameters, and checkpoints.

    Optimizer: ``steps`` updates with Adam (beta_1 = ``momentum``, beta_2 = 0.999) on batches of ``batch_size`` samples,
    drawn with replacement; ``clip``: bound on the gradient's norm; ``anneal``: the learning rate falls to 0 along a
    cosine, otherwise it is constant; ``ema``: decay of the moving average (warmed up).

    Checkpoints: ``checkpoints`` evaluations, ``checkpoint_spacing`` ``even``, or ``geometric``: with a constant ratio,
    from a two-hundredth of the steps on, for models that may overfit early
    (:mod:`~ebmbench.training.checkpoint_steps`). ``patience``: training stops after this number of checkpoints without
    a better validation loss and returns the best model, which may be the one before the first step.
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

    ``compile``: ``auto`` compiles networks with ``torch.compile`` on a GPU for losses that differentiate them once
    (:mod:`~ebmbench.training.compilation`), which rounds differently; ``never`` does not.

    ``precision`` of networks within a step, ``float32`` or ``bfloat16``: parameters, their moments and average,
    statistics and all evaluations are not affected (:mod:`~ebmbench.core.precision`). ``save_minutes``: minutes of wall
    clock between saved states, from which a killed run continues (:mod:`~ebmbench.training.resume`); the time for
    saving does not count as training.
    """

    steps: PositiveInt = 3000
    batch_size: PositiveInt = 128
    learning_rate: PositiveFloat = 2e-3
    weight_decay: NonNegativeFloat = 0.0
    anneal: bool = True
    ema: ProperFraction = 0.999
    clip: PositiveFloat | None = None
    checkpoints: PositiveInt = 12
    checkpoint_spacing: str = "even"
    patience: PositiveInt | None = None
    max_seconds: PositiveFloat | None = None
    evaluations: PositiveInt | None = None
    gradient_penalty: NonNegativeFloat = 0.0
    penalty_every: PositiveInt = 1
    momentum: ProperFraction = 0.9
    base_first: PositiveInt = 100
    base_every: PositiveInt = 5
    base_learning_rate: PositiveFloat | None = None
    base_pool: PositiveInt | None = None
    compile: str = "never"
    precision: str = "float32"
    save_minutes: PositiveFloat = 10.0

    def __post_init__(self) -> None:
        check_ranges(self)
        for name, allowed in _ALLOWED.items():
            value = getattr(self, name)
            if value not in allowed:
                raise ValueError(f"{name} = {value!r}; {allowed_names(value, allowed)}")
