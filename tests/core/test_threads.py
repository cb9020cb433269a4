"""Computing on one thread, for a while."""

import pytest
import torch

from ebmbench.core.threads import one_thread


def test_the_number_of_threads_is_what_it_was_before_also_after_an_error():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(KeyError), one_thread():
            assert torch.get_num_threads() == 1
            raise KeyError
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
