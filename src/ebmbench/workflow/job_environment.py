"""Environment variables that every job has, however it is started. Imports no torch."""

from __future__ import annotations

#: one thread a job: more slow small networks down and take the cores of other jobs. Memory that a step frees stays with
#: the process: glibc else gives it back, and the next step faults its pages in again (10 to 20 % of a step of ``ml``,
#: whose arrays are large, and nothing of the other losses; values in bytes)
JOB_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MALLOC_TRIM_THRESHOLD_": str(2**30),
    "MALLOC_MMAP_THRESHOLD_": str(2**25),
    "MALLOC_TOP_PAD_": str(2**24),
}
