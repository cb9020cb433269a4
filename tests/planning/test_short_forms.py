"""Short forms of a configuration mean the maps that they stand for; where neither stands, one line names the form."""

import pytest

from ebmbench.planning import config as configuration
from tests.helpers.configurations import SCHEMA, message, resolved, small

FULL = small(
    datasets={"moons": {}, "rings": {}},
    families={"gaussian": {}, "ebm": {}},
    stats={"none": {}},
    sampler={"ula": {}},
    likelihood={"smc": {}},
    sets={"mine": {"means": {}, "histograms": {}}},
    evaluate=["mine"],
    experiments={"nearsightedness": {}},
    figures={"pareto": {}, "density_panels": {}},
    overrides=[{"match": {"loss": "ed"}, "set": {"sampler": {"hmc": {}}}}],
)

SHORT = FULL | {
    "datasets": ["moons", "rings"],
    "families": {"gaussian": None, "ebm": None},
    "losses": {"ml": None, "ed": {"t": 0.5}},
    "stats": "none",
    "sampler": "ula",
    "likelihood": ["smc"],
    "sets": {"mine": ["means", "histograms"]},
    "experiments": "nearsightedness",
    "figures": ["pareto", "density_panels"],
    "overrides": [{"match": {"loss": "ed"}, "set": {"sampler": "hmc"}}],
}


def test_a_short_form_is_the_map_that_it_stands_for():
    checked = configuration.check(SHORT, SCHEMA)
    assert checked == configuration.check(FULL, SCHEMA)
    assert list(checked["figures"]) == ["pareto", "density_panels"]
    assert resolved(SHORT) == resolved(FULL)


def test_extractors_are_named_by_data_set():
    of_digits = small(datasets=["digits"])
    full = configuration.check(of_digits | {"extractors": {"digits": {"cnn": {}}}}, SCHEMA)
    assert configuration.check(of_digits | {"extractors": {"digits": "cnn"}}, SCHEMA) == full


def test_the_configuration_that_was_given_is_left_as_it_was():
    given = {**SHORT, "losses": {"ml": None, "ed": None}}
    configuration.check(given, SCHEMA)
    assert given["losses"] == {"ml": None, "ed": None} and given["datasets"] == ["moons", "rings"]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"stats": 3},
            "stats = 3; allowed: names with their settings, such as {none: {}}, or a list of names, each once",
        ),
        ({"losses": ["ed", "ed"]}, "losses = ['ed', 'ed']; allowed: names with their settings, such as {ed: {}}, or a"),
        ({"losses": None}, "losses = None; allowed: names with their settings"),
        ({"families": []}, "families = []; allowed: names with their settings, such as {ebm: {}}"),
        ({"losses": "ed, dsm"}, "losses: 'ed, dsm'; allowed: names of lower-case letters"),
        ({"losses": {"ed": 3}}, "losses.ed = 3; allowed: settings with their values, such as {"),
        ({"losses": ["edd"]}, "losses: 'edd' is unknown; did you mean ed? allowed: cd, "),
        ({"train": 5}, "train = 5; allowed: settings with their values, such as {steps: 1000}"),
        ({"sampler": ["ula", "mala"]}, "sampler = {'ula': {}, 'mala': {}}; allowed: one sampler"),
        ({"sets": ["means"]}, "sets = ['means']; allowed: sets by name, each with its statistics, such as {"),
        ({"overrides": 3}, "overrides = 3; allowed: a list of match and set, such as [{match: "),
        ({"overrides": [3]}, "overrides[0] = 3; allowed: match and set, such as {match: "),
        ({"exclude": {"match": {}}}, "exclude = {'match': {}}; allowed: a list of match and reason, such as [{match: "),
        ({"include": [{"match": "ed"}]}, "include[0].match = 'ed'; allowed: names by axis, such as {dataset: moons"),
        (
            {"include": [{"match": {"loss": 3}}]},
            "include[0].match.loss = 3; allowed: a name, a list of names, or {not: names}",
        ),
        ({"figures": 3}, "figures = 3; allowed: names with their settings, such as {density_panels: {}}"),
        ({"figures": {"pareto": 3}}, "figures.pareto = 3; allowed: kind, match, exclude and settings, such as {"),
        ({"tuning": {"spaces": 3}}, "tuning.spaces = 3; allowed: a list of match and space, such as [{match: "),
        ({"gap_to": "flow"}, "gap_to: 'flow'; allowed: a method, such as flow-ml-none"),
    ],
)
def test_a_value_of_another_form_is_one_line_that_names_the_form(changes, line):
    assert message(small(**changes)).startswith(f"config: {line}")


@pytest.mark.parametrize("content", [None, [], "losses"])
def test_a_file_that_holds_no_keys_is_one_line(content):
    assert message(content).startswith(f"config = {content!r}; allowed: keys with their values")
