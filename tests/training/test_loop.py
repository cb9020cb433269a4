"""The training loop: budget, divergence, time-out, early stopping, averaging, reproducibility."""

import dataclasses
import time

import pytest
import torch
from torch import nn

from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.loop import train
from ebmbench.training.losses.ed import EnergyDiscrepancy
from ebmbench.training.losses.interface import LossOutput
from ebmbench.training.losses.ml import MaximumLikelihood
from ebmbench.training.settings import TrainSettings
from tests.helpers.targets import Precision, generator


def rows(n=2000):
    return torch.randn(n, 1, generator=generator(1), dtype=torch.float64)


def run(model, loss, settings, monitor=lambda model: {}, report=lambda *a: None):
    streams = Streams(generator(2), generator(3), 4, generator(9))
    return train(TrainingJob(model, loss, (rows(), rows(500)), settings, streams, monitor, report))


def test_maximum_likelihood_finds_the_precision():
    outcome = run(Precision(3.0), MaximumLikelihood(), TrainSettings(steps=600, learning_rate=0.05, ema=0.9))
    assert outcome.status == "ok"
    assert float(outcome.model.value.detach()) == pytest.approx(1 / float(rows().square().mean()), abs=0.03)


def test_budget_checkpoints_and_cost_are_as_set():
    outcome = run(Precision(1.0), EnergyDiscrepancy(M=4), TrainSettings(steps=50, batch_size=10, checkpoints=5))
    assert [row["step"] for row in outcome.curve] == [10, 20, 30, 40, 50]
    assert outcome.costs.energy_evaluations == 50 * 10 * 5
    assert outcome.costs.gradient_evaluations == 0
    assert 0 < outcome.curve[0]["seconds"] <= outcome.curve[-1]["seconds"] <= outcome.costs.seconds + 1e-3


def test_an_unbounded_loss_is_a_result_called_diverged():
    settings = TrainSettings(steps=5000, learning_rate=1000.0)
    outcome = run(Precision(1.0), EnergyDiscrepancy(M=1, w=0.0), settings)
    assert outcome.status == "diverged"
    assert "at step" in outcome.reason
    assert outcome.costs.step < 5000


def test_not_a_number_is_diverged():
    @dataclasses.dataclass(frozen=True)
    class Nan:
        comparable = False

        def __call__(self, model, x, generator):
            return LossOutput(model.energy(x).mean() * torch.nan, {}, len(x))

    assert run(Precision(1.0), Nan(), TrainSettings(steps=5)).status == "diverged"


@dataclasses.dataclass(frozen=True)
class ExplodesOnce:
    """A loss that is too large in one step of batches of ten alone, and small before and after it."""

    step: int
    seen: list = dataclasses.field(default_factory=list)
    comparable = False

    def __call__(self, model, x, generator):
        self.seen.append(len(x))
        exploded = len(x) == 10 and self.seen.count(10) == self.step
        return LossOutput(model.energy(x).mean() * 0 + (1e9 if exploded else 0.0), {}, len(x))


@pytest.mark.parametrize(
    ("bad", "checkpoints", "noticed", "rows"),
    [(5, 5, 10, 0), (10, 5, 10, 0), (11, 5, 20, 1), (3, 1, 16, 0), (17, 1, 32, 0)],
)
def test_the_first_step_that_diverged_is_named_whenever_losses_are_read(bad, checkpoints, noticed, rows):
    """Losses are read at checkpoints, and after 16 steps where there is none before."""
    found = run(Precision(1.0), ExplodesOnce(bad), TrainSettings(steps=50, batch_size=10, checkpoints=checkpoints))
    assert (found.status, found.reason) == ("diverged", f"the loss was 1e+09 at step {bad}")
    assert found.costs.step == noticed and len(found.curve) == rows


def test_timeout_is_a_status():
    outcome = run(Precision(1.0), EnergyDiscrepancy(), TrainSettings(steps=100_000, max_seconds=0.05))
    assert outcome.status == "timeout"
    assert outcome.costs.step < 100_000


def test_seconds_at_checkpoints_are_counted_separately():
    settings = TrainSettings(steps=20, checkpoints=4)
    outcome = run(Precision(1.0), EnergyDiscrepancy(), settings, lambda model: time.sleep(0.2) or {})
    assert 0.8 <= outcome.costs.checkpoint_seconds < 1.6
    assert outcome.costs.seconds < 0.8


@dataclasses.dataclass(frozen=True)
class Pulled:
    """Training increases the parameter without end; the validation value is least at ``best``."""

    best: float
    comparable = True

    def __call__(self, model, x, generator):
        return LossOutput((model.value - self.best).square() if len(x) == 500 else -model.value, {}, 1)


PATIENT = TrainSettings(steps=1000, learning_rate=0.01, ema=0.0, checkpoints=100, patience=3)


