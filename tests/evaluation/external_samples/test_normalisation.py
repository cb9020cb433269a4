"""Log-densities that are not those of one normalised density are refused, and those of real models are not."""

import numpy as np
import pytest
import torch

from ebmbench.core.midpoints import midpoints
from ebmbench.evaluation.external_samples.archive import ExternalSamples, GivenError
from ebmbench.evaluation.external_samples.normalisation import Square, check_density
from ebmbench.workflow.cli.app import run
from tests.helpers.external_model import NAME, log_probs, normal_model
from tests.helpers.paths import ROOT


def changed(arrays, added, names=("train_log_prob", "val_log_prob", "test_log_prob", "grid_log_prob")):
    return arrays | {name: arrays[name] + added for name in names}


def check(arrays, points, path):
    log_prob = {name.removesuffix("_log_prob"): of for name, of in arrays.items() if name != "samples"}
    tensors = {name: torch.from_numpy(of) for name, of in points.items()}
    grid = tensors.pop("grid")
    check_density(path, ExternalSamples(arrays["samples"].astype(float), log_prob), grid, tensors)


def test_log_densities_that_are_not_normalised_are_refused_in_one_line_and_nothing_is_written(rows, tmp_path, capsys):
    path, out = tmp_path / "mine.npz", tmp_path / "out"
    np.savez(path, **changed(rows[1], 3.0))
    words = ["score", "--samples", path, "--dataset", NAME, "--out", out, "--root", ROOT]
    assert run([str(word) for word in words]) == 2
    assert not out.exists()
    assert tuple(capsys.readouterr()) == (
        "",
        f"ebmbench score: {path}: grid_log_prob has a mass of 20.0855 on the grid's square; allowed: 0.996542 to "
        "1.00001, as 0 of 4000 samples lie outside it; all log-densities must be those of the samples, normalised\n",
    )


@pytest.mark.parametrize("added", [3.0, 0.001, -0.01, -1.0, 800.0, -800.0])
def test_a_mass_other_than_one_is_refused(rows, points, added, tmp_path):
    check(rows[1], points, tmp_path)
    with pytest.raises(GivenError, match="grid_log_prob has a mass of "):
        check(changed(rows[1], added), points, tmp_path)


@pytest.mark.parametrize("added", [3.0, 0.1, -0.1])
@pytest.mark.parametrize("name", ["train_log_prob", "val_log_prob", "test_log_prob"])
def test_log_densities_of_a_split_that_are_not_those_of_the_grid_are_refused(rows, points, name, added, tmp_path):
    with pytest.raises(GivenError, match=f"{name} differs from grid_log_prob") as error:
        check(changed(rows[1], added, [name]), points, tmp_path)
    assert float(str(error.value).partition(" by ")[2].partition(" nats")[0]) == pytest.approx(added, abs=1e-3)


@pytest.mark.parametrize("sd", [1.5, 3.0, 9.0, 50.0])
def test_mass_outside_the_square_is_accepted_as_far_as_the_samples_lie_there(points, sd, tmp_path):
    """A normal of sd 3 has 9 % of its mass outside [-6, 6]², one of sd 50 nearly all."""
    wide = normal_model(points, sd)
    check(wide, points, tmp_path)
    narrow = normal_model(points, 1.0)["samples"]
    if sd > 2:
        with pytest.raises(GivenError, match="as 0 of 4000 samples lie outside it"):
            check(wide | {"samples": narrow}, points, tmp_path)


@pytest.mark.parametrize("sd", [0.05, 0.003])
def test_a_density_narrower_than_the_cells_is_accepted_within_the_error_of_the_sum(points, sd, tmp_path):
    """Kernels of up to a tenth of a cell's side around 200 training rows: the sum over the cells is off by percents."""
    centres = torch.from_numpy(points["train"][:200]).double()

    def log_prob(x):
        square = (torch.cdist(x, centres) / sd).square()
        return (-0.5 * square).logsumexp(1) - np.log(len(centres) * 2 * np.pi * sd**2)

    noise = torch.randn(20, 200, 2, generator=torch.Generator().manual_seed(5))
    parts = {name: points[name] for name in ("test", "grid")}
    narrow = {"samples": (centres + sd * noise).reshape(-1, 2).numpy()} | log_probs(log_prob, parts)
    check(narrow, points, tmp_path)
    with pytest.raises(GivenError, match="grid_log_prob has a mass of"):
        check(changed(narrow, 3.0, ["test_log_prob", "grid_log_prob"]), points, tmp_path)


def test_rows_outside_the_square_and_samples_alone_are_not_compared(points, tmp_path):
    wide = normal_model(points, 3.0)
    check({"samples": wide["samples"]}, points, tmp_path)
    far = points | {"test": points["test"] + 100}
    check(changed(wide, 3.0, ["test_log_prob"]), far, tmp_path)


def test_the_grid_is_read_as_the_midpoints_of_its_square():
    square = Square.of(midpoints(6.0, 40))
    assert square.half == pytest.approx(6.0) and square.side == pytest.approx(0.3) and square.n == 40
    held = square.holds(torch.tensor([[5.99, -5.99], [6.01, 0.0], [0.0, -6.01]]))
    assert held.tolist() == [True, False, False]
