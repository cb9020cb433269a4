"""The rule that drops near copies, and the columns that it leaves of the real file."""

import io
import os
from pathlib import Path

import pandas as pd
import pytest
import torch

from ebmbench.core.errors import UserError
from ebmbench.core.seeds import generator
from ebmbench.data import sources
from ebmbench.data.correlation import without_near_copies
from ebmbench.data.parkinsons import Parkinsons, kept_columns


def one_by_one(rows, limit):
    """The rule as it is documented: the first column that correlates with another one goes, until none does."""
    kept = list(range(rows.shape[1]))
    while True:
        correlation = torch.corrcoef(rows[:, kept].T).abs().fill_diagonal_(0)
        paired = (correlation > limit).any(1).nonzero().flatten().tolist()
        if not paired:
            return kept
        del kept[paired[0]]


def chain():
    """Columns a, b, c, d, -d: neighbours of a, b, c correlate by .96, a and c by .92; d is independent."""
    a, b, c, d = torch.randn(4, 20_000, dtype=torch.float64, generator=generator("chain"))
    columns = [a, a + 0.3 * b, a + 0.3 * b + 0.3 * c, d, -d + 0.01 * c]
    return torch.stack(columns, 1)


def test_of_near_copies_the_last_one_stays():
    assert without_near_copies(chain(), 0.94) == one_by_one(chain(), 0.94) == [2, 4]
    # the rule that drops the later one of a pair keeps others
    flipped = [4 - index for index in without_near_copies(chain().flip(1), 0.94)]
    assert sorted(flipped) == [0, 3]
    # without the absolute value, d and -d both stay
    assert without_near_copies(chain(), 0.999999) == [0, 1, 2, 3, 4]


def test_it_is_the_rule_one_by_one():
    for seed in range(20):
        x = torch.randn(50, 8, dtype=torch.float64, generator=generator("columns", seed))
        mixed = x @ torch.randn(8, 8, dtype=torch.float64, generator=generator("mixing", seed))
        assert without_near_copies(mixed, 0.5) == one_by_one(mixed, 0.5)


def real_file():
    return Path(os.environ.get(sources.FOLDER) or "", Parkinsons.file.name)


@pytest.mark.skipif(not real_file().is_file(), reason=f"{Parkinsons.file.name} is not in the folder EBMBENCH_DATA")
def test_the_real_file_leaves_fifteen_columns():
    found = real_file().read_bytes()
    assert list(kept_columns(pd.read_csv(io.BytesIO(found)))) == [
        "test_time",
        "motor_UPDRS",
        "total_UPDRS",
        "Jitter(Abs)",
        "Jitter:PPQ5",
        "Jitter:DDP",
        "Shimmer(dB)",
        "Shimmer:APQ5",
        "Shimmer:APQ11",
        "Shimmer:DDA",
        "NHR",
        "HNR",
        "RPDE",
        "DFA",
        "PPE",
    ]
    table = Parkinsons()
    values = table.parse(found)
    assert values.shape == (5875, 15)
    assert len(values.unique(dim=0)) == 5875
    splits = table.splits(0)
    assert [len(part) for part in splits[:3]] == [4701, 587, 587]
    assert torch.allclose(splits.train.double().T @ splits.train.double() / 4701, torch.eye(15).double(), atol=1e-4)


def test_another_file_is_refused(folder, cache, offline):
    (folder / "parkinsons_updrs.csv").write_text("subject#,age,sex,test_time\n1,72,0,5.6\n")
    with pytest.raises(UserError, match=r"^dataset parkinsons: .*wrong sha256.*no network.*put parkinsons_updrs\.csv"):
        Parkinsons().splits(0)
