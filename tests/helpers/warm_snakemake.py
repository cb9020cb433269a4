"""Run Snakemake in forks of a process that has imported it and parsed the package: most of a dry run's time is these.

As a script: serve requests, one JSON line each on standard input, and answer each with the exit code of its fork.
"""

from __future__ import annotations

import ast
import functools
import gc
import json
import os
import runpy
import select
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import psutil

ROOT = Path(__file__).parents[2]

#: the package, whose modules every plan reads: the files that a project copies
SOURCE = ROOT / "src/ebmbench"

#: the workflow's files, which a project copies as well
RULES = (ROOT / "Snakefile", *sorted(ROOT.glob("workflow/rules/**/*.smk")))

#: stands for a workflow file's path in what Snakemake makes of its text
HERE = "<the file's path>"

#: seconds after which an invocation is taken to hang, where every process has a core to itself
PATIENCE = 280

#: seconds between two looks at how busy the machine is
LOOK = 10


def run(folder: Path, arguments: Sequence[str], environment: dict[str, str]) -> tuple[int, str]:
    """Exit code and output of ``python -m snakemake`` with ``arguments``, in ``folder`` and with ``environment``."""
    server = _server()
    with tempfile.NamedTemporaryFile() as output:
        request = {"folder": str(folder), "arguments": arguments, "environment": environment, "output": output.name}
        server.stdin.write(f"{json.dumps(request)}\n")
        server.stdin.flush()
        if not _answers(server):
            for process in [*psutil.Process(server.pid).children(recursive=True), server]:
                process.kill()
            _server.cache_clear()
            raise TimeoutError(Path(output.name).read_text())
        return int(server.stdout.readline()), Path(output.name).read_text()


def _answers(server: subprocess.Popen[str]) -> bool:
    """Wait for a line of the server; False after :data:`PATIENCE`, of which waiting for a busy core is no part."""
    waited = 0.0
    while waited < PATIENCE:
        if select.select([server.stdout], [], [], LOOK)[0]:
            return True
        waited += LOOK / max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    return False


@functools.cache
def _server() -> subprocess.Popen[str]:
    # -P and no PYTHONPATH: a fork puts its own folders first
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-P", __file__]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _serve() -> None:
    import annotated_types  # noqa: F401
    import jsonschema  # noqa: F401
    import pandas  # noqa: F401
    import smart_open  # noqa: F401
    from snakemake import api, cli, dag, storage, workflow  # noqa: F401

    # plugins of Snakemake are listed once for all forks
    cli.get_argument_parser()
    _parse_ahead(SOURCE)
    _translate_ahead(RULES)
    # forks share memory pages that the garbage collector never touches
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            _become(**json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)


def _parse_ahead(source: Path) -> None:
    """Let ``ast.parse`` return from memory the tree of each text that is a file of ``source`` now."""
    parse, trees = ast.parse, {}
    for path in source.rglob("*.py"):
        text = path.read_bytes()
        trees[text] = trees[text.decode()] = parse(text)

    def parse_once(text: str | bytes, *arguments: object, **options: object) -> ast.AST:
        return trees[text] if text in trees else parse(text, *arguments, **options)

    ast.parse = parse_once


def _translate_ahead(paths: Sequence[Path]) -> None:
    """Let Snakemake take from memory the Python that it makes of each text that one of the files has now."""
    from snakemake import parser, workflow

    translate, made = parser.parse, {}
    for path in paths:
        source = SimpleNamespace(get_path_or_uri=lambda secret_free: HERE)
        cache = SimpleNamespace(open=lambda _, path=path: path.open())
        lines: dict[int, int] = {}
        code, rules = translate(source, SimpleNamespace(sourcecache=cache), lines)
        made[path.read_text()] = code, rules, lines

    def translate_once(path: Any, flow: Any, linemap: dict[int, int], shell: Any = None, rulecount: int = 0) -> Any:
        with flow.sourcecache.open(path) as file:
            text = file.read()
        if text not in made:
            return translate(path, flow, linemap, shell, rulecount)
        code, rules, lines = made[text]
        linemap.update(lines)
        return code.replace(repr(HERE), repr(path.get_path_or_uri(secret_free=True))), rulecount + rules

    workflow.parse = translate_once


def _become(folder: str, arguments: Sequence[str], environment: dict[str, str], output: str) -> NoReturn:
    """Go on as ``python -m snakemake``, and end as it does."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for path, mode, streams in ((os.devnull, os.O_RDONLY, (0,)), (output, os.O_WRONLY | os.O_APPEND, (1, 2))):
        opened = os.open(path, mode)
        for stream in streams:
            os.dup2(opened, stream)
        os.close(opened)
    sys.path[:0] = [folder, *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    sys.argv[1:] = arguments
    runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    _serve()
