"""Samplers with a fault each: every one must fail a check that the right one passes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.core.randomness import normal_like
from ebmbench.inference.samplers.hmc import HMC, total_log_density
from ebmbench.inference.samplers.independence import IndependenceMetropolis
from ebmbench.inference.samplers.interface import Info, always, metropolis
from ebmbench.inference.samplers.kinetic import KineticLangevin, Moving
from ebmbench.inference.samplers.mala import MALA
from ebmbench.inference.samplers.random_walk import RandomWalk
from ebmbench.inference.samplers.target import Point, Target, evaluate


@dataclass(frozen=True)
class WrongReverseMALA(MALA):
    """The reverse proposal's squared distance is divided by 4 / gamma in place of 4 gamma, gamma = h/2."""

    def log_ratio(self, here: Point, there: Point, beta: float) -> Tensor:
        gamma = 0.5 * self.step_size
        mean = there.x + gamma * there.gradient(beta)
        back = -0.25 * gamma * (here.x - mean).square().sum(-1)
        return there.log_density(beta) - here.log_density(beta) + back - self._log_proposal(here, there, beta)


@dataclass(frozen=True)
class UncorrectedMALA(MALA):
    """The proposal's densities are left out of the ratio."""

    def log_ratio(self, here: Point, there: Point, beta: float) -> Tensor:
        return there.log_density(beta) - here.log_density(beta)


@dataclass(frozen=True)
class StaleHMC(HMC):
    """After a rejection the gradient is still that of the point refused."""

    def step(self, target: Target, state: Point, generator: torch.Generator, beta: float = 1.0) -> tuple[Point, Info]:
        velocity = normal_like(state.x, generator)
        there, end = self.trajectory(target, state, velocity, self.step_size, beta)
        log_ratio = total_log_density(there, end, beta) - total_log_density(state, velocity, beta)
        kept, acceptance, moved = metropolis(state, there, log_ratio, generator)
        stale = kept._replace(base_gradient=there.base_gradient, weight_gradient=there.weight_gradient)
        return stale, Info(acceptance, moved, -log_ratio)


@dataclass(frozen=True)
class NoMomentumHMC(HMC):
    """The kinetic energy is left out of the ratio."""

    def step(self, target: Target, state: Point, generator: torch.Generator, beta: float = 1.0) -> tuple[Point, Info]:
        velocity = normal_like(state.x, generator)
        there, _end = self.trajectory(target, state, velocity, self.step_size, beta)
        log_ratio = there.log_density(beta) - state.log_density(beta)
        state, acceptance, moved = metropolis(state, there, log_ratio, generator)
        return state, Info(acceptance, moved, -log_ratio)


@dataclass(frozen=True)
class EulerHMC(HMC):
    """Velocity and position move at once, each with the other's old value: neither reversible nor volume preserving."""

    def trajectory(
        self, target: Target, here: Point, velocity: Tensor, size: float, beta: float = 1.0
    ) -> tuple[Point, Tensor]:
        for _ in range(self.leapfrog):
            there = evaluate(target, here.x + size * velocity)
            velocity = velocity + size * here.gradient(beta)
            here = there
        return here, velocity


@dataclass(frozen=True)
class DownhillRandomWalk(RandomWalk):
    """Accepts with the wrong sign."""

    def log_ratio(self, here: Point, there: Point, beta: float) -> Tensor:
        return here.log_density(beta) - there.log_density(beta)


@dataclass(frozen=True)
class UntemperedIndependence(IndependenceMetropolis):
    """Ignores beta."""

    def log_ratio(self, here: Point, there: Point, beta: float) -> Tensor:
        return there.log_weight - here.log_weight


@dataclass(frozen=True)
class LopsidedKinetic(KineticLangevin):
    """The last half-step of the position is a whole one."""

    def step(self, target: Target, state: Moving, generator: torch.Generator, beta: float = 1.0) -> tuple[Moving, Info]:
        half, keep = 0.5 * self.step_size, math.exp(-self.friction * self.step_size)
        middle = evaluate(target, state.x + half * state.velocity)
        kick = half * middle.gradient(beta)
        noise = normal_like(state.x, generator)
        velocity = keep * (state.velocity + kick) + math.sqrt(1 - keep**2) * noise + kick
        return Moving(middle.x + self.step_size * velocity, velocity), always(state.x)
