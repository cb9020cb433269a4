"""Check a GPU against the CPU, time training steps on both, train a model of MNIST; one csv, within eight minutes.

    python benchmarks/gpu.py --out results/benchmarks/gpu.csv          # --device cpu: a rehearsal where there is no GPU

Needs torch, NumPy, annotated-types and this checkout; the images of MNIST if they are there (docs/guide/data_files.md).

1. Agreement. Every loss takes steps with the same weights, batches and noise on both devices. Noise is drawn on the CPU
   and moved, because devices draw different numbers from the same seed. In float64 losses, gradients and parameters of
   four updates may differ by 1e-8 of the largest, in float32 the first loss and its gradient by 1e-3, as may features
   of images.
2. Speed. Steps per second of a perceptron in the plane and of convolutional models of 28 x 28 pixels, block medians;
   two of them with compiled networks as well, on the GPU.
3. Training. A variational autoencoder of MNIST, whose bound on validation images must be as low as on a CPU.

The exit status is 1 if a check fails.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_map

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.core.seeds import generator
from ebmbench.data.images import Pictures, Published
from ebmbench.data.interface import Splits
from ebmbench.models.interface import TrainingData
from ebmbench.models.statistics.none import NoStatistic
from ebmbench.training.compilation import is_worth_compiling
from ebmbench.training.factory import create_run
from ebmbench.training.job import Streams, TrainingJob
from ebmbench.training.losses.peer_loss import PeerLoss
from ebmbench.training.settings import TrainSettings

#: losses of a family of their own; all others are asked of a perceptron's energy
FAMILY_OF = {"dsm_levels": "ebm_noise", "elbo": "vae"}

#: settings of the families whose losses are compared
SMALL: dict[str, dict[str, Any]] = {
    "ebm": {"width": 16, "depth": 2},
    "ebm_noise": {"width": 16, "depth": 2, "levels": 3},
    "vae": {"latent": 4, "width": 4},
}

#: updates in float64 that are compared
UPDATES = 4

#: largest differences between devices, relative to the largest value
ALLOWED = {"float64": 1e-8, "float32": 1e-3}

#: what is timed: family, its settings, loss, dimension, batch
TIMED: dict[str, tuple[str, dict[str, Any], str, int, int]] = {
    "perceptron, ed": ("ebm", {}, "ed", 2, 256),
    "perceptron, dsm": ("ebm", {}, "dsm", 2, 256),
    "perceptron, pcd": ("ebm", {}, "pcd", 2, 256),
    "perceptron, nce": ("ebm", {}, "nce", 2, 256),
    "convolutional, elbo": ("vae", {"latent": 64, "width": 64}, "elbo", 784, 128),
    "convolutional, kale_f": ("gebm_images", {"latent": 64, "width": 32, "energy_width": 32}, "kale_f", 784, 128),
}

#: of these, what is timed with compiled networks, too: compiling takes half a minute
COMPILED = ("perceptron, ed", "convolutional, elbo")

#: updates before the clock starts, those of a block, blocks, and seconds after which no block begins
WARM_UP, BLOCK, BLOCKS, SECONDS = 5, 10, 20, 6.0

#: training on MNIST: settings, and the largest -ELBO / D of validation images that is allowed
#: (a CPU: .244, and .400 after a third of the steps)
TRAINING: dict[str, Any] = {"steps": 1500, "batch_size": 128, "learning_rate": 2e-3, "checkpoints": 5}
BOUND = 0.25


class Row(NamedTuple):
    """A measurement, with the largest value that is allowed (empty: any) and the status ok, failed or skipped."""

    check: str
    name: str
    device: str
    quantity: str
    value: float | str
    allowed: float | str = ""
    status: str = "ok"


class DrawnOnCPU(TorchFunctionMode):
    """Random numbers are drawn on the CPU and moved to ``device``, so that they are the same on every device."""

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self.device = device

    def __torch_function__(self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Call ``func``; if it draws, on the CPU."""
        kwargs = kwargs or {}
        if kwargs.get("generator") is None:
            return func(*args, **kwargs)
        args, kwargs = tree_map(lambda value: value.cpu() if isinstance(value, Tensor) else value, (args, kwargs))
        return func(*args, **kwargs | ({"device": "cpu"} if "device" in kwargs else {})).to(self.device)


