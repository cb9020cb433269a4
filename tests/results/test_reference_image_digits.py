"""What the committed run of statistics and times on digits must show."""

import pytest

from tests.helpers.reference_tables import of, only, read


def test_the_contrast_rises_with_time_from_chance_to_one():
    times = {"ed_001": 0.001, "ed_01": 0.01, "ed_05": 0.05, "ed_nz": 0.125, "ed": 0.25, "ed_1": 1.0, "ed_4": 4.0}
    drawn = read("reference/image_digits/figures/contrast.csv")
    curves = of(read("reference/image_digits/curves.csv"), dataset="digits", family="lebm", stats="none")
    last = curves[curves["step"] == curves["step"].max()].groupby("loss")["positive"].mean()
    means = [last[loss] for loss in times]
    assert means == sorted(means)
    assert means[0] == pytest.approx(1 / 17, abs=0.002) and last["ed"] < 0.6
    assert last["ed_1"] > 0.9 and last["ed_4"] > 0.99
    assert set(drawn["t"].round(6)) == set(times.values())


def test_the_distance_is_least_at_moderate_times():
    found = of(read("reference/image_digits/summary.csv"), metric="fd_cnn", split="test", family="lebm", stats="none")
    by_loss = found[found["distribution"] == "model"].set_index("loss")
    assert by_loss["mean"].idxmin() == "ed"
    for end in ("ed_001", "ed_4"):
        assert by_loss.loc[end, "ci_low"] > by_loss.loc["ed", "ci_high"]


@pytest.mark.parametrize(
    ("family", "stats"),
    [
        *(("lebm", f"i{number}_after") for number in (1, 3, 4, 5)),
        *(("gebm_images", f"i{number}_after") for number in (1, 3, 4, 5)),
    ],
)
def test_tilts_bring_statistics_of_images_within_errors_that_are_too_large_to_show_a_match(family, stats):
    loss = "ed" if family == "lebm" else "kale_f"
    found = of(read("reference/image_digits/moment_match.csv"), role="target", family=family, loss=loss, stats=stats)
    row = only(found, set=stats[:2])
    assert (row.matched, row.reason, row.matched_oracle) == ("undecided", "too few rows", "undecided")
    assert row.mismatch < 1.1 * row.floor95


def test_joint_training_by_kale_does_not_match():
    found = of(read("reference/image_digits/moment_match.csv"), role="target", family="gebm_images", stats="i1")
    row = only(found, set="i1")
    assert row.matched == "not matched" and row.mismatch > 4 * row.floor95


def test_what_fails_has_its_rows_and_reasons():
    runs = of(read("reference/image_digits/runs.csv"), family="ebm", stats="i1_matched")
    assert len(runs) == 3 and (runs["status"] == "failed").all() and runs["reason"].notna().all()
