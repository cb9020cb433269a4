"""A call of Snakemake with its progress and its log; a script in its place."""

import re
import sys
import time

import pytest

from ebmbench.core.errors import UserError
from ebmbench.workflow.choose.stages import Call, Progress, clock, run_stage

SCRIPT = """
import sys
for done in range(1, 41):
    print(f"{done} of 40 steps ({done * 100 // 40}%) done")
print("the last words", file=sys.stderr)
sys.exit(int(sys.argv[1]))
"""


def call(code, folder):
    return Call("first run", [sys.executable, "-c", SCRIPT, str(code)], folder)


def test_every_tenth_is_one_line_with_the_time_left(tmp_path):
    said = []
    seconds = run_stage(call(0, tmp_path), tmp_path / "log/log.txt", time.monotonic() + 90, said.append)
    assert len(said) == 11 and said[-1].startswith("first run: 40 of 40 jobs, about 0:00 to go; 1:")
    assert all(
        re.fullmatch(r"first run: \d+ of 40 jobs, about \d:\d\d to go; 1:[23]\d of the time left", s) for s in said
    )
    assert 0 < seconds < 60 and "the last words" in (tmp_path / "log/log.txt").read_text()


def test_a_failure_names_the_log_and_the_last_lines(tmp_path):
    with pytest.raises(UserError, match=r"first run: snakemake ended with exit code 3, see .*log.txt") as error:
        run_stage(call(3, tmp_path), tmp_path / "log.txt", time.monotonic(), lambda line: None)
    assert str(error.value).endswith("the last words")


def test_the_rest_of_a_stage_goes_by_the_jobs_done(monkeypatch):
    monkeypatch.setattr(time, "monotonic", lambda: 130.0)
    said = []
    Progress("settings", 100.0, 400.0).report(3, 12, said.append)
    assert said == ["settings: 3 of 12 jobs, about 1:30 to go; 4:30 of the time left"]


def test_clock_is_never_below_zero():
    assert [clock(-3), clock(59.6), clock(3601)] == ["0:00", "1:00", "60:01"]
