"""Fork server: jobs are forks of one process that has already imported torch, so they start in milliseconds.

``launch.start`` starts the server and sets :data:`ADDRESS`. A ``python -m ebmbench stage VERB`` that finds it sends its
arguments, folder, environment, limits and standard streams, waits for the fork, and exits with the fork's exit code;
without an answer it runs the job itself. A fork is killed when its client ends. The server ends with the process that
started it, once all running forks have ended. Linux only: elsewhere forking a process that has loaded torch is unsafe.
"""

from __future__ import annotations

#: environment variable: the socket's path; if empty, every job runs in a process of its own
ADDRESS = "EBMBENCH_FORKSERVER"

#: the server's answer once a fork has started; the exit code follows as one byte
BEGUN = b"+"

#: number of bytes in front of a request that hold its length
HEAD = 8