def rows_of(dim: int, n: int = 512) -> Tensor:
    """Return correlated rows ``(n, dim)``, pixels in [-1, 1] if there are many."""
    z = torch.randn(n, dim, generator=generator("gpu", "rows", dim))
    return z.clamp(-1, 1) if dim > 2 else z @ torch.tensor([[1.0, 0.5], [0.0, 0.5]])


def job_of(
    family: str,
    settings: dict[str, Any],
    loss: str,
    data: tuple[Tensor, Tensor],
    device: torch.device,
    drawn: str,
    **train: Any,
) -> TrainingJob:
    """Return a training job on ``device``, in the data's precision; ``drawn``: the device of its random numbers."""
    of_data = TrainingData(None, Splits(data[0].float(), data[1].float(), data[1].float(), 0.0))
    model = plugins.load("family", family, **settings).build(of_data, NoStatistic(), generator("gpu", "weights"))
    streams = Streams(
        generator("gpu", "batches"), generator("gpu", "noise", device=drawn), 0, generator("gpu", "match", device=drawn)
    )
    return TrainingJob(
        model.to(device=device, dtype=data[0].dtype),
        plugins.load("loss", loss),
        (data[0].to(device), data[1].to(device)),
        TrainSettings(**train),
        streams,
        lambda _: {},
        lambda *_: None,
    )


def updated(family: str, loss: str, dtype: torch.dtype, device: torch.device, updates: int) -> list[Tensor]:
    """Return the losses, gradients and parameters of ``updates`` updates on ``device``, on the CPU in float64.

    For a single update only the losses and gradients: Adam's first step is as long for a gradient of rounding errors.
    """
    rows = rows_of(64 if family == "vae" else 2).to(dtype)
    job = job_of(family, SMALL[family], loss, (rows[:400], rows[400:]), device, "cpu", batch_size=64, steps=100)
    trained = [parameter for parameter in job.model.parameters() if parameter.numel()]
    gradients: list[Tensor] = []
    for parameter in trained:
        parameter.register_hook(gradients.append)
    with DrawnOnCPU(device):
        run = create_run(job)
        losses = torch.stack([run.update() for _ in range(updates)])
    found = [losses, *gradients, *(trained if updates > 1 else [])]
    return [values.detach().double().cpu() for values in found]


def difference(one: list[Tensor], other: list[Tensor]) -> float:
    """Return the largest difference of two lists of tensors, relative to the largest value of each tensor."""
    scales = [max(float(values.abs().max()), 1e-3) for values in one if values.numel()]
    parts = [float((a - b).abs().max()) for a, b in zip(one, other, strict=True) if a.numel()]
    return max(part / scale for part, scale in zip(parts, scales, strict=True))


def compared(name: str, precision: str, device: torch.device, one: list[Tensor], other: list[Tensor]) -> Row:
    """Return the row of tensors that the CPU and ``device`` computed in a precision."""
    found, allowed = difference(one, other), ALLOWED[precision]
    status = "ok" if found <= allowed else "failed"
    return Row("agreement", f"{name}, {precision}", str(device), "difference", found, allowed, status)


def agreement(device: torch.device) -> Iterator[Row]:
    """Compare every loss of this suite on ``device`` with the CPU."""
    for loss in plugins.available("loss"):
        # what other packages compute is theirs
        if loss == "none" or isinstance(plugins.load("loss", loss), PeerLoss):
            continue
        family = FAMILY_OF.get(loss, "ebm")
        for precision, updates in (("float64", UPDATES), ("float32", 1)):
            dtype = getattr(torch, precision)
            both = [updated(family, loss, dtype, where, updates) for where in (torch.device("cpu"), device)]
            yield compared(f"{family}-{loss}", precision, device, *both)


