"""Choice of the parts of a training run: the only place that looks at the kind of model, loss and method."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from torch import nn

from ebmbench.core.precision import computing
from ebmbench.core.state import Stateful
from ebmbench.models.distributions.decoder import LatentVariableModel
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.distributions.pool import Pool
from ebmbench.models.interface import Model
from ebmbench.training import schedule
from ebmbench.training.budget import step_budget
from ebmbench.training.compilation import compile_networks, is_worth_compiling
from ebmbench.training.cost_tracker import CostTracker
from ebmbench.training.curve import Curve
from ebmbench.training.job import TrainingJob
from ebmbench.training.losses.interface import Loss, ParametrisedLoss, StatefulLoss
from ebmbench.training.model_selection import (
    BestModel,
    LastModel,
    ModelSelection,
    by_likelihood,
    importance_sampling_nll,
)
from ebmbench.training.moment_matching.interface import MatchingState
from ebmbench.training.moving_average import MovingAverage
from ebmbench.training.optimizer import Optimizer
from ebmbench.training.run import TrainingRun
from ebmbench.training.steps.alternating import (
    AlternatingSchedule,
    AlternatingStep,
    base_loss,
    trainable_base_parameters,
)
from ebmbench.training.steps.interface import Autocast, BatchLoss, LossFunction, TrainingStep
from ebmbench.training.steps.latent import LatentLoss, LatentValidation
from ebmbench.training.steps.matched import MatchedStep
from ebmbench.training.steps.penalised import PenalisedLoss
from ebmbench.training.steps.plain import ModelLoss, PlainStep, RecordedStep
from ebmbench.training.validation import VALIDATION_SAMPLES, Validation


class Optimizers(NamedTuple):
    """Optimizers of the energy, of a trainable base and of a decoder; the last two may have no parameters."""

    energy: Optimizer
    base: Optimizer
    decoder: Optimizer


def create_run(job: TrainingJob) -> TrainingRun:
    """Return the run of ``job`` before its first step.

    Preparation may draw from the job's streams: chains of a stateful loss, the pool, chains of moment matching.
    """
    settings, costs, curve = job.settings, CostTracker(), Curve()
    loss, pool = _with_state(job, costs), _draw_pool(job, costs)
    average = MovingAverage(job.model, settings.ema)
    if is_worth_compiling(settings, job.loss, job.data[0].device):
        compile_networks(job.model)
    matching = _matching(job)
    optimizers = _optimizers(average.parameters, job, loss, matching)
    alternation = AlternatingSchedule(settings.base_first, settings.base_every)
    energy_step = RecordedStep(_energy_step(job, loss, matching, optimizers, costs), curve)
    budget, validation = step_budget(settings.steps, settings.evaluations), _validation(job)
    selection = _selection(job, average.model, validation)
    components = {
        **{"streams": job.streams, "model": job.model, "average": average.model, "costs": costs, "curve": curve},
        **{f"{name}_optimizer": optimizer for name, optimizer in optimizers._asdict().items()},
        **{"alternation": alternation, "budget": budget, "selection": selection},
        **{"loss": loss if isinstance(job.loss, StatefulLoss) else None, "pool": pool, "matching": matching},
    }
    return TrainingRun(
        job=job,
        step=_alternating(job, energy_step, optimizers.base, alternation),
        schedule=schedule.cosine if settings.anneal else schedule.constant,
        budget=budget,
        average=average,
        validation=validation,
        selection=selection,
        costs=costs,
        curve=curve,
        components={name: _stateful(part) for name, part in components.items() if part is not None},
    )


def _stateful(part: Stateful) -> Stateful:
    """Refuse a plug-in's object without ``state_dict``: after a kill it would silently start from a new state."""
    if not isinstance(part, Stateful):
        raise TypeError(f"{type(part).__name__} changes during training and needs state_dict and load_state_dict")
    return part


def _with_state(job: TrainingJob, costs: CostTracker) -> Loss:
    """Return the loss, with its state for this run if it has one: on latents for a latent-variable model."""
    if not isinstance(job.loss, StatefulLoss):
        return job.loss
    x, noise = job.data[0], job.streams.noise
    if isinstance(job.model, LatentVariableModel):
        subject = job.model.subject(x[:VALIDATION_SAMPLES], noise)
        costs.spend(subject.cost)
        x = subject.rows
    return job.loss.with_state(x, noise)


