"""Whitening in a fixed order: what the usual whitening computes, with the same bits on any instruction set."""

import hashlib
import os
import subprocess
import sys

import pytest
import torch

from ebmbench.core.seeds import generator
from ebmbench.data.columns import ColumnError
from ebmbench.data.fixed_order import FixedOrderWhitening, cholesky, pairwise_sum
from ebmbench.data.whitening import Whitening
from tests.helpers.paths import ROOT

#: kernels of processors without vector instructions beyond SSE, for every library that has a choice
OLDER = {
    "ATEN_CPU_CAPABILITY": "default",
    "OPENBLAS_CORETYPE": "Prescott",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "MKL_CBWR": "COMPATIBLE",
}


def correlated(n=1001, dim=11):
    x = torch.rand(n, dim, dtype=torch.float64, generator=generator("rows"))
    return x @ torch.rand(dim, dim, dtype=torch.float64, generator=generator("mixing")).round(decimals=2) * 100 + 5000


def test_it_is_the_usual_whitening_up_to_rounding():
    x = correlated()
    usual, fixed = Whitening.of(x), FixedOrderWhitening.of(x)
    torch.testing.assert_close(fixed.L, usual.L, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(fixed(x), usual(x), rtol=1e-9, atol=1e-9)
    assert fixed.log_det == pytest.approx(usual.log_det, abs=1e-9)


def test_a_column_to_blame_is_named_as_ever():
    x = correlated()
    x[:, 3] = x[:, 1] + x[:, 2]
    with pytest.raises(ColumnError, match="column 3 is a linear function of other columns"):
        FixedOrderWhitening.of(x)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 64, 1001])
def test_every_row_is_summed_once(n):
    rows = torch.arange(2 * n, dtype=torch.float64).reshape(n, 2)
    assert torch.equal(pairwise_sum(rows), rows.sum(0))


def test_the_factor_is_choleskys():
    covariance = torch.cov(correlated().T)
    torch.testing.assert_close(cholesky(covariance), torch.linalg.cholesky(covariance), rtol=1e-9, atol=1e-9)


def digests():
    """Digests of a whitening by matrix products, and of one in a fixed order."""
    # whole numbers below 2^21: the rows themselves have the same bits everywhere
    rows = torch.randint(2**21, (1001, 11), generator=generator("rows")).double()
    rows[:, 1:] += rows[:, :1]
    whitened = [kind.of(rows)(rows).contiguous() for kind in (Whitening, FixedOrderWhitening)]
    return [hashlib.sha256(z.numpy().tobytes()).hexdigest() for z in whitened]


def test_the_bits_do_not_depend_on_the_instruction_set_as_those_of_matrix_products_do():
    command = [sys.executable, "-c", "from tests.data.test_fixed_order import digests; print(*digests())"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment | OLDER, capture_output=True, text=True, check=True)
    (usual, fixed), (usual_older, fixed_older) = digests(), done.stdout.split()
    assert fixed == fixed_older
    if torch.backends.cpu.get_cpu_capability() != "DEFAULT":
        # the check has power: there are other kernels here, and they round differently
        assert usual != usual_older