def features(device: torch.device) -> Iterator[Row]:
    """Compare features of images, by a network that is trained on the CPU, on ``device`` with the CPU."""
    stream = generator("gpu", "images")
    pixels = torch.randint(256, (300, 1, 28, 28), generator=stream, dtype=torch.uint8)
    images, extractor = Pictures(pixels, torch.arange(300) % 10), plugins.load("extractor", "cnn", epochs=1)
    weights = extractor.weights(Published(images, images), stream).tensors
    both = [[extractor.features(weights, pixels, where)] for where in (torch.device("cpu"), device)]
    yield compared("features of cnn", "float32", device, *both)


def synchronise(device: torch.device) -> None:
    """Wait for what was given to ``device``."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def speed(device: torch.device) -> Iterator[Row]:
    """Time training steps on ``device``."""
    for name, (family, settings, loss, dim, batch) in TIMED.items():
        rows = rows_of(dim, 5000)
        data = rows[:4900], rows[4900:]
        for suffix, compiling in (("", "never"), (", compiled", "auto")):
            train: dict[str, Any] = {"batch_size": batch, "compile": compiling}
            job = job_of(family, settings, loss, data, device, device.type, **train)
            if not suffix or (name in COMPILED and is_worth_compiling(job.settings, job.loss, device)):
                yield Row("speed", name + suffix, str(device), "steps per second", steps_per_second(job, device))


def steps_per_second(job: TrainingJob, device: torch.device) -> float:
    """Return the median over blocks of updates on ``device``."""
    run, seconds = create_run(job), []
    for _ in range(WARM_UP):
        run.update()
    end = time.perf_counter() + SECONDS
    while len(seconds) < BLOCKS and time.perf_counter() < end:
        synchronise(device)
        begun = time.perf_counter()
        for _ in range(BLOCK):
            run.update()
        synchronise(device)
        seconds.append((time.perf_counter() - begun) / BLOCK)
    return 1 / statistics.median(seconds)


def training(device: torch.device) -> Iterator[Row]:
    """Train an autoencoder of MNIST on ``device`` and compare its bound with the one that is asked for."""
    try:
        splits = plugins.load("dataset", "mnist").splits(0)
    except UserError as error:
        yield Row("training", "mnist/vae-elbo", str(device), "-ELBO / D", "", BOUND, f"skipped: {error}")
        return
    settings = {"latent": 32, "width": 16}
    job = job_of("vae", settings, "elbo", (splits.train, splits.val), device, device.type, **TRAINING)
    begun, run = time.perf_counter(), create_run(job)
    for _ in range(TRAINING["steps"]):
        run.update()
    synchronise(device)
    yield Row("training", "mnist/vae-elbo", str(device), "seconds", time.perf_counter() - begun)
    model, stream = run.average.model, generator("gpu", "bound", device=device.type)
    with torch.no_grad():
        found = float(torch.cat([model.bound(rows.to(device), stream) for rows in splits.val.split(500)]).mean())
    found /= splits.val.shape[1]
    status = "ok" if found <= BOUND else "failed"
    yield Row("training", "mnist/vae-elbo", str(device), "-ELBO / D", found, BOUND, status)


def measured(device: torch.device) -> Iterator[Row]:
    """Run all checks; speeds on the CPU as well."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU, one thread"
    yield Row("versions", f"torch {torch.__version__}", str(device), "name", name)
    yield from agreement(device)
    yield from features(device)
    for where in dict.fromkeys([torch.device("cpu"), device]):
        yield from speed(where)
    yield from training(device)


def main() -> int:
    """Write the csv row by row, so that a killed run has what it measured; return 1 if a check failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", help="cuda, or cpu for a rehearsal")
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/gpu.csv"), help="csv to write")
    options = parser.parse_args()
    if options.device.startswith("cuda") and not torch.cuda.is_available():
        parser.error("--device cuda: torch finds no GPU; allowed here: cpu")
    torch.set_num_threads(1)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    options.out.parent.mkdir(parents=True, exist_ok=True)
    failed = 0
    with options.out.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(Row._fields)
        for row in measured(torch.device(options.device)):
            writer.writerow(row)
            file.flush()
            print(*row, sep="  ", flush=True)
            failed += row.status == "failed"
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
