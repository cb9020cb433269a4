"""The partition function of four particles in the plane by quadrature, in two ways, for any energy of their distances.

Both integrate over differences to the first particle; dividing by 4 gives the integral over centred coordinates,
because the map between them has the Gram matrix 1 - 1/4 11' in each direction, with determinant 1/4. The integrands are
smooth and vanish at the ends, so the sums converge faster than any power of their step.
"""

import math

import numpy as np
from scipy import fft

#: half the side of the square that holds the third and fourth particle, and the largest distance of the first two
HALF, REACH = 9.0, 8.5


def log_z_by_convolution(pair, step=0.2, radii=100):
    """Compute log of the integral of exp(-sum of pair(d) over the pairs) over the six centred coordinates.

    With the first two particles at (-r/2, 0) and (r/2, 0), Z = 1/4 ∫ 2 pi r exp(-pair(r)) I(r) dr, I = ∫∫ f(a) f(b)
    exp(-pair(|a - b|)) da db and f(a) = exp(-pair(|a - r_1|) - pair(|a - r_2|)). I is a convolution on a square grid.
    """
    axis = np.arange(-HALF, HALF + step / 2, step)
    n = len(axis)
    apart = (np.arange(2 * n - 1) - (n - 1)) * step
    size = [fft.next_fast_len(3 * n)] * 2
    kernel = fft.rfft2(np.exp(-pair(np.hypot(apart[:, None], apart))), size)
    terms = []
    for r in (np.arange(radii) + 0.5) * REACH / radii:
        sides = [np.hypot(axis[:, None] + sign * r / 2, axis) for sign in (1, -1)]
        f = np.exp(-pair(sides[0]) - pair(sides[1]))
        around = fft.irfft2(kernel * fft.rfft2(f, size), size)[n - 1 : 2 * n - 1, n - 1 : 2 * n - 1]
        terms.append(2 * math.pi * r * np.exp(-pair(r)) * (f * around).sum() * step**4)
    return math.log(sum(terms) * REACH / radii / 4)


def log_z_by_angles(pair, radii=40, angles=128):
    """Compute the same in polar coordinates about the first particle.

    With the distances r, s, t of the others from it, Z = 1/4 (2 pi)³ sum_m ∫∫∫ g_m(r, s) g_m(s, t) g_m(t, r) w(r) w(s)
    w(t) dr ds dt, where w(r) = r exp(-pair(r)) and g_m(r, s) are the Fourier coefficients of exp(-pair(d)) in the
    angle, d the side opposite to it: the trace of the third power of a matrix for each m.
    """
    return math.log((2 * math.pi) ** 3 / 4 * _cubes(pair, radii, angles).sum())


def distance_probabilities(pair, radii=40, angles=128):
    """Return distances and the probabilities that a pair is at each: the diagonal of the third power."""
    found = _cubes(pair, radii, angles)
    return (np.arange(radii) + 0.5) * REACH / radii, found / found.sum()


def _cubes(pair, radii, angles):
    r = (np.arange(radii) + 0.5) * REACH / radii
    root = np.sqrt(r * np.exp(-pair(r)) * REACH / radii)
    turn = 2 * math.pi * np.arange(angles) / angles
    square = r[:, None] ** 2 + r**2 - 2 * np.multiply.outer(np.cos(turn), np.outer(r, r))
    coefficients = np.fft.fft(np.exp(-pair(np.sqrt(np.maximum(square, 0)))), axis=0).real / angles
    matrices = root[:, None] * coefficients * root
    return np.einsum("mij,mji->i", matrices, matrices @ matrices)
