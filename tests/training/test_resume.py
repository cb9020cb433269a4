"""A killed run that continues ends as the undisturbed run does; damaged and foreign state files are ignored."""

import hashlib
import io
import json
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace

import pytest
import torch

from ebmbench.core import plugins
from ebmbench.models.statistics.moments import Moments
from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.loop import train
from ebmbench.training.resume import StateFile, clear, state_path
from ebmbench.training.settings import TrainSettings
from tests.helpers.contract_models import ENERGIES, LOSSES, PEERS, built, dimensions, rows
from tests.helpers.targets import generator

STEPS = TrainSettings(steps=12, batch_size=16, checkpoints=3, learning_rate=0.01, ema=0.9)
KILLED_AFTER = 6


@dataclass(frozen=True)
class Case:
    """A model, a loss and settings; with a method of moment matching also the moments of the data."""

    family: str
    loss: str
    loss_settings: dict = field(default_factory=dict)
    method: str = "none"
    method_settings: dict = field(default_factory=dict)
    settings: TrainSettings = STEPS

    def job(self):
        dim = dimensions(self.family)[0]
        streams = Streams(generator(2), generator(3), 4, generator(9))
        model = built(self.family, dim, None if self.method == "none" else Moments())
        loss = plugins.load("loss", self.loss, **self.loss_settings)
        method = plugins.load("stats", self.method, **self.method_settings)
        monitor = lambda model: {"kl": float(sum(p.detach().double().sum() for p in model.parameters()))}  # noqa: E731
        return TrainingJob(
            model, loss, (rows(dim, 80), rows(dim, 50)), self.settings, streams, monitor, lambda *_: None, method
        )


FAMILY_OF = {"dsm_levels": "ebm_noise", "elbo": "vae", "kale_f": "gebm_gan"}

CHAINS = {"chains": 16}

#: the base is trained from the third step on
ALTERNATING = replace(STEPS, base_first=2, base_every=2)

