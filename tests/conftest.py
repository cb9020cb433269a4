"""One thread, as in the workflow's jobs."""

import torch

torch.set_num_threads(1)
