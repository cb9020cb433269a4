"""Whatever a configuration holds, planning ends well or with one line."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ebmbench.core.errors import UserError
from ebmbench.planning import config as configuration
from ebmbench.planning.comparisons import asked_for
from ebmbench.planning.experiment_inputs import judging, studied
from ebmbench.planning.figure_selection import figures
from tests.helpers.mutations import SEARCH, Outcomes, changed, reported
from tests.helpers.paths import ROOT

SCHEMA = ROOT / "src/ebmbench/core/schemas/config.schema.yaml"

#: a small grid with every section
GRID = yaml.safe_load(
    """
results: results/x
seeds: 2
seeds_per_job: 2
train: {steps: 10}
sample: {samples: 100}
sampler: {mala: {}}
likelihood: {smc: {particles: 8}}
datasets: {moons: {}, digits: {}}
families: {oracle: {}, ebm: {width: 8}, mine: {kind: ebm}}
losses: {none: {}, ed: {t: 0.5}, dsm: {}}
stats: {none: {}, moments: {kind: joint, set: moments}, after: {kind: posthoc, set: s1}}
sets: {s1: {means: {}}}
evaluate: [s1]
figures: {pareto: {}, density_panels: {match: {dataset: moons}}}
tuning: {trials: 3, seed: 1000, spaces: [{match: {loss: ed}, space: {train: {learning_rate: [0.001, 0.1]}}}]}
overrides: [{match: {dataset: digits, loss: [ed, dsm]}, set: {train: {steps: 20}, seeds: 1}}]
exclude: [{match: {family: mine, loss: {not: ed}}, reason: "for a test"}]
"""
)


def plan(tree):
    config = configuration.check(tree, SCHEMA)
    grid = configuration.grid(config)
    figures(config, grid)
    judging(config, studied(config, grid))
    asked_for(grid, config)


def test_the_grid_itself_is_planned():
    plan(GRID)


@pytest.fixture(scope="module")
def outcomes():
    found = Outcomes()
    yield found
    found.both()


@SEARCH
@given(changed(GRID))
def test_any_change_of_a_configuration_is_planned_or_refused(outcomes, tree):
    outcomes.append(("configuration", reported(plan, tree)))


@SEARCH
@given(st.dictionaries(st.sampled_from([*GRID, "x"]), st.just(None) | st.just({}) | st.just([]) | st.text(max_size=3)))
def test_a_configuration_of_nothing_sensible_is_reported(tree):
    assert not reported(plan, tree)


def test_a_name_that_ends_a_line_is_written_out():
    with pytest.raises(UserError) as caught:
        plan(GRID | {"likelihood": {"smc": {"a\r\nb\x85": 1}}})
    assert r"'a\r\nb\x85' is unknown" in str(caught.value)