CASES = {loss: Case(FAMILY_OF.get(loss, "ebm"), loss) for loss in [*LOSSES, *PEERS, "elbo"]} | {
    "buffer": Case("ebm", "pcd", {"buffer": 40, "restart": 0.2, "adjusted": True}),
    "trained base": Case("gebm_gan", "kale_f", settings=ALTERNATING),
    "matched": Case("ebm", "ed", {}, "matched", CHAINS),
    "matched on a trained base": Case("gebm_gan", "kale_f", {}, "matched", CHAINS, ALTERNATING),
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
    """Saves after this many steps and then kills the process."""

    def __init__(self, path, steps):
        super().__init__(path, {"cell": "one"})
        self.left = steps

    def due(self, minutes):
        self.left -= 1
        return self.left == 0

    def save(self, state):
        super().save(state)
        raise KilledError


def results(outcome, streams):
    """Everything that must not depend on a kill."""
    curve = [{name: value for name, value in row.items() if name != "seconds"} for row in outcome.curve]
    costs = outcome.costs
    numbers = [outcome.status, outcome.selected_step, costs.step, costs.energy_evaluations, costs.gradient_evaluations]
    return numbers, curve, [*outcome.model.state_dict().values(), *streams.state_dict().values()]


def same(one, other):
    return one[:2] == other[:2] and all(torch.equal(a, b) for a, b in zip(one[2], other[2], strict=True))


def undisturbed(case):
    job = case.job()
    return results(train(job), job.streams)


def resumed(case, path, lose=lambda state: None):
    """The results of a second process, which loses something of the state of the first."""
    with pytest.raises(KilledError):
        train(case.job(), KilledAfter(path, KILLED_AFTER))
    job, file = case.job(), StateFile(path, {"cell": "one"})
    assert file.found["run"]["costs"]["step"] == KILLED_AFTER
    lose(file.found["run"])
    return results(train(job, file), job.streams)


def test_every_loss_method_and_trained_family_is_among_the_cases():
    assert {case.loss for case in CASES.values()} == set(plugins.available("loss")) - {"none"}
    # posthoc trains nothing
    assert {case.method for case in CASES.values()} == set(plugins.available("stats")) - {"posthoc"}
    assert {case.family for case in CASES.values()} >= set(ENERGIES) | {"flow", "nvp", "vae", "expfam"}


@pytest.mark.parametrize("name", CASES)
def test_a_killed_run_goes_on_to_the_same_model_and_curve(name, tmp_path):
    expected = undisturbed(CASES[name])
    assert len(expected[1]) >= 2
    assert same(resumed(CASES[name], tmp_path / "resume-0.pt"), expected)


def replaced(*path, value):
    """A function that sets one entry of a state."""

    def lose(state):
        for name in path[:-1]:
            state = state[name]
        state[path[-1]] = value

    return lose


def zeroed(*path):
    """A function that zeroes the tensors of one entry of a state."""

    def lose(state):
        for name in path:
            state = state[name]
        for tensor in state if isinstance(state, list) else [state]:
            tensor.zero_()

    return lose


def reseeded(stream):
    return replaced("streams", stream, value=generator(1).get_state())


def lose_moments(state):
    for name in ("exp_avg", "exp_avg_sq", "steps"):
        zeroed("energy_optimizer", name)(state)


#: entries of a state, with a case that needs them
LOST = {
    "batches": ("ed", reseeded("batches")),
    "noise": ("ed", reseeded("noise")),
    "matching": ("matched", reseeded("matching")),
    "moments": ("ed", lose_moments),
    "average": ("ed", lambda state: state["average"].update(state["model"])),
    "model": ("ed", lambda state: state["model"].update(state["average"])),
    "step": ("ed", replaced("costs", "step", value=5)),
    "curve": ("ed", replaced("curve", "rows", value=[])),
    "recent": ("ed", replaced("curve", "recent", value=[])),
    "budget": ("budget", replaced("budget", "steps", value=STEPS.steps)),
    "best": ("patience", replaced("selection", value={"weights": None, "step": 0, "value": float("inf"), "waited": 0})),
    "buffer": ("buffer", zeroed("loss", "chains")),
    "partition": ("kale_f", zeroed("loss", "log_partition")),
    "schedule": ("trained base", replaced("alternation", "steps", value=1)),
    "chains": ("matched", zeroed("matching", "persistent_chains", "z")),
    "step size": ("matched", replaced("matching", "persistent_chains", "step_size", value=1e-3)),
    "covariance": ("matched", lambda state: state["matching"]["covariance"]["value"].mul_(2.0)),
    "gain": ("matched", replaced("matching", "steps", value=0)),
    "equations": ("closed form", zeroed("matching", "gram")),
    "pool": ("pool", zeroed("pool", "x")),
}


@pytest.mark.parametrize("name", LOST)
def test_every_entry_of_a_state_matters(name, tmp_path):
    case, lose = LOST[name]
    assert not same(resumed(CASES[case], tmp_path / "resume-0.pt", lose), undisturbed(CASES[case]))


def test_time_continues_from_the_state_and_saving_takes_none(tmp_path):
    class Slow(KilledAfter):
        def save(self, state):
            time.sleep(0.3)
            super().save(state)

    settings = replace(STEPS, max_seconds=100.0)
    case, path = Case("ebm", "ed", settings=settings), tmp_path / "resume-0.pt"
    with pytest.raises(KilledError):
        train(case.job(), Slow(path, KILLED_AFTER))
    file = StateFile(path, {"cell": "one"})
    assert 0 < file.found["run"]["costs"]["seconds"] < 0.3
    file.found["run"]["costs"]["seconds"] = 99.0
    outcome = train(case.job(), file)
    assert outcome.status == "ok" and outcome.costs.seconds == pytest.approx(99.0, abs=0.3)
    late = StateFile(path, {"cell": "one"})
    late.found["run"]["costs"]["seconds"] = 100.1
    assert train(case.job(), late).status == "timeout"


def test_states_are_saved_by_wall_clock(tmp_path):
    file = StateFile(tmp_path / "resume-0.pt", {})
    assert not file.due(1.0) and file.due(1e-9)
    file.saved -= 61
    assert file.due(1.0) and not file.due(2.0)
    file.save({"run": 1})
    assert not file.due(1.0)


def test_data_and_callables_are_not_in_the_file(tmp_path):
    case = Case("ebm", "ed")
    large = replace(case.job(), data=(rows(2, 200_000), rows(2, 50)))
    with pytest.raises(KilledError):
        train(large, KilledAfter(tmp_path / "resume-0.pt", KILLED_AFTER))
    assert (tmp_path / "resume-0.pt").stat().st_size < 200_000


def test_a_state_is_read_in_a_process_that_knows_torch_alone(tmp_path):
    path = tmp_path / "resume-0.pt"
    with pytest.raises(KilledError):
        train(CASES["matched"].job(), KilledAfter(path, KILLED_AFTER))
    code = (
        "import io, pathlib, sys, torch\n"
        "body = pathlib.Path(sys.argv[1]).read_bytes().partition(b'\\n')[2]\n"
        "print(sorted(torch.load(io.BytesIO(body), weights_only=True)['run']))\n"
        "assert not any(name.startswith('ebmbench') for name in sys.modules)\n"
    )
    found = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert "'matching', 'model'" in found.stdout


JOB = {"cell": "one", "seed": 0}


def saved(path, state):
    StateFile(path, JOB).save(state)
    return path.read_bytes()


@pytest.mark.parametrize("fraction", [0.0, 0.01, 0.3, 0.99])
def test_an_incomplete_file_is_ignored_and_a_line_says_so(fraction, tmp_path, capsys):
    path = tmp_path / "resume-0.pt"
    whole = saved(path, {"run": [1, 2]})
    assert StateFile(path, JOB).found == {"run": [1, 2]}
    path.write_bytes(whole[: int(fraction * len(whole))])
    assert StateFile(path, JOB).found is None
    assert capsys.readouterr().out == "resume-0.pt is damaged, or no training state: training starts anew\n"


@pytest.mark.parametrize("place", [-40, -400])
def test_a_changed_bit_is_noticed(place, tmp_path, capsys):
    path = tmp_path / "resume-0.pt"
    whole = bytearray(saved(path, {"run": torch.ones(100)}))
    whole[place] ^= 1
    path.write_bytes(whole)
    assert StateFile(path, JOB).found is None
    assert "is damaged" in capsys.readouterr().out


class Code:
    """Leaves a file behind wherever it is unpickled."""

    def __init__(self, left):
        self.left = left

    def __reduce__(self):
        return type(self.left).touch, (self.left,)


def test_code_in_a_state_is_not_run(tmp_path, capsys):
    path, left = tmp_path / "resume-0.pt", tmp_path / "left"
    saved(path, {"run": Code(left)})
    assert StateFile(path, JOB).found is None and not left.exists()
    line = "resume-0.pt holds more than tensors, numbers and strings: training starts anew\n"
    assert capsys.readouterr().out == line
    # an unrestricted reader would have run it
    torch.load(io.BytesIO(path.read_bytes().partition(b"\n")[2]), weights_only=False)
    assert left.exists()


def test_other_files_are_no_state(tmp_path, capsys):
    path = tmp_path / "resume-0.pt"
    digest = hashlib.sha256(b"").hexdigest()
    heads = (b"", b"[]", b"3", json.dumps({"job": JOB}).encode(), json.dumps({"job": JOB, "sha256": digest}).encode())
    for head in heads:
        path.write_bytes(head + b"\n")
        assert StateFile(path, JOB).found is None
    assert capsys.readouterr().out.count(": training starts anew\n") == len(heads)


def test_a_state_of_another_job_is_ignored_and_replaced(tmp_path, capsys):
    path = tmp_path / "resume-0.pt"
    saved(path, {"run": [1, 2]})
    other = StateFile(path, {"cell": "one", "seed": 1, "code": "new"})
    assert other.found is None
    assert capsys.readouterr().out == "resume-0.pt is of another training job (code, seed): training starts anew\n"
    other.save({"run": [3]})
    assert StateFile(path, {"cell": "one", "seed": 1, "code": "new"}).found == {"run": [3]}


def test_leftover_states_are_deleted_and_nothing_else(tmp_path):
    for path in (state_path(tmp_path, 0), tmp_path / ".resume-0.17.partial.pt", tmp_path / "run.json"):
        path.write_bytes(b"")
    clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"save_minutes": 0.0}, "save_minutes = 0.0; allowed: above 0"),
        ({"precision": "float16"}, "precision = 'float16'; allowed: float32, bfloat16"),
    ],
)
def test_impossible_settings_are_refused(settings, line):
    with pytest.raises(ValueError, match=line):
        TrainSettings(**settings)
