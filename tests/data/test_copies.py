"""Exact copies of rows: found before noise, counted, and on one side of a split that keeps them together."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ebmbench.core import files, plugins
from ebmbench.core.errors import UserError
from ebmbench.core.seeds import generator
from ebmbench.data.copies import CopyCounts, RowGroups, count_copies, group_rows, unique_test_rows
from ebmbench.data.dequantisation import BETWEEN_NEIGHBOURS, NONE
from ebmbench.data.file_tables import CsvTable
from ebmbench.data.fixed_order import FixedOrderWhitening
from ebmbench.data.interface import digest_of
from ebmbench.data.row_splits import divide_groups, divide_rows
from ebmbench.data.sources import DataFile
from ebmbench.data.tabular import Table
from ebmbench.evaluation.metrics.likelihood import nll
from ebmbench.workflow.stages.dataset import write_dataset

SEARCH = settings(max_examples=60, deadline=None, derandomize=True)

#: few values, some of them equal when rounded, so that rows repeat and nearly repeat
ROWS = st.integers(10, 120).flatmap(
    lambda n: arrays(np.float64, (n, 2), elements=st.sampled_from([-1.0, -0.0, 0.0, 0.1, 0.1 + 1e-12, 7.0]))
)

GROUPS = st.lists(st.integers(1, 12), min_size=4, max_size=60).map(
    lambda sizes: torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
)


def shuffled(groups, seed=0):
    return groups[torch.randperm(len(groups), generator=generator("shuffle", seed))]


def by_group(groups, seed=0):
    order, sizes = divide_groups(groups, generator("groups", seed))
    return RowGroups(*groups[order].split(sizes))


def apart(parts):
    """No two splits have a common entry."""
    return not any(set(one.tolist()) & set(other.tolist()) for one, other in [parts[:2], parts[1:], parts[::2]])


@SEARCH
@given(ROWS)
def test_rows_are_in_one_group_exactly_if_their_values_are_equal(rows):
    groups = group_rows(torch.from_numpy(rows))
    equal = (rows[:, None] == rows[None]).all(2)
    assert np.array_equal(groups.numpy()[:, None] == groups.numpy()[None], equal)
    # in lexicographic order, on which splits depend
    assert torch.equal(groups, torch.from_numpy(rows).unique(dim=0, return_inverse=True)[1])


def test_noise_hides_copies_and_rounding_invents_some():
    rows = torch.tensor([[1.0, 2.0], [1.0, 2.0], [1.0 + 1e-9, 2.0]], dtype=torch.float64)
    assert group_rows(rows).tolist() == [0, 0, 1]
    noisy = rows + 1e-3 * torch.rand(rows.shape, generator=generator("noise"), dtype=torch.float64)
    assert len(group_rows(noisy).unique()) == 3
    assert len(group_rows(rows.float()).unique()) == 1 == len(group_rows(rows.round(decimals=6)).unique())


@SEARCH
@given(GROUPS, st.integers(0, 5))
def test_groups_stay_whole_and_sizes_are_as_near_as_the_groups_outside_allow(groups, seed):
    groups = shuffled(groups)
    order, sizes = divide_groups(groups, generator("groups", seed))
    assert sorted(order.tolist()) == list(range(len(groups)))
    parts = groups[order].split(sizes)
    assert apart(parts)
    wanted, counts = len(groups) // 10, groups.bincount()
    missing_val, missing_test = wanted - sizes[1], wanted - sizes[2]
    assert min(missing_val, missing_test) >= 0
    # whatever is on no smaller side than asked for would make it larger than that
    assert all(counts[group] > missing_test for group in torch.cat(parts[:2]).unique())
    assert all(counts[group] > missing_val for group in parts[0].unique())
    assert max(missing_val, missing_test) <= counts.max()
    # the rows of a split keep their order, so that its first rows are a random sample of it
    assert all((part.diff() > 0).all() for part in order.split(sizes))
    again = divide_groups(groups, generator("groups", seed))
    assert torch.equal(again.order, order) and again.sizes == sizes


def test_a_split_by_rows_tears_groups_apart_and_is_the_order_that_it_is_given():
    groups = shuffled(torch.arange(100).repeat_interleave(2))
    order, sizes = divide_rows(groups, generator("groups"))
    assert torch.equal(order, torch.arange(200)) and sizes == [160, 20, 20]
    assert not apart(groups[order].split(sizes))
    assert apart(by_group(groups)) and [len(part) for part in by_group(groups)] == [160, 20, 20]


def test_a_group_is_tested_with_the_same_probability_whatever_its_size():
    # 60 rows alone and 20 rows three times: 12 are tested
    sizes = torch.cat([torch.ones(60), torch.full((20,), 3)]).long()
    groups = torch.arange(80).repeat_interleave(sizes)
    tested = torch.zeros(80)
    for seed in range(400):
        tested[by_group(groups, seed).test.unique()] += 1 / 400
    error = (0.1 * 0.9 / 400 / 20) ** 0.5
    assert tested[:60].mean() == pytest.approx(0.1, abs=0.01)
    # a little less often, where it no longer fits
    assert 0.08 < tested[60:].mean() < 0.1 + 4 * error
    # the largest first would fill the test rows with the rows that repeat
    assert abs(1.0 - tested[60:].mean()) > 0.5


def test_counts_and_unique_rows_by_hand():
    groups = RowGroups(torch.tensor([0, 0, 1, 2]), torch.tensor([0, 3]), torch.tensor([5, 1, 4, 5, 3, 4]))
    assert count_copies(groups) == CopyCounts(rows=12, distinct=6, val_rows=2, val=1, test_rows=6, test=1)
    assert unique_test_rows(groups).tolist() == [True, False, True, False, True, False]


@SEARCH
@given(GROUPS, st.integers(0, 5))
def test_unique_rows_are_each_new_group_once(groups, seed):
    order, sizes = divide_rows(groups, generator("groups"))
    parts = RowGroups(*shuffled(groups, seed)[order].split(sizes))
    kept = parts.test[unique_test_rows(parts)].tolist()
    assert len(kept) == len(set(kept))
    assert set(kept) == set(parts.test.tolist()) - set(parts.train.tolist())


def measured(repeats=3):
    """100 rows of four columns, the first 40 of them ``repeats`` times."""
    once = pd.DataFrame(np.random.default_rng(0).integers(0, 9, (100, 4)) / 4, columns=list("abcd"))
    return pd.concat([once, *[once.head(40)] * (repeats - 1)], ignore_index=True)


@pytest.fixture
def own(folder, cache, offline):
    """Declares a table of own.csv."""
    measured().to_csv(folder / "own.csv", index=False)

    def declared(dequantisation=BETWEEN_NEIGHBOURS, kind=CsvTable, **own):
        columns = {"file": DataFile("own.csv"), "columns": tuple("abcd"), "dequantisation": dequantisation}
        return type("Own", (kind,), columns | own | {"__module__": "own"})

    return declared


def raw_parts(table, seed):
    """The raw rows of each split, found by undoing the whitening and by the nearest row."""
    splits = table.splits(seed)
    rows, raw = table.all_rows(), table.raw_rows()
    order, sizes = table._rule.divide(group_rows(raw[table._drawn(seed)]), generator("own", "copies", seed))
    whitening = table._rule.whitening.of(rows[table._drawn(seed)][order][: sizes[0]])
    back = [part.double() @ whitening.L.T + whitening.mean for part in splits[:3]]
    return [{tuple(row) for row in raw[torch.cdist(part, rows).argmin(1)].tolist()} for part in back]


@pytest.mark.parametrize("dequantisation", [BETWEEN_NEIGHBOURS, NONE], ids=["noisy", "as they are"])
def test_no_raw_row_of_a_table_of_ones_own_is_on_two_sides(own, dequantisation):
    kind = own(dequantisation)
    for seed in range(3):
        train, val, test = raw_parts(kind(copies="together"), seed)
        assert not train & test and not train & val and not val & test
        splits = kind(copies="together").splits(seed)
        assert [len(part) for part in splits[:3]] == [144, 18, 18]
        assert count_copies(splits.groups)[2:] == (18, 0, 18, 0)
        # at random they are on two sides, and the facts say so
        train, val, test = raw_parts(kind(copies="anywhere"), seed)
        assert train & test
        assert count_copies(kind(copies="anywhere").splits(seed).groups).test > 0


def test_groups_of_rows_after_the_noise_are_on_two_sides(own):
    # the wrong variant: a table whose raw rows are those with noise
    late = own(raw_rows=lambda self: self.all_rows())(copies="together")
    right = own()(copies="together")
    order, sizes = late._rule.divide(group_rows(late.raw_rows()[late._drawn(0)]), generator("own", "copies", 0))
    assert not apart(group_rows(right.raw_rows())[late._drawn(0)][order].split(sizes))
    assert count_copies(late.splits(0).groups).distinct == 180
    assert count_copies(right.splits(0).groups).distinct == len(measured().drop_duplicates())


def test_groups_of_rounded_rows_join_rows_that_differ(own):
    rounded = own(raw_rows=lambda self: self._published.value.round())(copies="together")
    assert count_copies(rounded.splits(0).groups).distinct < len(measured().drop_duplicates())


def test_the_default_keeps_copies_together_and_anywhere_splits_rows_as_they_come(own):
    kind = own(NONE)
    assert kind().copies == "together"
    assert digest_of(kind().splits(2)) == digest_of(kind(copies="together").splits(2))
    found = kind(copies="anywhere").splits(2)
    # as the rule was before it had a setting: shuffled, then cut
    rows = kind().all_rows()[torch.randperm(180, generator=generator("own", "split", 2))]
    centred = rows[:144] - rows[:144].mean(0)
    factor = torch.linalg.cholesky(centred.T @ centred / 144)
    z = torch.linalg.solve_triangular(factor, (rows - rows[:144].mean(0)).T, upper=False).T
    assert torch.allclose(torch.cat(found[:3]), z.float(), atol=1e-6)
    assert digest_of(found) != digest_of(kind(copies="together").splits(2))


@pytest.mark.parametrize(
    ("name", "seed", "digest"),
    [("digits", 0, "95657e318b1d67bb"), ("digits", 1, "16556dac31d8d6d4")],
)
def test_bytes_of_rows_split_anywhere_are_those_of_older_runs(name, seed, digest):
    assert digest_of(plugins.load("dataset", name, copies="anywhere").splits(seed)).startswith(digest)


def test_kept_together_rows_are_whitened_in_a_fixed_order_and_split_alike_for_a_seed(own):
    kind = own()
    splits = kind(copies="together").splits(1)
    assert digest_of(splits) == digest_of(kind(copies="together").splits(1))
    assert digest_of(splits) != digest_of(kind(copies="together").splits(2))
    assert kind(copies="together")._rule.whitening is FixedOrderWhitening
    z = splits.train.double()
    assert torch.allclose(z.T @ z / len(z), torch.eye(4).double(), atol=1e-5)


def test_the_stage_counts_copies_and_marks_unique_rows_where_the_setting_asks_for_it(own, tmp_path):
    for copies in ("anywhere", "together"):
        write_dataset(own()(copies=copies), "own", [0, 1], tmp_path / copies, "0-1")
    loose, kept = (files.read_json(tmp_path / copies / "seeds0-1.json") for copies in ("anywhere", "together"))
    distinct = len(measured().drop_duplicates())
    assert set(loose["copies"]) == set(kept["copies"]) == {"0", "1"}
    assert kept["copies"]["0"] == {
        **{"rows": 180, "distinct": distinct},
        **{"val_rows": 18, "val": 0, "test_rows": 18, "test": 0},
    }
    assert loose["copies"]["0"]["distinct"] == distinct and loose["copies"]["0"]["test"] > 0
    assert "may have a copy" in loose["facts"]["copies"] and "no test row" in kept["facts"]["copies"]
    loose, kept = (
        files.read_tensors(tmp_path / copies / "seeds0-1.safetensors") for copies in ("anywhere", "together")
    )
    assert "0/test_unique" not in loose
    groups = own()(copies="together").splits(0).groups
    assert torch.equal(kept["0/test_unique"], unique_test_rows(groups))
    assert kept["0/test_unique"].sum() == len(groups.test.unique()) < 18


def test_a_table_without_copies_has_no_likelihood_of_unique_rows(own, folder):
    (measured(1).drop_duplicates()).to_csv(folder / "own.csv", index=False)
    table = own()(copies="together")
    assert not table.scores_unique_rows
    measured().to_csv(folder / "own.csv", index=False)
    assert own()().scores_unique_rows and not own()(copies="anywhere").scores_unique_rows


def test_too_few_distinct_rows_are_one_line(own, folder):
    table = measured(1).head(5)
    pd.concat([table] * 40).to_csv(folder / "own.csv", index=False)
    with pytest.raises(UserError) as error:
        own()(copies="together").splits(0)
    assert str(error.value) == (
        "dataset own: the rows of seed 0 have only 5 distinct values, too few for three splits without common rows; "
        "allowed: copies = 'anywhere', or more distinct rows"
    )


def test_other_rules_and_raw_rows_of_another_number_are_refused(own):
    with pytest.raises(ValueError, match="copies = 'apart'; allowed: 'anywhere', or 'together'"):
        own()(copies="apart")
    with pytest.raises(UserError, match="raw_rows returns 3 rows, and all_rows 180"):
        own(raw_rows=lambda self: torch.zeros(3, 4))().splits(0)


def test_a_model_that_memorises_is_flattered_by_copies_and_not_by_unique_rows():
    def kernel_density(train, x, bandwidth=0.03):
        squares = torch.cdist(x, train).square() / bandwidth**2
        constant = x.shape[1] * torch.tensor(2 * torch.pi * bandwidth**2).log() / 2
        return (-squares / 2).logsumexp(1) - torch.tensor(len(train)).log() - constant

    # uniform in a cube, where the true density has a likelihood of 0
    draws = torch.rand(2000, 3, generator=generator("rows"), dtype=torch.float64)
    rows = torch.cat([draws, draws[:1000]])
    noisy = rows + 0.005 * torch.randn(rows.shape, generator=generator("noise"), dtype=torch.float64)
    groups = group_rows(rows)

    def scores(order, sizes):
        parts = RowGroups(*groups[order].split(sizes))
        train, _, test = noisy[order].split(sizes)
        unique = unique_test_rows(parts)
        memory = kernel_density(train, test)
        return nll(memory), nll(memory[unique])

    shuffle = torch.randperm(3000, generator=generator("shuffle"))
    groups, noisy = groups[shuffle], noisy[shuffle]
    memory, unique = scores(*divide_rows(groups, generator("order")))
    # on rows that it has not seen the density that memorises is worse than the truth; with copies it looks better
    assert memory.value < unique.value - 2 * (memory.stderr + unique.stderr)
    assert memory.value < 0 < unique.value - 2 * unique.stderr
    kept, kept_unique = scores(*divide_groups(groups, generator("order")))
    assert kept.value == pytest.approx(kept_unique.value, abs=2 * kept_unique.stderr)
    assert kept.value > memory.value + 2 * (kept.stderr + memory.stderr)


def test_a_table_without_rows_of_its_own_before_noise_is_compared_as_it_is():
    class Plain(Table):
        dim = 1

        def all_rows(self):
            return torch.arange(40, dtype=torch.float64)[:, None] % 7

        def origin(self):
            return {}

    assert count_copies(Plain(copies="anywhere").splits(0).groups).distinct == 7
