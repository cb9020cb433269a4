# What is done before the first job.
import importlib.util
import signal
import time
from contextlib import suppress

# Ctrl-C, when it came
INTERRUPTS = []


onstart:
    signal.signal(signal.SIGINT, note_interrupt)
    take_lock()
    begin_outputs()
    leave_no_future()
    fork_jobs()
    schedule_by_ends()
    check_settings()


def note_interrupt(number, frame):
    """Remember that a person ended this, so that the last line can say how to go on."""
    INTERRUPTS.append(number)
    raise KeyboardInterrupt


def schedule_by_ends():
    """Let Snakemake look for jobs to start when one has ended, and not in between."""
    # it looks again a second after each look, lest its limit of jobs per second held one back, and so for ever: n jobs
    # later n times a second, at all jobs that wait. On one machine nothing needs the limit
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


def check_settings():
    """Stop before the first job if settings contradict each other, which planning cannot see."""
    # where Snakemake deploys the jobs' environment, it may itself be without torch
    if importlib.util.find_spec("torch") is None:
        return
    words = ["check_settings", "--config", json.dumps(config)]
    code, _, complaint = run_stage(words)
    # one that was killed, for want of memory perhaps, has said nothing
    if code == 1 and complaint:
        sys.exit(complaint)


def leave_no_future():
    """Files of a time to come are of now."""
    # a clock that was set back leaves files of its future, which Snakemake would take for newer than all to come;
    # one time for them all keeps none of them newer than another
    now = time.time()
    for folder, _, names in os.walk(RESULTS):
        for name in names:
            # in a grid within this folder another one may be at work
            with suppress(OSError):
                found = Path(folder, name)
                if found.stat().st_mtime > now:
                    os.utime(found, (now, now))
