# The end of an invocation: a line in invocations.csv (its time and machine; a killed one leaves none), and where the
# results are.
import atexit
import csv
import shutil
import time
from datetime import UTC, datetime

from ebmbench.provenance.environment import host
from ebmbench.workflow.closing_lines import (
    INTERRUPTED,
    PARTIAL,
    closing_lines,
    unfinished_lines,
)

STARTED = time.time()


def record(outcome):
    """Append the invocation that ends now."""
    machine = host()
    row = {
        "started": datetime.fromtimestamp(STARTED, UTC).isoformat(timespec="seconds"),
        "seconds": round(time.time() - STARTED),
        "outcome": outcome,
        "cores_used": workflow.cores,
        "cores": machine["cores"],
        "processor": machine["processor"],
        "system": machine["system"],
    }
    path = Path(RESULTS, "invocations.csv")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, row)
            if file.tell() == 0:
                writer.writeheader()
            writer.writerow(row)
    except OSError as error:
        # on a full disk the jobs' logs may be empty: this line is then all that tells why
        print(f"{path}: {error.strerror}", file=sys.stderr)


def write_partial():
    """Write the tables of what exists, and print what is missing."""
    words = ["partial_tables", "--config", CONFIG, "--schemas", str(SCHEMA.parent)]
    code, missing, complaint = run_stage(words)
    lines = [complaint] if code else unfinished_lines(Path(RESULTS), missing)
    print(*lines, sep="\n", file=sys.stderr)


onsuccess:
    record("finished")
    record_outputs()
    shutil.rmtree(Path(RESULTS, PARTIAL), ignore_errors=True)
    print(*closing_lines(Path(RESULTS)), sep="\n", file=sys.stderr)


onerror:
    record("interrupted" if INTERRUPTS else "failed")
    record_outputs()
    if INTERRUPTS:
        # after Snakemake's own last words
        atexit.register(print, INTERRUPTED, file=sys.stderr)
    else:
        write_partial()
