# One process that has imported torch, of which local jobs are forks. Jobs of an executor or of an environment that
# Snakemake deploys start by themselves, and so does each where the variable EBMBENCH_FORKSERVER is set to nothing.
from contextlib import suppress

from ebmbench.workflow.forkserver.launch import start

FORKING = []


def fork_jobs():
    """Begin the process; it ends with this one."""
    if not (workflow.is_main_process and workflow.local_exec) or DEPLOYED:
        return
    # without it they are as good, and slower
    with suppress(OSError):
        FORKING.append(start(Path(workflow.basedir, "src")))
