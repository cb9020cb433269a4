"""The script that checks a GPU against the CPU, where there is none: what it covers, and that it sees what differs."""

from types import SimpleNamespace

import pytest
import torch

from benchmarks import gpu
from ebmbench.core import plugins
from ebmbench.evaluation.extractors import blocks, cnn
from tests.helpers.contract_models import OF_OTHERS
from tests.helpers.meta_device import meta_device

CPU = torch.device("cpu")


def test_it_covers_every_loss_of_the_suite_in_both_precisions():
    rows = list(gpu.agreement(CPU))
    assert {row.status for row in rows} == {"ok"} and {row.value for row in rows} == {0.0}
    losses = {name for name in plugins.available("loss") if name not in {"none", "outside"}}
    losses = {name for name in losses if not name.startswith(("ebmkit_", "torchebm_"))}
    assert not losses & set(OF_OTHERS)
    found = [row.name.split("-")[1] for row in rows]
    assert sorted(found) == sorted(f"{loss}, {precision}" for loss in losses for precision in gpu.ALLOWED)


@pytest.mark.parametrize(("precision", "moved", "status"), [("float64", 1e-7, "failed"), ("float64", 1e-10, "ok")])
def test_a_difference_beyond_what_is_allowed_fails(monkeypatch, precision, moved, status):
    plain, asked = gpu.updated, []

    def updated(*arguments):
        asked.append(arguments)
        found = plain(*arguments)
        return found if len(asked) % 2 else [*found[:-1], found[-1] * (1 + moved)]

    monkeypatch.setattr(gpu, "updated", updated)
    found = {row.name: row.status for row in gpu.agreement(CPU)}
    assert found[f"ebm-ed, {precision}"] == status


def test_features_are_compared_too(monkeypatch):
    (row,) = gpu.features(CPU)
    assert (row.status, row.value) == ("ok", 0.0)
    plain, found = blocks.features_in_blocks, []

    def moved(*arguments):
        found.append(plain(*arguments))
        return found[-1] * (1 + 1e-2 * (len(found) - 1))

    monkeypatch.setattr(cnn, "features_in_blocks", moved)
    (row,) = gpu.features(CPU)
    assert row.status == "failed" and row.value == pytest.approx(1e-2, rel=1e-3)


def test_the_gradient_of_every_parameter_is_compared():
    one = gpu.updated("ebm", "ed", torch.float64, CPU, 1)
    # the loss and six tensors of parameters; a constant added to the energy changes nothing, so its gradient is 0
    moving = [place for place, values in enumerate(one) if values.abs().max() > 1e-6]
    assert len(one) == 7 and len(moving) == 6
    for place in moving:
        values, other = one[place], [of.clone() for of in one]
        other[place].flatten()[0] += 0.1 * values.abs().max()
        assert gpu.difference(one, other) >= 0.1 - 1e-9


@pytest.mark.parametrize(("family", "loss"), [("ebm", "ed"), ("ebm", "pcd"), ("ebm", "ssm"), ("ebm", "nce")])
def test_noise_is_drawn_on_the_cpu_and_brought_to_the_device(family, loss):
    device = torch.device("meta")
    rows = gpu.rows_of(2)
    job = gpu.job_of(family, gpu.SMALL[family], loss, (rows[:400], rows[400:]), device, "cpu", steps=4)
    with meta_device(), gpu.DrawnOnCPU(device):
        assert gpu.create_run(job).update().device == device


def test_noise_is_the_same_wherever_it_goes():
    drawn = []
    for device in (CPU, torch.device("meta")):
        stream = torch.Generator().manual_seed(1)
        with gpu.DrawnOnCPU(device):
            torch.randn(3, generator=stream, device=device)
        drawn.append(stream.get_state())
    assert torch.equal(*drawn)


def test_steps_with_compiled_networks_are_timed_on_a_gpu_only(monkeypatch):
    timed = []
    monkeypatch.setattr(gpu, "job_of", lambda *_, **train: SimpleNamespace(settings=train["compile"], loss=None))
    monkeypatch.setattr(gpu, "steps_per_second", lambda job, _: timed.append(job.settings) or 1.0)
    monkeypatch.setattr(gpu, "is_worth_compiling", lambda asked, _, device: asked == "auto" and device.type == "cuda")
    for device in (CPU, torch.device("cuda")):
        timed.clear()
        names = [row.name for row in gpu.speed(device)]
        assert names.count("perceptron, ed") == 1 and timed.count("never") == len(gpu.TIMED)
        compiled = [name for name in names if name.endswith(", compiled")]
        assert compiled == ([f"{name}, compiled" for name in gpu.COMPILED] if device.type == "cuda" else [])
        assert timed.count("auto") == len(compiled)


def test_without_a_gpu_it_says_so_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr("sys.argv", ["gpu.py"])
    with pytest.raises(SystemExit) as ended:
        gpu.main()
    assert ended.value.code == 2 and "torch finds no GPU; allowed here: cpu" in capsys.readouterr().err
