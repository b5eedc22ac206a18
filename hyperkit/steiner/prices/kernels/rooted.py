"""The shortest tree of a branch to a given point, with all that convexity says of the points about it.

Points are complex numbers of the Poincaré disk. A branch of k terminals has k - 1 joins, each after those it joins: a
row of `joins` names two of them by their numbers, or terminals t as ``-1 - t``. The last join is the root of the
branch, from which one more edge leads to the given point.
"""

from __future__ import annotations

import math

import numpy as np

from ...._compilation import subkernel
from ....geometry.kernels.metric import side_length

_MAX_STEPS, _SMALLEST_STEP = 60, 1e-9
# Smoothing, and what the gradient may still gain, as shares of the scale.
_FIRST_EPS, _LAST_EPS, _ENOUGH = 0.1, 1e-3, 1e-6


@subkernel
def gap_between(z, w):
    """Distance of two points of the disk."""
    return side_length(squared_half_chord(z, w))


@subkernel
def squared_half_chord(z, w):
    """Square of the sinh of half the distance of two points of the disk: to compare distances takes no logarithm."""
    return _square(w - z) / ((1 - _square(z)) * (1 - _square(w)))


@subkernel
def _square(z):
    return z.real * z.real + z.imag * z.imag


@subkernel
def towards(z, w):
    """Unit vector at z towards w; 0 where they coincide."""
    step = (w - z) * (1 - z * w.conjugate())
    size = math.sqrt(_square(step))
    return step / size if size > 0 else 0j


@subkernel
def shortest_rooted(joins, m, places, terminals, root, scale, most, warm, work):
    """Shortest tree of a branch to `root`, by Newton's method on the smoothed length; the joins' places are moved.

    It stops where none can be as short as `most`.

    Gives the length, by how much no tree is shorter than that (whatever the method did), the length of the edge to the
    root and the slope there. With c = l / sqrt(l^2 + eps^2) <= 1 for each edge of length l, the sum of c l is at most
    the length and, for fixed c, convex in all places; so no tree to a point at v from the root is shorter than the sum
    of c l, less the joins' gradients times how far they are from their best places, plus slope times v. These are in
    the hull of the terminals and that point, which is within `scale`: no farther from the root than the farthest.
    """
    gradient, step, block, couple = work
    eps = (_LAST_EPS if warm else _FIRST_EPS) * scale
    last = _LAST_EPS * scale
    parent, old = np.empty(m, np.int64), np.empty(m, np.complex128)
    parent[m - 1] = -1
    for v in range(m):
        for side in range(2):
            if joins[v, side] >= 0:
                parent[joins[v, side]] = v
    farthest = 0.0
    for v in range(m):
        for side in range(2):
            if joins[v, side] < 0:
                farthest = max(farthest, squared_half_chord(root, terminals[-1 - joins[v, side]]))
    reach = max(scale, side_length(farthest))
    total, lower, edge, slope = 0.0, 0.0, 0.0, 0j
    part, fall, pull, before = 1.0, 0.0, 0.0, np.inf
    for iteration in range(_MAX_STEPS):
        total, smoothed, pull, lower = 0.0, 0.0, 0.0, 0.0
        for v in range(m):
            gradient[v] = 0j
            for i in range(3):
                block[v, i] = 0.0
        for v in range(m):
            z = places[v]
            for side in range(3 if v == m - 1 else 2):
                k = joins[v, side] if side < 2 else -1
                w = root
                if side < 2:
                    w = places[k] if k >= 0 else terminals[-1 - k]
                off, half = w - z, 1 - z * w.conjugate()
                square = squared_half_chord(z, w)
                sinh = 2 * math.sqrt(square * (1 + square))
                length = math.log1p(2 * square + sinh)
                smooth = math.sqrt(length * length + eps * eps)
                share = length / smooth
                total += length
                lower += length * share
                smoothed += smooth
                size = math.sqrt(_square(off) * _square(half))
                e, f = (off * half / size, -off * half.conjugate() / size) if size > 0 else (0j, 0j)
                along = (eps / smooth) ** 2 / smooth
                across = (length * (1 + 2 * square) / sinh if length > 0 else 1.0) / smooth
                gradient[v] -= share * e
                _add(block, v, e, along, across)
                if side == 2:
                    edge, slope = length, -share * f
                elif k >= 0:
                    mixed = (length / sinh if length > 0 else 1.0) / smooth
                    gradient[k] -= share * f
                    _add(block, k, f, along, across)
                    # Across and along an edge, at its lower end f and at its upper end -e.
                    couple[k, 0] = mixed * f.imag * e.imag + along * f.real * e.real
                    couple[k, 1] = -mixed * f.imag * e.real + along * f.real * e.imag
                    couple[k, 2] = -mixed * f.real * e.imag + along * f.imag * e.real
                    couple[k, 3] = mixed * f.real * e.real + along * f.imag * e.imag
                    if length == 0:
                        couple[k, 0], couple[k, 1], couple[k, 2], couple[k, 3] = -1 / smooth, 0.0, 0.0, -1 / smooth
        for v in range(m):
            pull += abs(gradient[v])
        longer = smoothed > before * (1 + 1e-15) + 1e-4 * part * fall
        halved = longer and part > _SMALLEST_STEP
        converged = eps <= last and (pull * reach <= _ENOUGH * scale or (longer and not halved))
        # Here, where all that is returned belongs to these places.
        if converged or lower - 2 * pull * reach > most or iteration == _MAX_STEPS - 1:
            break
        if halved:
            part /= 2
        else:
            fall = _newton(m, parent, gradient, step, block, couple)
            part, before = 1.0, smoothed
            for v in range(m):
                old[v] = places[v]
            if longer or -fall <= 0.1 * eps * m:
                eps = max(eps * 0.05, last)
        for v in range(m):
            size = math.sqrt(_square(step[v]))
            if size > 0:
                ahead = step[v] * (math.tanh(min(part * size, 1.0) / 2) / size)
                places[v] = (ahead + old[v]) / (1 + old[v].conjugate() * ahead)
    farthest = 0.0
    for v in range(m):
        farthest = max(farthest, squared_half_chord(root, places[v]))
    lower -= pull * (side_length(farthest) + reach)
    return total, total - lower, edge, slope


