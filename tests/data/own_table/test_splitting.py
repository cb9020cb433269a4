"""Splits of a table of one's own: copies and groups stay together, time is respected, files are as given."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ebmbench.data.own_table.keys import rank_by_time
from ebmbench.data.own_table.splitting import join_groups
from tests.data.own_table.tables import continuous, load, measured, written

#: a column without noise, by which rows of the file are found again
KEY = "a"


def sides(table, frame, seed=0):
    """The rows of ``frame`` in each split, found by the value of a continuous column."""
    place = {value: at for at, value in enumerate(frame[KEY])}
    coordinates, at = table.coordinates(seed), table.column_names().index(KEY)
    found = []
    for part in table._parts(seed)[0]:
        assert torch.allclose(coordinates.inverse(coordinates(part)), part, atol=1e-9)
        found.append([place[value] for value in part[:, at].tolist()])
    return found


def test_a_random_split_has_every_row_once_and_another_seed_is_another_split(tmp_path):
    frame = continuous()
    table = load(written(tmp_path / "mine.csv", frame))
    one, other = sides(table, frame, 0), sides(table, frame, 1)
    assert sorted(row for side in one for row in side) == list(range(600)) and [len(side) for side in one] == [
        480,
        60,
        60,
    ]
    assert one != other and one == sides(load(tmp_path / "mine.csv"), frame, 0)


def test_copies_are_in_one_split_by_default_and_are_a_fact(tmp_path):
    frame = pd.concat([continuous(), continuous().sample(300, random_state=0)])
    path = written(tmp_path / "mine.csv", frame)
    table, apart = load(path), load(path, copies="anywhere")

    def crossing(of):
        splits = of.splits(0)
        return len(set(splits.groups.train.tolist()) & set(splits.groups.test.tolist()))

    assert crossing(table) == 0 and table.scores_unique_rows
    assert crossing(apart) > 5 and not apart.scores_unique_rows
    assert "same split" in table.facts()["copies"] and "may have a copy" in apart.facts()["copies"]


@pytest.mark.parametrize("copies", ["together", "anywhere"])
def test_rows_of_a_group_are_in_one_split(tmp_path, copies):
    frame = continuous().assign(patient=[f"p{at * at % 97}" for at in range(600)])
    table = load(written(tmp_path / "mine.csv", frame), group="patient", copies=copies)
    assert table.column_names() == ["a", "b", "c"]
    for seed in range(3):
        patients = [set(frame["patient"].iloc[side]) for side in sides(table, frame, seed)]
        assert not any(patients[one] & patients[other] for one, other in ((0, 1), (0, 2), (1, 2)))
        assert all(50 < len(side) <= 60 for side in sides(table, frame, seed)[1:])
    # without the setting they are not
    plain = load(tmp_path / "mine.csv", drop="patient")
    patients = [set(frame["patient"].iloc[side]) for side in sides(plain, frame)]
    assert patients[0] & patients[2]


def test_copies_of_rows_join_their_groups(tmp_path):
    frame = continuous(300)
    frame = pd.concat([frame, frame]).assign(patient=[at // 3 for at in range(600)])
    path = written(tmp_path / "mine.csv", frame)
    for copies, crossing in (("together", False), ("anywhere", True)):
        groups = load(path, group="patient", copies=copies).splits(0).groups
        assert bool(set(groups.train.tolist()) & set(groups.test.tolist())) == crossing


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=12))
def test_joined_groups_are_the_finest_that_hold_both_whole(pairs):
    one, other = torch.tensor(pairs).T
    _, one = one.unique(return_inverse=True)
    _, other = other.unique(return_inverse=True)
    joined = join_groups(one, other).tolist()
    # closed form by repeated merging
    label = list(range(len(pairs)))
    for _ in pairs:
        for i in range(len(pairs)):
            for j in range(len(pairs)):
                if one[i] == one[j] or other[i] == other[j]:
                    label[i] = label[j] = min(label[i], label[j])
    same = [[label[i] == label[j] for j in range(len(pairs))] for i in range(len(pairs))]
    assert [[joined[i] == joined[j] for j in range(len(pairs))] for i in range(len(pairs))] == same


TIMES = {
    "numbers": lambda at: 7.5 * at - 100,
    "days": lambda at: str(pd.Timestamp("2020-01-01") + pd.Timedelta(days=at))[:10],
    "zones": lambda at: str(pd.Timestamp("2020-01-01", tz="Asia/Tokyo") + pd.Timedelta(hours=at)),
}


@pytest.mark.parametrize("form", TIMES)
def test_the_last_rows_are_tested_and_those_before_validate(tmp_path, form):
    order = np.random.default_rng(0).permutation(600)
    frame = continuous().assign(day=[TIMES[form](int(at)) for at in order])
    table = load(written(tmp_path / "mine.csv", frame), time="day")
    for seed in range(2):
        train, val, test = ([int(order[row]) for row in side] for side in sides(table, frame, seed))
        assert train == list(range(480)) and val == list(range(480, 540)) and test == list(range(540, 600))
    assert table.facts()["split"].startswith("by day, the same for every seed")


def test_dates_are_no_text_and_equal_times_keep_their_order():
    # as text, "900" comes after "1000"
    assert rank_by_time(pd.Series([1000, 900, 1000, 5])).tolist() == [2, 1, 3, 0]
    assert rank_by_time(pd.Series(["2020-01-02", "2019-12-31 23:00", "2020-01-02"])).tolist() == [1, 0, 2]


def test_given_splits_are_those_of_the_files(tmp_path):
    frames = [continuous(200, seed=1), continuous(50, seed=2), continuous(70, seed=3)[["c", "a", "b"]]]
    names = ("train_path", "val_path", "test_path")
    paths = [str(written(tmp_path / f"{name}.csv", frame)) for name, frame in zip(names, frames, strict=True)]
    table = load(None, **dict(zip(names, paths, strict=True)))
    splits = table.splits(0)
    coordinates = table.coordinates(0)
    for part, frame in zip(splits[:3], frames, strict=True):
        own = coordinates.inverse(part.double())
        assert torch.allclose(own, torch.tensor(frame[["a", "b", "c"]].to_numpy()), atol=1e-5)
    assert torch.equal(table.splits(1).test, splits.test)
    assert [file.path for file in table.files()] == paths
    # whitened by the training file alone
    assert splits.train.double().mean(0).abs().max() < 1e-6 < splits.test.double().mean(0).abs().max()


def test_a_table_that_is_whitened_has_unit_covariance_in_train(tmp_path):
    z = load(written(tmp_path / "mine.csv", measured())).splits(0).train.double()
    centred = z - z.mean(0)
    assert torch.allclose(centred.T @ centred / len(z), torch.eye(4).double(), atol=1e-5)