def _draw_pool(job: TrainingJob, costs: CostTracker) -> Pool | None:
    """Draw the pool of samples of a frozen base, if the settings ask for one; its time counts as training."""
    model, size = job.model, job.settings.base_pool
    if size is None or not isinstance(model, Generalized) or trainable_base_parameters(model):
        return None
    with costs.running():
        model.pool = Pool(model.base, size, job.streams.noise)
    return model.pool


def _matching(job: TrainingJob) -> MatchingState | None:
    """Return the state of moment matching during training, if the model has statistics and the method has a state."""
    if not isinstance(job.model, Generalized) or not len(job.model.eta):
        return None
    return job.matching_method.matching(job.loss, job.model, job.data[0], job.streams.matching)


def _optimizers(
    trained: list[nn.Parameter], job: TrainingJob, loss: Loss, matching: MatchingState | None
) -> Optimizers:
    """Divide the trained parameters between the optimizers; the loss's own go with the energy's."""
    base = trainable_base_parameters(job.model)
    decoder = job.model.decoding() if isinstance(job.model, LatentVariableModel) else []
    matched = [] if matching is None else matching.owned
    others = {id(parameter) for parameter in [*base, *matched, *decoder]}
    energy = [parameter for parameter in trained if id(parameter) not in others]
    if isinstance(loss, ParametrisedLoss):
        energy += loss.parameters()
    settings = job.settings
    rate, base_rate = settings.learning_rate, settings.base_learning_rate or settings.learning_rate
    adam = (settings.momentum, settings.weight_decay, settings.clip)
    return Optimizers(
        Optimizer(energy, rate, *adam), Optimizer(base, base_rate, *adam), Optimizer(decoder, base_rate, *adam)
    )


def _energy_step(
    job: TrainingJob, loss: Loss, matching: MatchingState | None, optimizers: Optimizers, costs: CostTracker
) -> TrainingStep:
    """Return the step that trains the energy, and with it a decoder and natural parameters."""
    model, streams, settings = job.model, job.streams, job.settings
    function: LossFunction = loss
    if settings.gradient_penalty:
        function = PenalisedLoss(loss, settings.gradient_penalty, settings.penalty_every, costs)
    batch_loss = _batch_loss(job, function, optimizers.decoder)
    if matching is None or not isinstance(model, Generalized):
        return PlainStep(batch_loss, optimizers.energy)
    return MatchedStep(batch_loss, optimizers.energy, matching, model, streams.matching, _autocast(job))


def _batch_loss(job: TrainingJob, loss: LossFunction, decoder: Optimizer) -> BatchLoss:
    if isinstance(job.model, LatentVariableModel):
        return LatentLoss(loss, job.model, job.streams.noise, _autocast(job), decoder)
    return ModelLoss(loss, job.model, job.streams.noise, _autocast(job))


def _alternating(
    job: TrainingJob, energy: TrainingStep, optimizer: Optimizer, alternation: AlternatingSchedule
) -> TrainingStep:
    """Return ``energy``, alternating with steps of the base if that has parameters to train."""
    if not optimizer.parameters:
        return energy
    loss = ModelLoss(partial(base_loss, job.loss), job.model, job.streams.noise, _autocast(job))
    return AlternatingStep(energy, PlainStep(loss, optimizer), alternation)


def _autocast(job: TrainingJob) -> Autocast:
    return partial(computing, job.settings.precision, job.data[0].device)


def _validation(job: TrainingJob) -> Validation:
    kind = LatentValidation if isinstance(job.model, LatentVariableModel) else Validation
    return kind(job.loss, job.data[1], job.streams.validation)


def _selection(job: TrainingJob, average: Model, validation: Validation) -> ModelSelection:
    """Choose by likelihood where there is one, else by a comparable validation loss, else keep the last model."""
    patience = job.settings.patience
    if patience is None:
        return LastModel()
    if by_likelihood(job.loss, average):
        return BestModel(patience, lambda model, _: importance_sampling_nll(model, validation.x, validation.stream()))
    alone = not trainable_base_parameters(job.model) and not isinstance(job.model, LatentVariableModel)
    if job.loss.comparable and alone:
        return BestModel(patience, lambda _, validation_loss: validation_loss)
    return LastModel()
