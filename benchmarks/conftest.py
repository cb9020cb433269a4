"""One thread, how much to run, and where the rows go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from ebmbench.core.files import write_csv
from ebmbench.experiments.calibration.log_z_study import COLUMNS, LogZStudy

torch.set_num_threads(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Size of the study, as the workflow's own by default."""
    parser.addoption("--out", type=Path, default=Path("results/calibration/peer_log_z.csv"), help="CSV of the rows")
    parser.addoption("--repetitions", type=int, default=LogZStudy.repetitions, help="of each method at each budget")
    parser.addoption("--budgets", type=int, default=LogZStudy.budgets, help="how many, each half of the next")


@pytest.fixture(scope="session")
def study(request: pytest.FixtureRequest) -> LogZStudy:
    """How much is run."""
    option = request.config.getoption
    return LogZStudy(option("--repetitions"), option("--budgets"), 0)


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[list[dict[str, Any]]]:
    """Rows of a module's csv in ``results/benchmarks``, named after it, written when all are there."""
    found: list[dict[str, Any]] = []
    yield found
    if found:
        name = request.path.stem.removeprefix("test_")
        write_csv(Path(__file__).parents[1] / f"results/benchmarks/{name}.csv", pd.DataFrame(found))


@pytest.fixture(scope="session")
def rows(request: pytest.FixtureRequest) -> Iterator[list[dict[str, Any]]]:
    """Rows in the format of log_z.csv, written when the session ends."""
    found: list[dict[str, Any]] = []
    yield found
    if found:
        write_csv(request.config.getoption("--out"), pd.DataFrame(found).reindex(columns=list(COLUMNS)))