@subkernel
def _add(block, v, e, along, across):
    """Second derivative of an edge at its end v, where it leaves in direction e (0: an edge of no length)."""
    if e == 0:
        block[v, 0] += across
        block[v, 2] += across
        return
    block[v, 0] += across * e.imag * e.imag + along * e.real * e.real
    block[v, 1] += (along - across) * e.real * e.imag
    block[v, 2] += across * e.real * e.real + along * e.imag * e.imag


@subkernel
def _newton(m, parent, gradient, step, block, couple):
    """Newton's step, by elimination of each join into the next; gives the slope along it."""
    for v in range(m):
        step[v] = -gradient[v]
    for v in range(m):
        a, b, c = block[v, 0], block[v, 1], block[v, 2]
        det = a * c - b * b
        if det <= 1e-12 * a * c or a <= 0:
            a, c = abs(a) + 1e-6 * (abs(a) + abs(c)), abs(c) + 1e-6 * (abs(a) + abs(c))
            det = max(a * c - b * b, 1e-6 * a * c)
        block[v, 0], block[v, 1], block[v, 2] = c / det, -b / det, a / det
        p = parent[v]
        if p >= 0:
            x, y, u, w = couple[v, 0], couple[v, 1], couple[v, 2], couple[v, 3]
            xx, xy = block[v, 0] * x + block[v, 1] * u, block[v, 0] * y + block[v, 1] * w
            yx, yy = block[v, 1] * x + block[v, 2] * u, block[v, 1] * y + block[v, 2] * w
            block[p, 0] -= x * xx + u * yx
            block[p, 1] -= x * xy + u * yy
            block[p, 2] -= y * xy + w * yy
            s = step[v]
            step[p] -= complex(xx * s.real + yx * s.imag, xy * s.real + yy * s.imag)
    fall = 0.0
    for v in range(m - 1, -1, -1):
        s = step[v]
        p = parent[v]
        if p >= 0:
            t = step[p]
            s -= complex(couple[v, 0] * t.real + couple[v, 1] * t.imag, couple[v, 2] * t.real + couple[v, 3] * t.imag)
        step[v] = complex(block[v, 0] * s.real + block[v, 1] * s.imag, block[v, 1] * s.real + block[v, 2] * s.imag)
        fall += step[v].real * gradient[v].real + step[v].imag * gradient[v].imag
    return fall
