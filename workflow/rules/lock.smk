# One Snakemake at a time on a results folder. The kernel drops this lock when the process dies, however it
# dies; Snakemake's own (switched off in the profiles) would stay behind after a kill.
import fcntl
import os
import time
from contextlib import suppress

LOCK = []


onstart:
    path = Path(RESULTS, ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        LOCK.append(path.open("w"))
        fcntl.flock(LOCK[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(
            f"{RESULTS}: another snakemake is at work on this folder; wait for it, or set another `results`"
        )
    except OSError as error:
        sys.exit(f"{path}: {error.strerror}")
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
