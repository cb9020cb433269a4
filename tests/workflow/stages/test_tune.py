"""Hyper-parameter searches: trials without a likelihood, successive halving, and a kill half-way."""

import json
import math

import pandas as pd
import pytest

from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.core.files import read_json
from ebmbench.data.ring8_unequal import Ring8Unequal
from ebmbench.evaluation.search_criteria.likelihood import Likelihood
from ebmbench.workflow.stages import dataset, tune
from ebmbench.workflow.stages.finished_search import write_finished_search
from ebmbench.workflow.stages.tune import SearchInputs, trials_of, write_search

SIZES = {"train": 300, "val": 100, "test": 100}
SETTINGS = {
    "dataset": SIZES,
    "family": {"width": 8, "depth": 1},
    "loss": {},
    "stats": {},
    "statistics": {},
    "train": {"steps": 5},
    "likelihood": {"importance": {}},
    "tuning": {"space": {}, "trials": 1, "seeds": [2], "rung": 1},
}
ED = Cell("ring8_unequal", "ebm", "ed", "none")
SPACE = {"loss": {"t": {"low": 0.1, "high": 10.0}}}

#: stages of a halving: trials, seeds, rung
STAGES = ((9, [2], 1), (4, [2], 4), (2, [2, 3, 4], 16))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    dataset.write_dataset(Ring8Unequal(**SIZES), "ring8_unequal", [2, 3, 4], folder, "2-4", grid_n=30)
    return folder / "seeds2-4.safetensors"


def search(data, out, stage, before=None, code="code"):
    trials, seeds, rung = stage
    settings = SETTINGS | {"tuning": {"space": SPACE, "trials": trials, "seeds": seeds, "rung": rung}}
    write_search(ED, settings, data, "cpu", code, out, Likelihood(), SearchInputs(before=before))
    return pd.read_csv(out / "trials.csv", keep_default_na=False, na_values=[""]), read_json(out / "chosen.json")


def test_a_family_without_a_density_is_refused_by_name(data, tmp_path):
    cell = Cell("ring8_unequal", "gebm_gan", "kale_dv", "none")
    with pytest.raises(UserError, match="tuning: family gebm_gan has no density in x"):
        write_search(cell, SETTINGS, data, "cpu", "code", tmp_path / "tuned", Likelihood())


class Objective:
    """A score that is known for each trial, in the place of training; ``calls`` lists (t, seed)."""

    def __init__(self, score, monkeypatch):
        self.score, self.calls = score, []
        monkeypatch.setattr(tune, "_trained", self)

    def __call__(self, search, settings, seed, state):
        self.calls.append((settings["loss"].get("t"), seed))
        value = self.score(settings["loss"].get("t"), seed)
        status = "ok" if math.isfinite(value) else "diverged"
        return {"status": status, "reason": "", "steps": 1, "val_nll": value, "stderr": 0.1}


def ranked(stage, score):
    """Numbers of the best trials by a score of t, computed without the search's own functions."""
    t = [trial.get("loss", {}).get("t") for trial in trials_of(ED, SPACE, 9)]
    return sorted(sorted(range(9), key=lambda number: score(t[number]))[: stage[0]])


def test_each_stage_runs_the_best_of_the_one_before_and_chooses_its_own(data, tmp_path, monkeypatch):
    def far(t):
        return 0.0 if t is None else 1 + abs(math.log(t))

    # what is best moves with the budget: of those that far() likes, the largest t
    scores = [lambda t, seed: far(t), lambda t, seed: far(t) + 0.1 * (t is None), lambda t, seed: -(t or 0)]
    before, tables = None, []
    for stage, score in zip(STAGES, scores, strict=True):
        Objective(score, monkeypatch)
        table, chosen = search(data, tmp_path / f"x{stage[2]}", stage, before)
        before = tmp_path / f"x{stage[2]}" / "trials.csv"
        tables.append((table, chosen))
    first, second, last = (table for table, _ in tables)
    assert list(first["trial"]) == list(range(9)) and set(first["rung"]) == {1} and set(first["seed"]) == {2}
    assert list(second["trial"]) == ranked(STAGES[1], far) and set(second["rung"]) == {4}
    two = ranked(STAGES[2], far)
    assert list(last["trial"]) == [number for number in two for _ in range(3)] and list(last["seed"]) == [2, 3, 4] * 2
    assert tables[0][1] == {"trial": 0, "settings": {}, "sound": True}
    # settings are those of the trial's number
    drawn = trials_of(ED, SPACE, 9)
    largest = max(two, key=lambda number: drawn[number].get("loss", {}).get("t", 0.0))
    assert tables[2][1] == {"trial": largest, "settings": drawn[largest], "sound": True}
    assert set(last["trial"][last["chosen"]]) == {largest}
    assert [json.loads(text) for text in second["settings"]] == [drawn[number] for number in second["trial"]]


