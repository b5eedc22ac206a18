"""Stress of a placement and its gradient: the loop over pairs in which an embedding spends its time.

The dissimilarities (m, n) are those of the first m points to all n, and the pairs are (i, j) with i < m, i < j: all
pairs where m = n, and those with a landmark where the first m points are landmarks. Everything is written as loops over
rows of 512 numbers without calls, branches or sums, 3 ns a pair in the plane: a sum waits for each of its additions, so
that rows are added to each other, or folded until little is left.
"""

from __future__ import annotations

import math

import numpy as np

from ...._compilation import njit, subkernel
from .logarithm import log1p_of

# Ten rows of 512 doubles stay in the first-level cache.
_BLOCK = 512


@njit
def stress_and_gradient(x, start, rays, across, scale, dissimilarities, power, floor, unit, farthest, slope):
    """Sum of ``w r^2`` over the pairs, for residuals ``r = d / s - D``, in units of `unit`; its slope by `x` too.

    The points are the ends of the tangent vectors ``s * u``, u (n, d), and the variables `x` say where: ``s = scale *
    exp(x[0])``, and the first rows of u are those of `start` (n, d) and steps, along their `rays` (n_moving, d) as `x`
    has them, and across in units of `across` (n_moving,). Gives inf where a point is beyond the polar radius
    `farthest`, with no slope.

    All this is one call: as several, and with numpy between, a measurement took 100 us beside its pairs.
    """
    n, d = start.shape
    n_moving = len(rays)
    u = np.empty((n, d))
    z = np.empty((d, n))
    by_z = np.empty((d, n))
    inverse_gap = np.empty(n)
    by_gap = np.empty(n)
    lengths = np.empty(n)
    s = scale * math.exp(x[0])
    for i in range(n):
        along = 0.0
        if i < n_moving:
            for c in range(d):
                along += x[1 + i * d + c] * rays[i, c]
        square = 0.0
        for c in range(d):
            u[i, c] = start[i, c]
            if i < n_moving:
                u[i, c] += across[i] * x[1 + i * d + c] + (1.0 - across[i]) * along * rays[i, c]
            square += u[i, c] ** 2
        lengths[i] = math.sqrt(square)
        r = s * lengths[i]
        if not r <= farthest:
            slope[:] = 0.0
            return np.inf
        inverse_gap[i] = math.cosh(r / 2) ** 2
        factor = math.tanh(r / 2) / lengths[i] if r > 0 else 0.5 * s
        for c in range(d):
            z[c, i] = factor * u[i, c]
    squares, along = stress_and_slopes(z, inverse_gap, dissimilarities, s, power, floor, by_z, by_gap)
    # S = |z_i - z_j|^2 / (gap_i gap_j) by z_i: 2 (z_i - z_j) / (gap_i gap_j) + 2 S z_i / gap_i.
    # A step in v = s u goes gap / 2 as far along the ray, and tanh(|v| / 2) / |v| as far across it. What is outward is
    # 1 / gap as large as what it counts for in the end, so it must not meet the steps across: added to them, its
    # rounding was 1e-3 of the gradient at polar radius 30.
    by_u = np.empty(d)
    slope[0] = -2.0 * along / s
    for i in range(n):
        length = lengths[i]
        radius = math.tanh(s * length / 2)
        by_across = 2.0 * radius / length if length > 0 else s
        ray = 0.0
        for c in range(d):
            ray += by_z[c, i] * u[i, c]
        ray = ray / length if length > 0 else 0.0
        by_ray = (ray + by_gap[i] * inverse_gap[i] * radius) * s / inverse_gap[i]
        along = 0.0
        for c in range(d):
            direction = u[i, c] / length if length > 0 else 0.0
            by_u[c] = (by_across * (by_z[c, i] - ray * direction) + by_ray * direction) * 2.0 / s
            slope[0] += by_u[c] * u[i, c]
            if i < n_moving:
                along += by_u[c] * rays[i, c]
        if i < n_moving:
            for c in range(d):
                slope[1 + i * d + c] = across[i] * by_u[c] + (1.0 - across[i]) * along * rays[i, c]
    for j in range(len(slope)):
        slope[j] /= unit
    return squares / unit


@subkernel
def stress_and_slopes(z, inverse_gap, dissimilarities, scale, power, floor, by_z, by_gap):
    """Sums of ``w r^2`` and ``w r d`` over the pairs, for residuals ``r = d / scale - D``; the slopes go into arrays.

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
    squares = np.zeros(_BLOCK)
    along = np.zeros(_BLOCK)
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
                squares[j] += push[j] * x[j]
                along[j] += push[j] * length[j]
            for j in range(m):
                push[j] = push[j] / root[j] if root[j] > 0.0 else 0.0
                x[j] = push[j] * s[j]
                by_gap[begin + j] += x[j]
                push[j] *= inverse_gap[i] * inverse_gap[begin + j]
            by_gap[i] += folded(x, m)
            for c in range(n_axes):
                axis, slope = z[c], by_z[c]
                for j in range(m):
                    x[j] = push[j] * (axis[i] - axis[begin + j])
                    slope[begin + j] -= x[j]
                slope[i] += folded(x, m)
    return folded(squares, _BLOCK), folded(along, _BLOCK)


@subkernel
def folded(x, n):
    """Sum of the first `n` numbers, which are lost."""
    while n > 8:
        half = (n + 1) // 2
        for j in range(n - half):
            x[j] += x[half + j]
        n = half
    total = 0.0
    for j in range(n):
        total += x[j]
    return total
