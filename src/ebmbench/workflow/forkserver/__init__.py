"""Jobs as forks of one process that has imported torch already: a start takes milliseconds then, not seconds.

``client.start`` begins that process and sets :data:`ADDRESS`. A ``python -m ebmbench VERB`` that finds it hands over
its arguments, folder, environment, limits and standard streams, waits, and ends as its fork ended; where nobody answers
it does the work itself. A fork is killed when who asked for it ends, and the process ends with who started it, after
the forks that are still at work. Linux only: elsewhere a fork of a process that has loaded torch is not safe.
"""

from __future__ import annotations

#: environment variable: the socket's path; set to nothing, every job starts by itself
ADDRESS = "EBMBENCH_FORKSERVER"

#: what the process answers once a fork has begun; next is a byte, its exit code
BEGUN = b"+"

#: bytes that tell how long a request is
HEAD = 8