def test_patience_keeps_the_best_and_stops():
    outcome = run(Precision(1.0), Pulled(1.5), PATIENT)
    assert float(outcome.model.value) == pytest.approx(1.5, abs=0.06)
    assert outcome.selected_step == pytest.approx(50, abs=5) and outcome.selected_step < outcome.costs.step < 200
    # without patience the last model is kept
    last = run(Precision(1.0), Pulled(1.5), dataclasses.replace(PATIENT, patience=None))
    assert float(last.model.value) > 3 and last.selected_step == last.costs.step == 1000


def test_a_model_that_overfits_early_in_a_long_run_is_found_by_geometric_checkpoints():
    long = dataclasses.replace(PATIENT, steps=5000, checkpoints=20, patience=5)
    # the best is after 50 steps, the first of even checkpoints after 250
    even, geometric = (
        run(Precision(1.0), Pulled(1.5), dataclasses.replace(long, checkpoint_spacing=spacing))
        for spacing in ("even", "geometric")
    )
    assert even.selected_step == 0 and float(even.model.value) == 1.0
    assert 40 < geometric.selected_step < 60 and float(geometric.model.value) == pytest.approx(1.5, abs=0.1)


def test_a_model_that_training_makes_worse_from_the_first_step_is_returned_unchanged():
    outcome = run(Precision(1.0), Pulled(1.0), PATIENT)
    assert float(outcome.model.value) == 1.0
    assert (outcome.selected_step, outcome.costs.step) == (0, 30)
    assert [row["step"] for row in outcome.curve] == [10, 20, 30]


def test_the_average_lags_the_parameters_by_its_decay():
    @dataclasses.dataclass(frozen=True)
    class Pull:
        comparable = False

        def __call__(self, model, x, generator):
            return LossOutput(-model.value, {}, 1)

    seen = []
    settings = TrainSettings(steps=40, ema=0.5, checkpoints=40, learning_rate=0.1)
    model = Precision(0.0)
    run(model, Pull(), settings, report=lambda *_: seen.append(float(model.value.detach())))
    average, expected = 0.0, []
    for step, value in enumerate(seen, start=1):
        average += (1 - min(0.5, step / (10 + step))) * (value - average)
        expected.append(average)
    outcome = run(Precision(0.0), Pull(), settings, monitor=lambda m: {"kl": float(m.value)})
    assert [row["kl"] for row in outcome.curve] == pytest.approx(expected, abs=1e-12)


def test_same_streams_same_model():
    settings = TrainSettings(steps=30)
    one, two = (run(Precision(2.0), EnergyDiscrepancy(), settings).model for _ in range(2))
    assert torch.equal(one.value, two.value)


def test_a_model_without_parameters_is_not_trained():
    class Fixed(nn.Module):
        pass

    outcome = run(Fixed(), EnergyDiscrepancy(), TrainSettings(), monitor=lambda model: {"kl": 0.5})
    assert (outcome.status, outcome.costs.step) == ("ok", 0)
    assert outcome.curve == [{"step": 0, "seconds": 0.0, "energy_evaluations": 0, "gradient_evaluations": 0, "kl": 0.5}]


@pytest.mark.parametrize("settings", [{"steps": 0}, {"learning_rate": 0.0}, {"ema": 1.0}])
def test_impossible_settings_are_refused(settings):
    with pytest.raises(ValueError, match="; allowed: "):
        TrainSettings(**settings)


def test_a_budget_of_evaluations_replaces_steps():
    seen = []
    settings = TrainSettings(steps=9, batch_size=10, checkpoints=4, evaluations=2025)
    outcome = run(
        Precision(1.0), EnergyDiscrepancy(M=4), settings, report=lambda step, steps, facts: seen.append(steps)
    )
    # 50 energies a step
    assert outcome.costs.step == 40
    assert outcome.costs.energy_evaluations <= 2025
    assert [row["step"] for row in outcome.curve] == [10, 20, 30, 40]
    assert set(seen) == {40}


def test_a_budget_counts_gradients_too():
    from ebmbench.training.losses.sm import ScoreMatching

    settings = TrainSettings(batch_size=10, checkpoints=1, evaluations=300)
    # 10 energies and 20 gradients a step in one dimension
    assert run(Precision(1.0), ScoreMatching(), settings).costs.step == 10


def test_an_impossible_budget_is_refused():
    with pytest.raises(ValueError, match="evaluations = 0; allowed: 1 or more"):
        TrainSettings(evaluations=0)


@pytest.mark.parametrize(("anneal", "last"), [(True, 0.0), (False, 1.0)])
def test_the_learning_rate_falls_to_zero_or_is_constant(anneal, last):
    @dataclasses.dataclass(frozen=True)
    class Pull:
        comparable = False

        def __call__(self, model, x, generator):
            return LossOutput(model.value.sum(), {}, len(x))

    # Adam's steps on a constant slope are the learning rate itself
    model, seen = Precision(5.0), [5.0]
    settings = TrainSettings(steps=100, learning_rate=0.01, anneal=anneal, checkpoints=100)
    run(model, Pull(), settings, lambda _: seen.append(float(model.value.detach())) or {})
    assert (seen[-2] - seen[-1]) / 0.01 == pytest.approx(last, abs=0.01)
    assert (seen[0] - seen[1]) / 0.01 == pytest.approx(1.0, abs=0.01)
