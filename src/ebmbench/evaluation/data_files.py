"""Read and check the files of a data set for scoring; every error message names file and key."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from ebmbench.core import files
from ebmbench.core.errors import UserError
from ebmbench.evaluation.checked_files import read_object, read_tensors, sized, written
from ebmbench.evaluation.metrics.density_grid import DensityGrid
from ebmbench.evaluation.metrics.density_samples import DensitySamples
from ebmbench.evaluation.metrics.manifold import ARCS, Curve
from ebmbench.evaluation.metrics.mode_fractions import Mixture

SPLITS = ("train", "val", "test")


class DataFiles:
    """A data set's file for a block of seeds, with its accompanying JSON file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tensors = read_tensors(path, read=files.read_rows)
        self._facts = read_object(path.with_suffix(".json"))
        self.grid = self._grid()
        self.curve = self._curve()
        self.mixture = self._mixture()

    @property
    def name(self) -> str:
        """The data set's name."""
        return str(self._facts.get("dataset"))

    def rows(self, seed: str) -> dict[str, Tensor]:
        """Return the ``(N, D)`` examples of each split."""
        return {split: sized(self._path, self._tensors, f"{seed}/{split}", (None, None)) for split in SPLITS}

    def test_log_prob(self, seed: str) -> Tensor | None:
        """Return the true log-density at the test examples, ``(N_test,)`` float64; None if it is not known."""
        key = f"{seed}/test_log_prob"
        if key not in self._tensors:
            return None
        return sized(self._path, self._tensors, key, (len(self.rows(seed)["test"]),)).double()

    def reference(self, seed: str) -> DensityGrid | DensitySamples | None:
        """Return the known density: on the grid if the file has one, else at the test examples; None if unknown."""
        log_p = self.test_log_prob(seed)
        return DensitySamples(log_p) if self.grid is None and log_p is not None else self.grid

    def odd(self, seed: str) -> Tensor | None:
        """Return which test examples are of a class left out of training, ``(N_test,)``; None if there is none."""
        return self._marks(seed, "test_odd")

    def unique(self, seed: str) -> Tensor | None:
        """Return which test examples have no copy in train, each once, ``(N_test,)``; None if these are not scored."""
        return self._marks(seed, "test_unique")

    def grid_points(self) -> Tensor:
        """Return the ``(n^2, 2)`` midpoints of the grid; raise as :meth:`required_grid`."""
        return sized(self._path, self._tensors, "grid/points", (len(self.required_grid().log_p), 2))

    def required_grid(self) -> DensityGrid:
        """Return the grid of the known density; raise :class:`UserError` if the file has none."""
        if self.grid is None:
            raise UserError(f"{self._path}: grid/log_prob is missing; needed: a tensor of shape {written((None,))}")
        return self.grid

    def _marks(self, seed: str, name: str) -> Tensor | None:
        """Return a mask of the test examples, ``(N_test,)`` bool, or None if the file has none of this name."""
        key = f"{seed}/{name}"
        if key not in self._tensors:
            return None
        return sized(self._path, self._tensors, key, (len(self.rows(seed)["test"]),)).bool()

    def _grid(self) -> DensityGrid | None:
        if "grid/log_prob" not in self._tensors:
            return None
        where, shape = self._path.with_suffix(".json"), self._facts.get("grid")
        if not (isinstance(shape, dict) and {"n", "box"} <= set(shape)):
            raise UserError(f"{where}: grid = {shape!r}; allowed: n and box")
        size = (shape["n"] ** 2,)
        component = None
        if "grid/component" in self._tensors:
            component = sized(self._path, self._tensors, "grid/component", size)
        log_p = sized(self._path, self._tensors, "grid/log_prob", size).double()
        return DensityGrid(log_p, (2 * shape["box"] / shape["n"]) ** 2, component)

    def _curve(self) -> Curve | None:
        if "manifold/mass" not in self._tensors:
            return None
        mass = sized(self._path, self._tensors, "manifold/mass", (None,)).double()
        if len(mass) % ARCS:
            raise UserError(f"{self._path}: manifold/mass has {len(mass)} cells; allowed: a multiple of {ARCS}")
        points = sized(self._path, self._tensors, "manifold/points", (len(mass), self._dim)).double()
        return Curve(points, mass)

    def _mixture(self) -> Mixture | None:
        if "mixture/weights" not in self._tensors:
            return None
        weights = sized(self._path, self._tensors, "mixture/weights", (None,)).double()
        centres = sized(self._path, self._tensors, "mixture/centres", (len(weights), self._dim)).double()
        return Mixture(centres, weights, sized(self._path, self._tensors, "mixture/sd", ()).double())

    @property
    def _dim(self) -> int | None:
        """The number of columns of the examples, None if there are none."""
        return next((rows.shape[-1] for name, rows in self._tensors.items() if name.endswith("/test")), None)
