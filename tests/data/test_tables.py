"""Splits, whitening and dequantisation of real tables."""

import hashlib
import math
from dataclasses import dataclass

import pytest
import torch
from scipy import stats

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.core.seeds import generator
from ebmbench.data import digits, file_tables, sources
from ebmbench.data.dequantisation import between_neighbours, median_gap, upwards
from ebmbench.data.remotes import Package
from ebmbench.data.streams import name_of
from ebmbench.data.whitening import Whitening


def correlated(n=500, dim=4):
    x = torch.randn(n, dim, dtype=torch.float64, generator=generator("rows"))
    return x @ torch.randn(dim, dim, dtype=torch.float64, generator=generator("mixing")) * 100 + 5000


def covariance(z):
    centred = z.double() - z.double().mean(0)
    return centred.T @ centred / len(z)


def gaussian_nll(rows):
    """Mean negative log-density of the rows under the Gaussian fitted to them."""
    cov = covariance(rows)
    normal = stats.multivariate_normal(rows.double().mean(0).numpy(), cov.numpy())
    return -normal.logpdf(rows.double().numpy()).mean()


def test_whitening_gives_the_identity_and_its_log_det():
    x = correlated()
    whitening = Whitening.of(x)
    z = whitening(x)
    assert z.mean(0).abs().max() < 1e-10
    assert (covariance(z) - torch.eye(4)).abs().max() < 1e-10
    # dividing by N - 1 misses the identity by 1 / N
    assert (torch.cov(z.T) - torch.eye(4)).abs().max() > 1e-3
    jacobian = torch.func.jacrev(lambda row: whitening(row[None])[0])(x[0])
    assert whitening.log_det == pytest.approx(torch.linalg.slogdet(jacobian).logabsdet.item(), abs=1e-10)
    # log p(x) = log p(z) + log_det for a Gaussian
    log_x = stats.multivariate_normal(x.mean(0).numpy(), covariance(x).numpy()).logpdf(x[:5].numpy())
    log_z = stats.multivariate_normal(torch.zeros(4).numpy()).logpdf(z[:5].numpy())
    assert log_x == pytest.approx(log_z + whitening.log_det, abs=1e-9)


def test_median_gap_is_between_distinct_values():
    rows = torch.tensor([[1.0, 0.0], [1.0, 5.0], [1.5, 0.0], [3.5, 6.0], [3.5, 0.0], [13.5, 0.0]])
    # gaps of the first column 0.5, 2, 10; of the second 5, 1
    assert median_gap(rows).tolist() == [2.0, 3.0]


def test_dequantisation_is_uniform_within_one_gap_on_either_side():
    rows = torch.randint(5, (20_000, 2), generator=generator("levels")) * torch.tensor([0.5, 3.0]).double()
    noise = (between_neighbours(rows, generator("noise")) - rows) / torch.tensor([0.5, 3.0])
    for column in noise.T.numpy():
        assert stats.kstest(column, stats.uniform(-1, 2).cdf).pvalue > 1e-3
        assert stats.kstest(column, stats.uniform(-0.5, 1).cdf).pvalue < 1e-6


def test_upwards_is_uniform_within_one_step_above():
    rows, step = torch.zeros(20_000, 2).double(), torch.tensor([0.5, 3.0])
    for column in (upwards(rows, generator("noise"), step) / step).T.numpy():
        assert stats.kstest(column, stats.uniform().cdf).pvalue > 1e-3
        assert stats.kstest(column, stats.uniform(-0.5, 1).cdf).pvalue < 1e-6


CONTENT = "x,y,class\n" + "".join(f"{i % 17},{i * i % 101 / 10},{'ab'[i % 2]}\n" for i in range(205))


class Tiny(file_tables.CsvTable):
    columns = ("x", "y")
    file = sources.DataFile(
        "tiny.csv",
        hashlib.sha256(CONTENT.encode()).hexdigest(),
        Package("none", "0", "none-0-py3-none-any.whl", "0" * 64),
        ("tiny.csv",),
    )
    citation = licence = "none"


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    monkeypatch.setenv("EBMBENCH_DATA", str(tmp_path))
    monkeypatch.setenv("EBMBENCH_CACHE", str(tmp_path / "cache"))
    (tmp_path / "tiny.csv").write_text(CONTENT)
    return Tiny()


def test_a_csv_table_drops_header_and_label(tiny):
    rows = tiny.all_rows()
    assert rows.shape == (205, 2)
    exact = torch.tensor([[i % 17, i * i % 101 / 10] for i in range(205)], dtype=torch.float64)
    gap = median_gap(exact)
    assert ((rows - exact).abs() <= gap).all()
    assert (rows - exact).abs().max() > 0.9 * gap.min()
    assert torch.equal(rows, Tiny().all_rows())