def test_a_trial_is_judged_by_the_mean_over_its_seeds(data, tmp_path, monkeypatch):
    Objective(lambda t, seed: 1.0 if t is None else 2.0 + t, monkeypatch)
    search(data, tmp_path / "x1", STAGES[0])
    runs = ranked(STAGES[2], lambda t: 0.0 if t is None else t)
    # the first is the best on one seed, the second on the mean
    by_seed = {None: {2: 0.0, 3: 9.0, 4: 9.0}}
    Objective(lambda t, seed: by_seed.get(t, {}).get(seed, 3.0), monkeypatch)
    table, chosen = search(data, tmp_path / "x16", STAGES[2], tmp_path / "x1/trials.csv")
    assert chosen["trial"] == runs[1] != 0
    assert table.loc[table["seed"] == 2, "val_nll"].idxmin() == 0


def test_a_trial_that_fails_on_one_seed_is_never_chosen_or_run_again(data, tmp_path, monkeypatch):
    Objective(lambda t, seed: math.nan if t is None else t, monkeypatch)
    search(data, tmp_path / "x1", STAGES[0])
    objective = Objective(lambda t, seed: t, monkeypatch)
    table, chosen = search(data, tmp_path / "x4", STAGES[1], tmp_path / "x1/trials.csv")
    assert 0 not in set(table["trial"]) and None not in [t for t, _ in objective.calls]
    worst = max(t for t, _ in objective.calls)
    Objective(lambda t, seed: -math.inf if seed == 4 and t < worst else t, monkeypatch)
    three = search(data, tmp_path / "x16", (4, [2, 3, 4], 16), tmp_path / "x4/trials.csv")[1]
    assert three["settings"]["loss"]["t"] == worst != chosen["settings"]["loss"]["t"]


def test_where_nothing_has_a_score_the_cell_stays_as_configured(data, tmp_path, monkeypatch):
    Objective(lambda t, seed: math.nan, monkeypatch)
    assert search(data, tmp_path / "x1", STAGES[0])[1] == {"trial": 0, "settings": {}, "sound": False}
    table, chosen = search(data, tmp_path / "x4", STAGES[1], tmp_path / "x1/trials.csv")
    assert list(table["trial"]) == [0] and chosen == {"trial": 0, "settings": {}, "sound": False}


def test_where_a_later_stage_has_no_score_the_choice_of_the_one_before_stays(data, tmp_path, monkeypatch):
    # the largest t is the best at the first budget, and no trial has a score at the others
    Objective(lambda t, seed: -(t or 0), monkeypatch)
    first = search(data, tmp_path / "x1", STAGES[0])[1]
    assert first["trial"] != 0
    Objective(lambda t, seed: math.nan, monkeypatch)
    table, second = search(data, tmp_path / "x4", STAGES[1], tmp_path / "x1/trials.csv")
    assert second == first | {"sound": False}
    assert set(table["trial"][table["chosen"]]) == {first["trial"]}
    settings = SETTINGS | {"tuning": {"space": SPACE, "trials": 4, "seeds": [2], "rung": 4}}
    found = pd.read_csv(tmp_path / "x4/trials.csv", dtype=str, keep_default_na=False).assign(chosen="False")
    pd.DataFrame([ED._asdict()] * len(found)).join(found).to_csv(tmp_path / "tuning.csv", index=False)
    write_finished_search(ED, settings, tmp_path / "tuning.csv", tmp_path / "taken", tmp_path / "x1/trials.csv")
    assert read_json(tmp_path / "taken/chosen.json") == second
    assert (tmp_path / "taken/trials.csv").read_bytes() == (tmp_path / "x4/trials.csv").read_bytes()


