"""A run that was killed and goes on is the run that nobody disturbed, and a file that is not its own is no state."""

import json
import time
from dataclasses import dataclass, field, replace

import pytest
import torch

from ebmbench.core import plugins
from ebmbench.models.statistics.moments import Moments
from ebmbench.training import signing
from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.loop import train
from ebmbench.training.model_selection import Best
from ebmbench.training.resume import StateFile, clear, state_path
from ebmbench.training.settings import TrainSettings
from tests.helpers.contract_models import ENERGIES, LOSSES, PEERS, built, dimensions, rows
from tests.helpers.targets import generator

STEPS = TrainSettings(steps=12, batch_size=16, checkpoints=3, learning_rate=0.01, ema=0.9)
KILLED_AFTER = 6


@dataclass(frozen=True)
class Case:
    """What is trained; with an arm, beside the moments of the rows."""

    family: str
    loss: str
    loss_settings: dict = field(default_factory=dict)
    arm: str = "none"
    arm_settings: dict = field(default_factory=dict)
    settings: TrainSettings = STEPS

    def task(self):
        dim = dimensions(self.family)[0]
        streams = Streams(generator(2), generator(3), 4, generator(9))
        model = built(self.family, dim, None if self.arm == "none" else Moments())
        loss = plugins.load("loss", self.loss, **self.loss_settings)
        arm = plugins.load("stats", self.arm, **self.arm_settings)
        monitor = lambda model: {"kl": float(sum(p.detach().double().sum() for p in model.parameters()))}  # noqa: E731
        return TrainingJob(
            model, loss, (rows(dim, 80), rows(dim, 50)), self.settings, streams, monitor, lambda *_: None, arm
        )


FAMILY_OF = {"dsm_levels": "ebm_noise", "elbo": "vae", "kale_f": "gebm_gan"}

CHAINS = {"chains": 16}

#: the base moves from the third step on; the validation loss is a likelihood, or the loss's own
TURNS = replace(STEPS, base_first=2, base_every=2)

CASES = {loss: Case(FAMILY_OF.get(loss, "ebm"), loss) for loss in [*LOSSES, *PEERS, "elbo"]} | {
    "buffer": Case("ebm", "pcd", {"buffer": 40, "restart": 0.2, "adjusted": True}),
    "base that moves": Case("gebm_gan", "kale_f", settings=TURNS),
    "matched": Case("ebm", "ed", {}, "matched", CHAINS),
    "matched on a base that moves": Case("gebm_gan", "kale_f", {}, "matched", CHAINS, TURNS),
    "penalty": Case("ebm", "ed", {}, "penalty", CHAINS),
    "closed form": Case("ebm", "dsm", {}, "joint", {"every": 2}),
    "closed form at levels": Case("ebm_noise", "dsm_levels", {}, "joint"),
    "by the optimiser": Case("ebm", "ml", {}, "joint"),
    "patience": Case("ebm", "ed", settings=replace(STEPS, checkpoints=12, patience=9, learning_rate=1.0)),
    "budget": Case("ebm", "ed", settings=replace(STEPS, evaluations=16 * 5 * 11)),
    "pool": Case("gebm_curve", "nce", settings=replace(STEPS, base_pool=200)),
    "gradient penalty": Case("gebm_flow", "kale_dv", settings=replace(STEPS, gradient_penalty=1.0, penalty_every=2)),
    "spectral": Case("gebm_images", "nce"),
    "inferred latents": Case("lebm", "cnce"),
    "combined": Case("gebm_combined", "ml"),
    "flow": Case("flow", "ml"),
    "nvp": Case("nvp", "ml"),
    "exponential family": Case("expfam", "sm", {}, "joint"),
    "bfloat16": Case("ebm", "ed", settings=replace(STEPS, precision="bfloat16")),
}


class KilledError(Exception):
    pass


class KilledAfter(StateFile):
    """Saves after this many steps, and kills the process then."""

    def __init__(self, path, steps):
        super().__init__(path, {"cell": "one"})
        self.left = steps

    def due(self, minutes):
        self.left -= 1
        return self.left == 0

    def save(self, content):
        super().save(content)
        raise KilledError


