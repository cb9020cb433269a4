# One Snakemake at a time on a results folder. The kernel drops this lock when the process dies, however it
# dies; Snakemake's own (switched off in the profiles) would stay behind after a kill.
import fcntl

LOCK = []


def take_lock():
    """Hold the results folder until this process ends."""
    path = Path(ROOT, ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        LOCK.append(path.open("w"))
        fcntl.flock(LOCK[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(
            f"{ROOT}: another snakemake is at work on this folder; wait for it, or set another `results`"
        )
    except OSError as error:
        sys.exit(f"{path}: {error.strerror}")