def test_a_split_holds_every_row_once_and_another_seed_is_another_split(tiny):
    tiny = Tiny(copies="anywhere")
    splits = tiny.splits(0)
    assert [len(part) for part in splits[:3]] == [165, 20, 20]
    assert all(part.dtype == torch.float32 for part in splits[:3])

    def original(seed):
        """All rows, mapped back, in the order of the table's first column."""
        parts = tiny.splits(seed)
        shuffled = tiny.all_rows()[torch.randperm(205, generator=generator(name_of(tiny), "split", seed))]
        whitening = Whitening.of(shuffled[:165])
        back = torch.cat(parts[:3]).double() @ whitening.L.T + whitening.mean
        return back[back[:, 0].argsort()]

    assert torch.allclose(original(0), tiny.all_rows()[tiny.all_rows()[:, 0].argsort()], atol=1e-5)
    assert torch.allclose(original(0), original(1), atol=1e-5)
    assert torch.equal(splits.train, tiny.splits(0).train)
    assert not torch.equal(splits.train, tiny.splits(1).train)
    assert splits.log_det != tiny.splits(1).log_det


@dataclass(frozen=True)
class Drawn(Tiny):
    rows: int = 50


def test_a_seed_draws_its_own_rows_of_a_large_table(tiny):
    def back(splits, shuffled):
        whitening = Whitening.of(shuffled[:40])
        return torch.cat(splits[:3]).double() @ whitening.L.T + whitening.mean

    table = Drawn(copies="anywhere")
    for seed in range(2):
        splits = table.splits(seed)
        assert [len(part) for part in splits[:3]] == [40, 5, 5]
        order = torch.randperm(205, generator=generator(name_of(table), "split", seed))[:50]
        assert torch.allclose(back(splits, tiny.all_rows()[order]), tiny.all_rows()[order], atol=1e-5)
    assert not torch.equal(table.splits(0).train, table.splits(1).train)
    assert table.facts()["split"] == "a random split of 50 randomly chosen rows for each seed, 80/10/10"
    assert "draws" not in tiny.facts()["split"]


def test_too_many_or_too_few_rows_are_refused(tiny):
    assert len(Drawn(205).splits(0).train) == 165
    with pytest.raises(
        UserError, match=r"dataset test_tables: rows = 206; allowed: at most 205, all rows of the table"
    ):
        Drawn(206).splits(0)
    with pytest.raises(ValueError, match="rows = 29; allowed: 30 or more, to whiten 2 columns"):
        Drawn(29)


def test_a_gaussian_s_train_nll_is_exact_and_only_train_rows_whiten(tiny):
    for seed in range(3):
        splits = tiny.splits(seed)
        exact = math.log(2 * math.pi * math.e)
        assert gaussian_nll(splits.train) == pytest.approx(exact, abs=1e-6)
        assert abs(gaussian_nll(torch.cat(splits[:3])) - exact) > 1e-5


def test_facts_of_a_table(tiny):
    facts = tiny.facts()
    assert facts["coordinates"] == "whitened by the training rows"
    assert facts["source"] == "none 0 > tiny.csv"
    assert facts["sha256"] == tiny.file.sha256


def test_digits_whiten_to_the_exact_nll():
    data = plugins.load("dataset", "digits")
    rows = data.all_rows()
    assert rows.shape == (1797, 64)
    assert rows.min() >= 0
    assert rows.max() < 17
    assert set(rows.floor().unique().tolist()) == set(range(17))
    splits = data.splits(0)
    assert [len(part) for part in splits[:3]] == [1439, 179, 179]
    assert gaussian_nll(splits.train) == pytest.approx(32 * math.log(2 * math.pi * math.e), abs=1e-6)
    assert data.facts()["sha256"] == digits.SHA256


def test_other_digits_are_refused(monkeypatch):
    monkeypatch.setattr(digits, "SHA256", "0" * 64)
    with pytest.raises(UserError, match="dataset digits: scikit-learn's digits do not have the expected sha256"):
        plugins.load("dataset", "digits").all_rows()


@pytest.mark.parametrize("name", ["redwine", "whitewine", "magic", "parkinsons", "power"])
def test_tables_state_where_they_come_from(name):
    facts = plugins.load("dataset", name).facts()
    assert len(facts["sha256"]) == 64
    assert {"citation", "licence", "source", "dequantisation", "copies"} <= set(facts)
