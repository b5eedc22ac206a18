"""Stress of a placement and its gradient: the loop over pairs in which an embedding spends its time.

The dissimilarities (m, n) are those of the first m points to all n, and the pairs are (i, j) with i < m, i < j: all
pairs where m = n, and those with a landmark where the first m points are landmarks. Everything but the sums is written
as loops over rows of 512 numbers without calls or branches, 4 ns a pair in the plane.
"""

from __future__ import annotations

import math

import numpy as np

from ...._compilation import njit
from .logarithm import log1p_of

# Ten rows of 512 doubles stay in the first-level cache.
_BLOCK = 512


@njit
def stress_and_slopes(z, inverse_gap, dissimilarities, scale, power, floor, by_z, by_gap):
    """Sums of ``w r^2`` and ``w r d`` over the pairs, with the residual ``r = d / scale - D``; the slopes go into arrays.

    `z` is (d, n), component by component, and the weight is ``max(D, floor)^-power`` for a power of 0, 1 or 2. With
    ``S = sinh^2(d / 2) = |z_i - z_j|^2 / (gap_i gap_j)`` and ``d' = dd/dS`` the sums of ``w r d' (z_i - z_j) / (gap_i
    gap_j)`` over j go into column i of `by_z`, and those of ``w r d' S`` into `by_gap`. Points in one place have no
    direction to push in and give 0.
    """
    n_axes, n = z.shape
    s = np.empty(_BLOCK)
    root = np.empty(_BLOCK)
    x = np.empty(_BLOCK)
    length = np.empty(_BLOCK)
    push = np.empty(_BLOCK)
    u = np.empty(_BLOCK)
    exponent = np.empty(_BLOCK)
    u_bits = u.view(np.uint64)
    exponent_bits = exponent.view(np.uint64)
    unit = 1.0 / scale
    squares = along = 0.0
    by_z[:] = 0.0
    by_gap[:] = 0.0
    for first in range(0, n, _BLOCK):
        last = min(first + _BLOCK, n)
        for i in range(min(last, len(dissimilarities))):
            begin = max(first, i + 1)
            m = last - begin
            targets = dissimilarities[i]
            for j in range(m):
                s[j] = 0.0
            for c in range(n_axes):
                axis = z[c]
                for j in range(m):
                    s[j] += (axis[i] - axis[begin + j]) ** 2
            for j in range(m):
                s[j] *= inverse_gap[i] * inverse_gap[begin + j]
                root[j] = math.sqrt(s[j] * (1.0 + s[j]))
                x[j] = 2.0 * (s[j] + root[j])
            log1p_of(x, m, u, u_bits, exponent, exponent_bits, length)
            for j in range(m):
                x[j] = length[j] * unit - targets[begin + j]
                push[j] = x[j]
            if power == 1:
                for j in range(m):
                    push[j] /= max(targets[begin + j], floor)
            elif power == 2:
                for j in range(m):
                    push[j] /= max(targets[begin + j], floor) ** 2
            for j in range(m):
                squares += push[j] * x[j]
                along += push[j] * length[j]
            pull = 0.0
            for j in range(m):
                push[j] = push[j] / root[j] if root[j] > 0.0 else 0.0
                x[j] = push[j] * s[j]
                by_gap[begin + j] += x[j]
                push[j] *= inverse_gap[i] * inverse_gap[begin + j]
            for j in range(m):
                pull += x[j]
            by_gap[i] += pull
            for c in range(n_axes):
                axis, slope = z[c], by_z[c]
                pull = 0.0
                for j in range(m):
                    x[j] = push[j] * (axis[i] - axis[begin + j])
                    slope[begin + j] -= x[j]
                for j in range(m):
                    pull += x[j]
                slope[i] += pull
    return squares, along
