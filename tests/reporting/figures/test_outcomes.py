from __future__ import annotations

from ebmbench.core.files import read_json, write_json
from ebmbench.reporting.figures.outcomes import RunOutcomes, failures, note, outcome, seeds_of


def folder_of(suite, method):
    return next(path for path in suite.run_dirs if f"ball/{method}" in str(path))


def test_a_seed_ends_as_its_training_did_and_at_which_step(suite):
    kde = folder_of(suite, "kde-none-none")
    assert [outcome(seed) for seed in seeds_of([kde])] == [("ok", None), ("timeout", 210), ("ok", None)]
    assert failures([kde]) == "1 timeout\nat step 210"
    assert failures([folder_of(suite, "ebm-cd-none")]) == "3 diverged\nat steps 200–220"
    assert failures([folder_of(suite, "flow-ml-none")]) == ""


def test_a_sound_training_with_a_failed_likelihood_is_reported_without_a_step(suite, tmp_path):
    content = read_json(folder_of(suite, "flow-ml-none") / "sampling.json")
    content["runs"]["2"]["likelihood"]["status"] = "failed"
    write_json(tmp_path / "sampling.json", content)
    write_json(tmp_path / "run.json", read_json(folder_of(suite, "flow-ml-none") / "run.json"))
    assert failures([tmp_path]) == "1 likelihood failed"


def test_words_are_counted_unless_there_is_one_seed():
    broken = [RunOutcomes("diverged", 214), RunOutcomes("timeout", None), RunOutcomes("diverged", 9)]
    assert note(broken, 5) == "2 diverged\nat steps 9–214\n1 timeout"
    assert note(broken[:1], 1) == "diverged\nat step 214"
    assert note([], 3) == ""
