"""One thread, as in the workflow's jobs; the long tests first, so that no worker waits for them at the end."""

import pytest
import torch

torch.set_num_threads(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of ``tests/workflow/snakemake`` before all others, else in their order."""
    items.sort(key=lambda item: "snakemake" not in item.path.parts)
