"""Steps of rounded values against known ones, and the noise against its distribution."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ebmbench.core.seeds import generator
from ebmbench.data.own_table.lattice import add_steps, lattice_step, repeating_steps
from tests.data.own_table.tables import continuous, load, measured, written


@settings(deadline=None)
@given(
    st.sampled_from([1e-9, 0.001, 0.005, 0.01, 0.0625, 0.25, 0.5, 1, 2, 15, 100, 5000]),
    st.integers(-1000, 1000),
    st.lists(st.integers(-500, 500), min_size=3, max_size=50),
)
def test_the_step_of_rounded_values_is_found(step, start, multiples):
    values = np.array([(start + multiple) * step for multiple in multiples])
    gaps = np.gcd.reduce(np.diff(np.unique(multiples)).astype(np.int64)) if len(set(multiples)) > 1 else 0
    found = lattice_step(values)
    assert found == (pytest.approx(gaps * step, rel=1e-12) if gaps else None)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e9])
def test_values_of_53_bits_are_on_no_lattice(scale):
    assert lattice_step(np.random.default_rng(0).normal(size=200) * scale) is None


def test_results_of_arithmetic_are_on_the_lattice_of_their_terms():
    values = np.arange(10) * 0.1
    assert values[3] != 0.3 and lattice_step(values) == pytest.approx(0.1)


def test_only_columns_whose_values_repeat_have_a_step():
    rng = np.random.default_rng(0)
    rows = np.column_stack(
        [rng.normal(size=300).round(1), rng.permutation(300) * 0.5, rng.normal(size=300), rng.integers(0, 2, 300) * 7]
    )
    assert repeating_steps(torch.tensor(rows)).tolist() == [0.1, 0, 0, 7]
    # copies of rows say nothing of rounding, although their values repeat
    again = np.concatenate([rows, rows[:50]])
    assert len(np.unique(again[:, 1])) < len(again)
    assert repeating_steps(torch.tensor(again)).tolist() == [0.1, 0, 0, 7]


def test_an_atom_without_a_lattice_gets_no_noise():
    values = np.where(np.arange(300) % 2, 0, np.random.default_rng(0).normal(size=300))
    other = np.random.default_rng(1).normal(size=300)
    assert repeating_steps(torch.tensor(np.column_stack([values, other]))).tolist() == [0, 0]


def test_noise_is_uniform_over_one_step_around_the_value():
    rows = torch.zeros(20_000, 3).double()
    noise = add_steps(rows, torch.tensor([0.5, 3.0, 0.0]).double(), generator("noise"))
    assert (noise[:, 2] == 0).all()
    for column, step in ((noise[:, 0], 0.5), (noise[:, 1], 3.0)):
        assert stats.kstest(column.numpy(), stats.uniform(-step / 2, step).cdf).pvalue > 1e-3
        # U(0, step) and U(-step, step) fail
        assert stats.kstest(column.numpy(), stats.uniform(0, step).cdf).pvalue < 1e-6
        assert stats.kstest(column.numpy(), stats.uniform(-step, 2 * step).cdf).pvalue < 1e-6


def test_rounding_to_the_lattice_gives_a_dequantised_table_back(tmp_path):
    exact = continuous().assign(d=measured()["dose"])
    table = load(written(tmp_path / "mine.csv", exact))
    rows, raw = table.all_rows(), table.raw_rows()
    assert torch.equal(rows[:, :3], raw[:, :3])
    assert not torch.equal(rows[:, 3], raw[:, 3])
    assert torch.allclose((rows[:, 3] / 0.001).round() * 0.001, raw[:, 3], atol=1e-12)
    assert torch.equal(load(tmp_path / "mine.csv").all_rows(), rows)
    assert table.facts()["dequantisation"] == ("U(-1/2, 1/2) times the lattice step, drawn once for all seeds: d 0.001")
    plain = load(tmp_path / "mine.csv", dequantise="none")
    assert torch.equal(plain.all_rows(), raw) and plain.facts()["dequantisation"] == "none"
