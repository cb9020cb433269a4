"""The rows of one seed, and what the data's own density gives at them."""

import pytest
import torch

from ebmbench.core import plugins
from ebmbench.evaluation.external_samples import reading
from ebmbench.workflow.stages.external_samples import write_rows
from tests.helpers.external_model import NAME, log_probs


@pytest.fixture(scope="package")
def points(tmp_path_factory):
    """The rows of seed 0 and the grid."""
    path = tmp_path_factory.mktemp("rows") / "rows.npz"
    write_rows(NAME, plugins.load("dataset", NAME), 0, path)
    return reading.load(path)


@pytest.fixture(scope="package")
def rows(points):
    """The data set, and a file's arrays for the data's own density."""
    dataset = plugins.load("dataset", NAME)
    draws = dataset.sample(4000, torch.Generator().manual_seed(7)).numpy()
    return dataset, {"samples": draws} | log_probs(dataset.log_prob, points)