def told(outcome, streams):
    """All that must not depend on a kill."""
    curve = [{name: value for name, value in row.items() if name != "seconds"} for row in outcome.curve]
    clock = outcome.clock
    numbers = [outcome.status, outcome.selected_step, clock.step, clock.energy_evaluations, clock.gradient_evaluations]
    places = [stream.get_state() for stream in (streams.batches, streams.noise, streams.matching)]
    return numbers, curve, [*outcome.model.state_dict().values(), *places]


def same(one, other):
    return one[:2] == other[:2] and all(torch.equal(a, b) for a, b in zip(one[2], other[2], strict=True))


def undisturbed(case):
    task = case.task()
    return told(train(task), task.streams)


def resumed(case, path, lose=lambda run: None):
    """The outcome of a second process, which loses something of the first one's state."""
    with pytest.raises(KilledError):
        train(case.task(), KilledAfter(path, KILLED_AFTER))
    task, state = case.task(), StateFile(path, {"cell": "one"})
    assert state.found.clock.step == KILLED_AFTER
    lose(state.found)
    return told(train(task, state), task.streams)


def test_every_loss_arm_and_trained_family_is_among_the_cases():
    assert {case.loss for case in CASES.values()} == set(plugins.available("loss")) - {"none"}
    # posthoc trains nothing
    assert {case.arm for case in CASES.values()} == set(plugins.available("stats")) - {"posthoc"}
    assert {case.family for case in CASES.values()} >= set(ENERGIES) | {"flow", "nvp", "vae", "expfam"}


@pytest.mark.parametrize("name", CASES)
def test_a_killed_run_goes_on_to_the_same_model_and_curve(name, tmp_path):
    expected = undisturbed(CASES[name])
    assert len(expected[1]) >= 2
    assert same(resumed(CASES[name], tmp_path / "resume-0.pt"), expected)


def reseed(stream):
    return lambda run: getattr(run.streams, stream).manual_seed(1)


def forget_moments(run):
    for first, second, steps in run.energy.moments:
        for tensor in (first, second, steps):
            tensor.zero_()


def forget_average(run):
    run.average.load_state_dict(run.model.state_dict())


#: what a state might lack, with a case that needs it
LOST = {
    "batches": ("ed", reseed("batches")),
    "noise": ("ed", reseed("noise")),
    "matching": ("matched", reseed("matching")),
    "moments": ("ed", forget_moments),
    "average": ("ed", forget_average),
    "identity": ("ed", lambda run: setattr(run.energy, "parameters", [p.clone() for p in run.energy.parameters])),
    "step": ("ed", lambda run: setattr(run.clock, "step", 5)),
    "curve": ("ed", lambda run: run.curve.clear()),
    "recent": ("ed", lambda run: run.recent.clear()),
    "budget": ("budget", lambda run: setattr(run, "steps", STEPS.steps)),
    "best": ("patience", lambda run: setattr(run, "best", Best())),
    "buffer": ("buffer", lambda run: run.loss.chains.zero_()),
    "partition": ("kale_f", lambda run: run.loss.log_partition.data.zero_()),
    "turns": ("base that moves", lambda run: setattr(run.turns, "steps", 1)),
    "chains": ("matched", lambda run: run.matching.walkers.z.zero_()),
    "covariance": ("matched", lambda run: run.matching.covariance.value.mul_(2.0)),
    "gain": ("matched", lambda run: setattr(run.matching, "steps", 0)),
    "equations": ("closed form", lambda run: run.matching.gram.zero_()),
    "pool": ("pool", lambda run: run.model.pool.x.zero_()),
}


@pytest.mark.parametrize("name", LOST)
def test_a_state_that_lacks_something_is_told(name, tmp_path):
    case, lose = LOST[name]
    assert not same(resumed(CASES[case], tmp_path / "resume-0.pt", lose), undisturbed(CASES[case]))


def test_time_goes_on_from_the_state_and_saving_takes_none(tmp_path):
    class Slow(KilledAfter):
        def save(self, content):
            time.sleep(0.3)
            super().save(content)

    settings = replace(STEPS, max_seconds=100.0)
    case, path = Case("ebm", "ed", settings=settings), tmp_path / "resume-0.pt"
    with pytest.raises(KilledError):
        train(case.task(), Slow(path, KILLED_AFTER))
    state = StateFile(path, {"cell": "one"})
    assert 0 < state.found.clock.seconds < 0.3
    state.found.clock.seconds = 99.0
    outcome = train(case.task(), state)
    assert outcome.status == "ok" and outcome.clock.seconds == pytest.approx(99.0, abs=0.3)
    late = StateFile(path, {"cell": "one"})
    late.found.clock.seconds = 100.1
    assert train(case.task(), late).status == "timeout"


