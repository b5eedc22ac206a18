"""What terminals that are missing from a tree will add to it, at least."""

from __future__ import annotations

import math

import numpy as np

from .._compilation import njit, subkernel
from ._kernels_fermat import distance
from ._kernels_newton import direction


@njit
def credits(z, gap):
    """By how much any tree grows, at least, from the terminals that it lacks: for each set of these, as bits.

    Let D be the distance of terminal t from the convex hull of others, and H the half-space beyond the hyperplane that
    touches the hull where it is nearest. At height y above that hyperplane, ``dl^2 = dy^2 + cosh^2 y dx^2``, so that
    dl is at least ``tanh y |dy| + |dx|``. A tree over t and the others runs up to t, and moved down to the hyperplane
    what is in H of it still joins the others as it did. So without t it is shorter by log cosh D. Terminals leave one
    by one, in the best order: O(2^n n^2 d).
    """
    n, d = z.shape
    distances = np.empty((n, n))
    seen = np.empty((n, n, d))
    for t in range(n):
        for w in range(n):
            distances[t, w] = distance(z, gap, t, w)
            direction(z, gap, t, w, seen[t, w])
    credit = np.zeros(1 << n)
    others = np.empty(n, np.int64)
    for missing in range(1, 1 << n):
        count = 0
        for w in range(n):
            if not missing >> w & 1:
                others[count] = w
                count += 1
        if count < 2:
            continue
        for t in range(n):
            if missing >> t & 1:
                height = _height(distances[t], seen[t], others[:count])
                gain = 0.5 * math.log1p(math.sinh(height) ** 2)  # log cosh, of which little is left for small sets
                # Directions are rounded.
                credit[missing] = max(credit[missing], credit[missing ^ (1 << t)] + (1 - 1e-6) * gain)
    return credit


@subkernel
def _height(distances, seen, others):
    """Distance from a point to about the convex hull of others, from below: some hyperplane is that far off.

    In the Klein model about the point this is a Euclidean hull; Gilbert's method finds its point of least norm.
    """
    d = seen.shape[1]
    point, axis = np.empty(d), np.empty(d)
    nearest = others[0]
    for w in others:
        if distances[w] < distances[nearest]:
            nearest = w
    for c in range(d):
        point[c] = math.tanh(distances[nearest]) * seen[nearest, c]
    best = 0.0
    for _ in range(20):
        norm = 0.0
        for c in range(d):
            norm += point[c] * point[c]
        norm = math.sqrt(norm)
        if norm == 0:
            return best
        for c in range(d):
            axis[c] = point[c] / norm
        # A hyperplane across the axis at tanh D has w on its far side iff tanh(distance) cos(angle) >= tanh D.
        least, at = np.inf, nearest
        for w in others:
            short = 0.0
            for c in range(d):
                short += (axis[c] - seen[w, c]) ** 2
            cosine = 1 - short / 2
            # Their product p as 1 - p, which far points need, and as p, which near ones do.
            lack = short / 2 + cosine * 2 / (math.exp(2 * distances[w]) + 1)
            ratio = math.tanh(distances[w]) * cosine / lack
            if ratio < least:
                least, at = ratio, w
        height = 0.5 * math.log1p(2 * least) if least > 0 else 0.0
        if height <= best * (1 + 1e-3) and best > 0:
            return max(best, height)
        best = max(best, height)
        # The nearest point of the segment to the one that is in the way.
        along, squared = 0.0, 0.0
        for c in range(d):
            step = math.tanh(distances[at]) * seen[at, c] - point[c]
            along -= step * point[c]
            squared += step * step
        if squared == 0:
            return best
        share = min(max(along / squared, 0.0), 1.0)
        for c in range(d):
            point[c] += share * (math.tanh(distances[at]) * seen[at, c] - point[c])
    return best
