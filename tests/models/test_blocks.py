"""Log-densities of many rows: the same values, block by block, in memory that does not grow."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ebmbench.models import blocks
from ebmbench.models.blocks import log_density_in_blocks
from tests.helpers.targets import Energy, generator

#: prints by how many bytes the peak grows: first evaluation, one of four times as many rows, and one without blocks
PEAKS = """
from pathlib import Path
import torch
from ebmbench.models.blocks import log_density_in_blocks
from ebmbench.models.interface import Density

class Wide(Density):
    dim = 2
    def log_density(self, x):
        return torch.tanh(x @ weights).sum(-1)

def peak():
    # getrusage's peak would be that of the parent where it is higher
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

torch.set_num_threads(1)
weights, model = torch.ones(2, 128), Wide()
few, many = torch.zeros(200_000, 2), torch.zeros(800_000, 2)
few.uniform_(), many.uniform_()
log_density_in_blocks(model, few)
first = peak()
log_density_in_blocks(model, many)
second = peak()
with torch.no_grad():
    model.log_density(few)
print(second - first, peak() - second)
"""


def test_no_call_sees_more_rows_than_a_block():
    calls = []

    def energy(x):
        calls.append(len(x))
        return x.square().sum(-1)

    model = Energy(energy, 2)
    for rows in (0, 1, blocks.ROWS, blocks.ROWS + 1, 3 * blocks.ROWS - 5):
        calls.clear()
        x = torch.randn(rows, 2, generator=generator(1))
        values = log_density_in_blocks(model, x)
        assert sum(calls) == rows
        assert max(calls, default=0) <= blocks.ROWS
        assert values.dtype == torch.float64
        assert torch.equal(values, -x.square().sum(-1).double())


def test_no_graph_is_kept():
    scale = torch.ones((), requires_grad=True)
    assert not log_density_in_blocks(Energy(lambda x: scale * x[:, 0], 1), torch.ones(3, 1)).requires_grad


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_peak_memory_grows_by_the_result_only():
    done = subprocess.run([sys.executable, "-c", PEAKS], capture_output=True, text=True, check=True)
    blocked, whole = map(int, done.stdout.split())
    result = 8 * 800_000
    assert blocked < result + 4 * 2**20
    # without blocks a quarter of the rows takes many times that
    assert whole > 10 * (result + 4 * 2**20)


@pytest.mark.parametrize(("shape", "expected"), [((9, 2), 256), ((9, 784), 83), ((9, 3, 64, 64), 64), ((0, 2), 256)])
def test_large_rows_are_fewer_at_once(shape, expected):
    assert blocks.at_once(torch.empty(shape)) == expected
