"""What the committed run of digits left out must show."""

import pytest

from tests.helpers.reference_tables import of, read

ODD = tuple(f"mnist_but{digit}" for digit in (1, 4, 5, 7, 9))


def scores(**names):
    return of(read("reference/image_anomalies/scores.csv"), **names)


def test_a_digit_left_out_is_reported_by_both_and_the_autoencoder_is_ahead_on_most():
    found = scores(metric="anomaly_auprc", status="ok")
    by_family = found.pivot_table(index="dataset", columns="family", values="value", aggfunc=["mean", "count"])
    assert tuple(by_family.index) == ODD and (by_family["count"] == 3).all(axis=None)
    means = by_family["mean"]
    assert means["lebm"].mean() == pytest.approx(0.451, abs=0.001)
    assert means["vae"].mean() == pytest.approx(0.582, abs=0.001)
    assert means.index[means["lebm"] > means["vae"]].tolist() == ["mnist_but1"]
    assert {"anomaly_auroc"} <= set(scores(family="lebm", dataset="mnist_but1")["metric"])
