"""Small configurations, what becomes of them, and the line that refuses them."""

import pytest

from ebmbench.core.errors import UserError
from ebmbench.planning import config as configuration
from tests.helpers.paths import ROOT

SCHEMA = ROOT / "src/ebmbench/core/schemas/config.schema.yaml"


def small(**changes):
    content = {
        "datasets": {"moons": {}, "rings": {"train": 500}},
        "families": {"gaussian": {}, "ebm": {"width": 8}},
        "losses": {"ml": {}, "ed": {"t": 0.5}},
        "stats": {"none": {}, "moments": {"kind": "joint"}},
        "exclude": [{"match": {"family": "gaussian", "loss": "ed"}, "reason": "closed form"}],
    }
    return content | changes


def resolved(content):
    return configuration.grid(configuration.check(content, SCHEMA))


def message(content):
    with pytest.raises(UserError) as caught:
        resolved(content)
    text = str(caught.value)
    assert "\n" not in text
    return text


BUILT = {
    "datasets": {"moons": {}},
    "families": {"nvp": {}, "gebm_flow": {"base": "nvp"}},
    "losses": {"ml": {}, "kale_f": {}},
    "stats": {"none": {}},
    "exclude": [{"match": {"family": "nvp", "loss": "kale_f"}, "reason": "fitted exactly"}],
}
