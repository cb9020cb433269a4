"""The imported metrics of torch-fidelity: a second, which the process that forks jobs spends once for all of them."""

from __future__ import annotations

from ebmbench.evaluation.metrics.fidelity import torch_fidelity

MODULES = tuple(torch_fidelity(f"torch_fidelity.metric_{name}") for name in ("fid", "kid", "prc"))
