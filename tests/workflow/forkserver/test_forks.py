"""Forks end as processes of their own would, with who asked for them, and not with who serves."""

from __future__ import annotations

import itertools
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from ebmbench.workflow.cli import fork_server
from ebmbench.workflow.cli.app import ebmbench
from ebmbench.workflow.forkserver import ADDRESS
from ebmbench.workflow.forkserver.launch import start
from ebmbench.workflow.job_environment import JOB_ENVIRONMENT
from tests.helpers.paths import ROOT

JOBS = Path(__file__).with_name("jobs.py")
ALONE = 99


def heed() -> None:
    """Obey SIGINT, which a shell lets its background jobs ignore, and with them these tests and what they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Serving(NamedTuple):
    process: subprocess.Popen
    address: Path

    def ask(self, *words: str, **options) -> subprocess.Popen:
        environment = os.environ | {ADDRESS: str(self.address), "COLOUR": "green"}
        streams = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
        command = [sys.executable, str(JOBS), "ask", *words]
        return subprocess.Popen(command, env=environment, text=True, **streams, **({"preexec_fn": heed} | options))

    def close(self) -> None:
        self.process.stdin.close()


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()
        command = [sys.executable, str(JOBS), "serve", str(listener.fileno())]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[listener.fileno()])
    yield Serving(process, tmp_path / "socket")
    process.kill()
    process.wait()
    process.stdin.close()


def ended(process: subprocess.Popen, given: str = "") -> tuple[int, str, str]:
    out, err = process.communicate(given, timeout=30)
    return process.returncode, out, err


def until(found: Callable[[], object]) -> object:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.01)
    raise AssertionError("20 seconds are over")


def sleeping(serving: Serving, path: Path, seconds: float = 60) -> tuple[subprocess.Popen, psutil.Process]:
    """(who waits, its fork), the fork at work for so many seconds."""
    client = serving.ask("sleep", str(seconds), str(path))
    return client, psutil.Process(int(until(lambda: path.is_file() and path.read_text())))


def dead(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        # it ended between the two looks
        return True


def test_a_fork_has_the_streams_folder_and_environment_of_who_asks(serving, tmp_path):
    code, out, err = ended(serving.ask("tell", cwd=tmp_path), "typed")
    process, parent, *others = out.split()
    assert (code, err) == (0, "aside\n")
    assert int(parent) == serving.process.pid != int(process)
    assert others == [str(tmp_path), "green", "typed"]


def test_a_fork_is_held_to_the_limits_of_who_asks(serving):
    limited = serving.ask("limits", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (77, 99)))
    assert ended(limited)[1] == "77 99\n"
    assert ended(serving.ask("limits"))[1] != "77 99\n"


@pytest.mark.parametrize(
    ("words", "code"), [(["return", "0"], 0), (["return", "3"], 3), (["exit", "2"], 2), (["exit", "0"], 0)]
)
def test_exit_codes_are_those_of_the_work(serving, words, code):
    assert ended(serving.ask(*words))[0] == code


def test_an_error_of_the_code_is_a_traceback_and_the_next_is_served(serving):
    code, _, err = ended(serving.ask("raise"))
    assert code == 1 and "Traceback" in err and err.endswith("ValueError: no such word\n")
    assert ended(serving.ask("return", "7"))[0] == 7


def test_several_are_at_work_at_once(serving, tmp_path):
    asked = [sleeping(serving, tmp_path / str(index), 1.0)[0] for index in range(4)]
    assert [ended(client)[0] for client in asked] == [5] * 4


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_fork_dies_with_who_asked_for_it(serving, tmp_path, blow):
    client, fork = sleeping(serving, tmp_path / "at")
    other, beside = sleeping(serving, tmp_path / "beside", 1.0)
    client.send_signal(blow)
    ended(client)
    until(lambda: dead(fork))
    assert (tmp_path / "at").read_text() != "done"
    assert not dead(beside) and ended(other)[0] == 5


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSEGV])
def test_who_asked_ends_as_a_fork_that_a_signal_ended(serving, tmp_path, blow):
    client, fork = sleeping(serving, tmp_path / "at")
    fork.send_signal(blow)
    assert ended(client)[0] == 128 + blow


def test_it_ends_with_who_began_it_but_after_the_forks_at_work(serving, tmp_path):
    client, fork = sleeping(serving, tmp_path / "at", 1.5)
    serving.close()
    # nobody listens from now on
    until(lambda: ended(serving.ask("return", "0"))[0] == ALONE)
    assert not dead(fork) and serving.process.poll() is None
    assert ended(client)[0] == 5 and (tmp_path / "at").read_text() == "done"
    serving.process.wait(timeout=10)


def test_killed_it_leaves_an_exit_code_and_a_line(serving, tmp_path):
    client, fork = sleeping(serving, tmp_path / "at")
    serving.process.kill()
    client.wait(timeout=30)
    # it holds the streams of who asked
    fork.kill()
    assert ended(client) == (1, "", "ebmbench: the process that forks jobs has ended\n")


def test_what_is_prepared_for_a_request_is_there_in_its_fork_and_in_later_ones(serving):
    assert ended(serving.ask("return", "7"))[0] == 7
    assert ended(serving.ask("prepared"))[1] == "['return', '7'] ['prepared']\n"


def test_a_request_that_is_no_request_harms_nobody(serving):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(serving.address))
        socket.send_fds(connection, [(3).to_bytes(8, "big")], [0, 1, 2])
        connection.sendall(b"[1;")
        assert connection.recv(1) == b""
    assert ended(serving.ask("return", "7"))[0] == 7


def test_half_a_request_harms_nobody(serving):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(serving.address))
        connection.sendall((100).to_bytes(8, "big"))
    assert ended(serving.ask("return", "7"))[0] == 7


def test_where_nobody_answers_the_work_is_done_here(tmp_path):
    assert ended(Serving(None, tmp_path / "none").ask("return", "0"))[0] == ALONE


def test_a_place_where_no_socket_can_be_is_an_error_and_nothing_is_left(tmp_path, monkeypatch):
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    monkeypatch.delenv(ADDRESS, raising=False)
    with pytest.raises(OSError, match="too long"):
        start(Path("src"))
    assert not list(deep.iterdir()) and ADDRESS not in os.environ


def test_a_stage_has_its_slow_modules_before_its_fork_and_a_missing_one_is_left_to_it(monkeypatch):
    monkeypatch.setattr(fork_server, "IMPORTED_BY_STAGE", {"draw": ("no_such_module", "colorsys")})
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    fork_server.prepare(["stage", "count"])
    assert "colorsys" not in sys.modules
    fork_server.prepare(["stage", "draw", "--out", "x"])
    assert "colorsys" in sys.modules


def test_stages_and_modules_that_are_imported_ahead_exist():
    assert fork_server.IMPORTED_BY_STAGE.keys() <= ebmbench.commands["stage"].commands.keys()
    assert all(map(find_spec, itertools.chain(*fork_server.IMPORTED_BY_STAGE.values())))


def test_who_asks_imports_next_to_nothing():
    code = "import sys; before = set(sys.modules); import ebmbench.workflow.cli; print(*set(sys.modules) - before)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"ebmbench.workflow.forkserver.client", "json"} <= set(found)
    assert not {"ast", "pathlib", "subprocess", "importlib.metadata", "click", "yaml", "numpy"} & set(found)


def test_the_process_that_forks_has_the_environment_of_jobs(monkeypatch):
    """Allocators read it when a process begins, so that a fork could not set it."""
    for name in (ADDRESS, *JOB_ENVIRONMENT):
        monkeypatch.delenv(name, raising=False)
    process = start(ROOT / "src")
    try:
        environ, end = Path(f"/proc/{process.pid}/environ"), time.monotonic() + 60
        # the parent goes on a little before the kernel has laid out the environment of a process that it starts
        while not environ.read_text() and time.monotonic() < end:
            time.sleep(0.01)
        fields = environ.read_text().split("\0")
        assert {f"{name}={value}" for name, value in JOB_ENVIRONMENT.items()} <= set(fields)
        assert "MALLOC_TRIM_THRESHOLD_" in JOB_ENVIRONMENT
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