class KilledError(Exception):
    """The end of a process."""


def test_a_killed_search_goes_on_where_it_was(data, tmp_path, monkeypatch):
    def score(t, seed):
        return 1.0 if t is None else t

    whole = Objective(score, monkeypatch)
    search(data, tmp_path / "whole", STAGES[0])

    def killed(t, seed):
        if len(first.calls) == 6:
            raise KilledError
        return score(t, seed)

    first = Objective(killed, monkeypatch)
    with pytest.raises(KilledError):
        search(data, tmp_path / "cut", STAGES[0])
    assert not (tmp_path / "cut/trials.csv").exists()
    second = Objective(score, monkeypatch)
    search(data, tmp_path / "cut", STAGES[0])
    assert first.calls[:5] + second.calls == whole.calls and len(second.calls) == 4
    for name in ("trials.csv", "chosen.json"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert not list((tmp_path / "cut").glob("*.pt"))


def test_trials_of_other_code_are_done_again(data, tmp_path, monkeypatch):
    def killed(t, seed):
        if t is not None:
            raise KilledError
        return 1.0

    Objective(killed, monkeypatch)
    with pytest.raises(KilledError):
        search(data, tmp_path, STAGES[0])
    again = Objective(lambda t, seed: 2.0, monkeypatch)
    search(data, tmp_path, STAGES[0], code="other")
    assert len(again.calls) == 9


def test_a_real_search_is_the_same_twice_and_by_itself(data, tmp_path):
    one, two = (search(data, tmp_path / name, (2, [2, 3], 1)) for name in ("one", "two"))
    timeless = [table.drop(columns="seconds") for table, _ in (one, two)]
    pd.testing.assert_frame_equal(*timeless)
    assert one[1] == two[1] and set(timeless[0]["status"]) == {"ok"}
    alone = search(data, tmp_path / "alone", (2, [3], 1))[0]
    assert alone["val_nll"].tolist() == timeless[0].loc[timeless[0]["seed"] == 3, "val_nll"].tolist()


def test_a_finished_search_is_taken_from_its_table_as_it_was(data, tmp_path, monkeypatch):
    monkeypatch.setattr(tune, "_trained", Objective(lambda t, seed: math.inf if t is None else abs(t - 1), monkeypatch))
    search(data, tmp_path / "x1", STAGES[0])
    table = pd.read_csv(tmp_path / "x1/trials.csv", dtype=str, keep_default_na=False)
    others = table.assign(val_nll="-9", settings_digest="0")
    head = pd.DataFrame([ED._asdict()] * 2 * len(table))
    pd.concat([head, pd.concat([others, table], ignore_index=True)], axis=1).to_csv(
        tmp_path / "tuning.csv", index=False
    )
    settings = SETTINGS | {"tuning": {"space": SPACE, "trials": 9, "seeds": [2], "rung": 1}}
    write_finished_search(ED, settings, tmp_path / "tuning.csv", tmp_path / "taken")
    for name in ("trials.csv", "chosen.json"):
        assert (tmp_path / "taken" / name).read_bytes() == (tmp_path / "x1" / name).read_bytes()
    for cell, changes in ((ED, {"trials": 8}), (ED, {"rung": 4}), (ED._replace(loss="cd"), {})):
        asked = settings | {"tuning": settings["tuning"] | changes}
        with pytest.raises(
            UserError, match=r"tuning.csv: no search of ring8_unequal/ebm-(ed|cd)-none at x[14] with these"
        ):
            write_finished_search(cell, asked, tmp_path / "tuning.csv", tmp_path / "other")
    assert not (tmp_path / "other").exists()
