"""Combinations that no method supports are left out by what the methods declare, and the configuration need not."""

import pytest

from ebmbench.core import plugins
from ebmbench.core.cells import Cell
from ebmbench.planning.compatibility import CAPABILITIES, incompatible

CONFIG = {
    "families": {"oracle": {}, "gaussian": {}, "flow": {}, "ebm": {}, "ebm_noise": {}, "expfam": {}, "vae": {}}
    | {"small": {"kind": "ebm", "width": 8}},
    "losses": {"none": {}, "ml": {}, "ed": {}, "dsm_levels": {}, "elbo": {}, "ed_fast": {"kind": "ed"}},
    "stats": {"none": {}, "moments": {"kind": "joint"}, "after": {"kind": "posthoc"}}
    | {"after_moments": {"kind": "posthoc", "run": "moments"}},
}


def reason(family, loss, stats="none"):
    cell = Cell("moons", family, loss, stats)
    return incompatible([cell], CONFIG).get(cell)


@pytest.mark.parametrize(
    ("family", "loss", "stats", "line"),
    [
        ("oracle", "ed", "none", "family oracle is not trained"),
        ("ebm", "none", "none", "family ebm needs a loss"),
        ("small", "none", "none", "family ebm needs a loss"),
        ("flow", "ed", "none", "family flow is trained by ml only"),
        ("gaussian", "ed_fast", "none", "family gaussian is trained by none or ml only"),
        (
            "ebm",
            "dsm_levels",
            "none",
            "loss dsm_levels requires an energy at several noise levels, which family ebm does",
        ),
        ("ebm", "elbo", "none", "loss elbo requires an encoder, which family ebm does not provide"),
        (
            "flow",
            "ml",
            "moments",
            "stats joint requires statistics with natural parameters, which family flow does not",
        ),
        ("flow", "ml", "after_moments", "stats joint requires statistics with natural parameters, which family flow"),
        (
            "expfam",
            "ed",
            "none",
            "family expfam requires statistics with natural parameters, which stats none does not",
        ),
    ],
)
def test_what_no_method_supports_has_a_reason(family, loss, stats, line):
    assert reason(family, loss, stats).startswith(line)


@pytest.mark.parametrize(
    ("family", "loss", "stats"),
    [
        ("oracle", "none", "none"),
        ("gaussian", "none", "none"),
        ("gaussian", "ml", "none"),
        ("flow", "ml", "after"),
        ("ebm", "ed", "moments"),
        ("ebm_noise", "dsm_levels", "moments"),
        ("expfam", "ed", "moments"),
        ("vae", "elbo", "none"),
    ],
)
def test_what_works_is_left_in(family, loss, stats):
    assert reason(family, loss, stats) is None


@pytest.mark.parametrize("axis", ["family", "loss", "stats"])
def test_declarations_name_losses_and_capabilities_that_exist(axis):
    for name in plugins.available(axis):
        assert set(plugins.declared(axis, name, "losses") or ()) <= set(plugins.available("loss"))
        for constant in ("provides", "requires"):
            assert set(plugins.declared(axis, name, constant) or ()) <= set(CAPABILITIES), name


def test_each_capability_is_provided_and_required_by_some_plug_in():
    for constant in ("provides", "requires"):
        found = [plugins.declared(axis, name, constant) for axis in ("family", "loss", "stats")
                 for name in plugins.available(axis)]  # fmt: skip
        assert {capability for capabilities in found for capability in capabilities or ()} == set(CAPABILITIES)
