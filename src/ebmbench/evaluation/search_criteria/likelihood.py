"""The likelihood of validation examples, by which a search compares models with a density."""

from __future__ import annotations

import math

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.evaluation.metrics.likelihood import nll
from ebmbench.evaluation.search_criteria.interface import TrialModel, TrialScore
from ebmbench.inference.sampling import SampleSettings, normalise
from ebmbench.models.blocks import log_density_in_blocks
from ebmbench.models.interface import Density

#: settings of the samples that come with a likelihood, which are not used here
DRAWS = SampleSettings(samples=1000, bounds=0)


class Likelihood:
    """Mean negative log-likelihood of the validation examples in nats, with log Z by the cell's own estimators.

    A user with real data has it, too: the known density is not used.
    """

    def score(self, trial: TrialModel) -> TrialScore:
        """Return the score of a trial; raises :class:`UserError` for a family without a density."""
        if not isinstance(trial.model, Density):
            raise UserError(
                f"tuning: family {trial.family} has no density in x, so its trials cannot be compared by likelihood; "
                "remove it from tuning.spaces"
            )
        ways = [plugins.load("likelihood", name, **own) for name, own in trial.settings["likelihood"].items()]
        log_z = normalise(trial.problem, ways, DRAWS, trial.stream).log_z
        if log_z.status != "ok":
            return TrialScore(math.nan, reason=f"likelihood: {log_z.reason}")
        val = trial.data.splits.val.to(trial.device)
        estimate = nll(log_density_in_blocks(trial.model, val) - log_z.value, log_z.stderr)
        return TrialScore(estimate.value, estimate.stderr, log_z.stderr)