def test_states_are_saved_by_the_clock_on_the_wall(tmp_path):
    state = StateFile(tmp_path / "resume-0.pt", {})
    assert not state.due(1.0) and state.due(1e-9)
    state.saved -= 61
    assert state.due(1.0) and not state.due(2.0)
    state.save([1])
    assert not state.due(1.0)


def test_rows_and_callables_are_not_in_the_file(tmp_path):
    case = Case("ebm", "ed")
    many = replace(case.task(), rows=(rows(2, 200_000), rows(2, 50)))
    with pytest.raises(KilledError):
        train(many, KilledAfter(tmp_path / "resume-0.pt", KILLED_AFTER))
    assert (tmp_path / "resume-0.pt").stat().st_size < 200_000


def kept(path, content=(1, 2)):
    StateFile(path, {"cell": "one", "seed": 0}).save(list(content))
    return path.read_bytes()


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.99])
def test_a_file_that_is_not_whole_is_no_state_and_a_line_says_so(share, tmp_path, capsys):
    path = tmp_path / "resume-0.pt"
    whole = kept(path)
    assert StateFile(path, {"cell": "one", "seed": 0}).found == [1, 2]
    path.write_bytes(whole[: int(share * len(whole))])
    assert StateFile(path, {"cell": "one", "seed": 0}).found is None
    assert capsys.readouterr().out == "resume-0.pt is not whole, or not of this user: training starts anew\n"


def test_a_changed_bit_is_told(tmp_path, capsys):
    path = tmp_path / "resume-0.pt"
    whole = bytearray(kept(path))
    whole[-40] ^= 1
    path.write_bytes(whole)
    assert StateFile(path, {"cell": "one", "seed": 0}).found is None
    assert "not whole" in capsys.readouterr().out


class Code:
    """Is found out by what it leaves behind where it is read."""

    def __init__(self, left):
        self.left = left

    def __reduce__(self):
        return type(self.left).touch, (self.left,)


def test_a_state_of_another_user_is_not_read(tmp_path, monkeypatch, capsys):
    path, left = tmp_path / "resume-0.pt", tmp_path / "left"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
    StateFile(path, {}).save(Code(left))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "own"))
    assert StateFile(path, {}).found is None and not left.exists()
    assert "not of this user" in capsys.readouterr().out
    # its own would have been read, and the code in it run
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
    assert StateFile(path, {}).path.exists() and left.exists()


def test_the_secret_is_made_once_and_for_its_user_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    one, other = signing.signature(b"a"), signing.signature(b"b")
    assert one != other and signing.signed(b"a", one) and not signing.signed(b"b", one)
    assert signing.secret_path().stat().st_mode & 0o777 == 0o600
    assert len(signing.secret_path().read_bytes()) == 32 and len(list(signing.secret_path().parent.iterdir())) == 1


def test_a_file_of_no_kind_is_no_state(tmp_path):
    path = tmp_path / "resume-0.pt"
    for head in (b"", b"[]", b"3", json.dumps({"task": {}}).encode()):
        path.write_bytes(head + b"\n")
        assert StateFile(path, {}).found is None


def test_a_state_of_another_task_is_ignored_and_replaced(tmp_path, capsys):
    path = tmp_path / "resume-0.pt"
    kept(path)
    other = StateFile(path, {"cell": "one", "seed": 1, "code": "new"})
    assert other.found is None
    assert capsys.readouterr().out == "resume-0.pt is of another task (code, seed): training starts anew\n"
    other.save([3])
    assert StateFile(path, {"cell": "one", "seed": 1, "code": "new"}).found == [3]


def test_what_is_left_of_states_is_deleted_and_nothing_else(tmp_path):
    for path in (state_path(tmp_path, 0), tmp_path / ".resume-0.17.partial.pt", tmp_path / "run.json"):
        path.write_bytes(b"")
    clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"save_minutes": 0.0}, "save_minutes must be above 0"),
        ({"precision": "float16"}, "precision = 'float16'; allowed: float32, bfloat16"),
    ],
)
def test_impossible_settings_are_refused(settings, line):
    with pytest.raises(ValueError, match=line):
        TrainSettings(**settings)
