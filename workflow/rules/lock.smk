# One Snakemake at a time on a results folder. The kernel drops this lock when the process dies, however it
# dies; Snakemake's own (switched off in the profiles) would stay behind after a kill.
import fcntl

LOCK = []


onstart:
    path = Path(RESULTS, ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    LOCK.append(path.open("w"))
    try:
        fcntl.flock(LOCK[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(
            f"{RESULTS}: another snakemake is at work on this folder; wait for it, or set another `results`"
        )
