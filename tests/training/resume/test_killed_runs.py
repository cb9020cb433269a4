"""A killed run that continues ends as the undisturbed run does, and its file is as small and plain as it can be."""

import subprocess
import sys
import time
from dataclasses import replace

import pytest

from ebmbench.core import plugins
from ebmbench.training.loop import train
from ebmbench.training.resume import StateFile
from tests.helpers.contract_models import ENERGIES, OF_OTHERS, PEERS, rows
from tests.helpers.killed_training import (
    CASES,
    KILLED_AFTER,
    STEPS,
    Case,
    KilledAfter,
    KilledError,
    resumed,
    same,
    undisturbed,
)


def test_every_loss_method_and_trained_family_is_among_the_cases():
    assert {case.loss for case in CASES.values()} == (
        set(plugins.available("loss")) - {"none", *OF_OTHERS} | set(PEERS)
    )
    # posthoc trains nothing
    assert {case.method for case in CASES.values()} == set(plugins.available("stats")) - {"posthoc"}
    assert {case.family for case in CASES.values()} >= set(ENERGIES) | {"flow", "nvp", "vae", "expfam"}


@pytest.mark.parametrize("name", CASES)
def test_a_killed_run_goes_on_to_the_same_model_and_curve(name, tmp_path):
    expected = undisturbed(CASES[name])
    assert len(expected[1]) >= 2
    assert same(resumed(CASES[name], tmp_path / "resume-0.pt"), expected)


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
