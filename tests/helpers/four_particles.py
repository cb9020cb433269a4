"""The partition function of four particles in the plane by quadrature, for any energy of their distances."""

import math

import numpy as np
from scipy import fft

#: half the side of the square that holds the third and fourth particle, and the largest distance of the first two
HALF, REACH = 9.0, 8.5


def log_z(pair, step=0.2, radii=100):
    """Compute log of the integral of exp(-sum of pair(d) over the pairs) over the six centred coordinates.

    With the first two particles at (-r/2, 0) and (r/2, 0), Z = 1/4 ∫ 2 pi r exp(-pair(r)) I(r) dr, where I = ∫∫ f(a)
    f(b) exp(-pair(|a - b|)) da db and f(a) = exp(-pair(|a - r_1|) - pair(|a - r_2|)). I is a convolution on a square
    grid, computed by Fourier transforms; the integrands are smooth and vanish at the ends, so the sums converge
    faster than any power of the step. 1/4 is the Jacobian: the map from differences to the first particle to centred
    coordinates has the Gram matrix 1 - 1/4 11' in each direction, with determinant 1/4.
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
