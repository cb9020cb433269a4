"""Every data set that needs no file keeps its contract: found by listing."""

import pytest
import torch

from ebmbench.core import plugins
from ebmbench.data.interface import Dataset, KnownDensity
from tests.helpers.dataset_names import WITH_DEFAULTS

#: real tables and images come from elsewhere: their own tests cover them without a network
FETCHED = {"redwine", "whitewine", "magic", "parkinsons", "power", "hepmass", "miniboone"}
FETCHED |= {"mnist", "fashion_mnist", "photo_patches", "cifar10", "svhn", "celeba64"}


def small_dataset(name):
    known = plugins.fields("dataset", name)
    return plugins.load("dataset", name, **{key: 300 for key in ("train", "val", "test") if key in known})


@pytest.mark.parametrize("name", sorted(set(WITH_DEFAULTS) - FETCHED))
def test_dataset(name):
    dataset = small_dataset(name)
    assert isinstance(dataset, Dataset)
    one, other = dataset.splits(0), dataset.splits(1)
    for split in one[:3]:
        assert split.shape[1] == dataset.dim
        assert split.dtype == torch.float32
        assert torch.isfinite(split).all()
    assert torch.equal(dataset.splits(0).train, one.train)
    assert not torch.equal(other.train, one.train)
    assert len(torch.cat([one.train, one.val, one.test]).unique(dim=0)) == sum(map(len, one[:3]))
    assert dataset.facts()
    assert len(dataset.column_names()) == dataset.dim
    coordinates = dataset.coordinates(0)
    own = coordinates.inverse(one.test.double())
    assert torch.allclose(coordinates(own), one.test.double(), atol=1e-9)
    assert coordinates.log_det == pytest.approx(one.log_det)
    slopes = torch.func.jacrev(coordinates)(own[:1]).squeeze(2)[0]
    assert torch.allclose(coordinates.gradient(one.test[:1].double()), one.test[:1].double() @ slopes, atol=1e-9)
    if isinstance(dataset, KnownDensity):
        log_p = dataset.log_prob(one.test)
        assert log_p.dtype == torch.float64
        assert torch.isfinite(log_p).all()
        assert one.log_det == 0
        component = dataset.component(one.test)
        assert component is None or component.shape == (len(one.test),)
