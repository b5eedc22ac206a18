"""What terminals that are missing from a tree will add to it, at least."""

from __future__ import annotations

import math

import numpy as np

from ...._compilation import njit, subkernel
from ....geometry.kernels.metric import direction, distance


@njit
def least_growth(z, gap):
    """By how much any tree grows, at least, from the terminals that it lacks: for each set of these, as bits.

    Let D be the distance of terminal t from the convex hull of others, and H the half-space beyond the hyperplane that
    touches the hull where it is nearest. At height y above that hyperplane, ``dl^2 = dy^2 + cosh^2 y dx^2``, so that
    dl is at least ``tanh y |dy| + |dx|``. A tree over t and the others runs up to t, and moved down to the hyperplane
    what is in H of it still joins the others as it did. So without t it is shorter by log cosh D. Terminals leave one
    by one, in the best order: O(2^n n^2 d).
    """
    n, d = z.shape
    # Klein norms in the frame of each terminal, tanh of the distance, and what they lack of 1.
    norms, rests = np.empty((n, n)), np.empty((n, n))
    seen = np.empty((n, n, d))
    for t in range(n):
        for w in range(n):
            far = distance(z, gap, t, w)
            norms[t, w], rests[t, w] = math.tanh(far), 2 / (math.exp(2 * far) + 1)
            direction(z, gap, t, w, seen[t, w])
    growth = np.zeros(1 << n)
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
                height = _height(norms[t], rests[t], seen[t], others[:count])
                gain = 0.5 * math.log1p(math.sinh(height) ** 2)  # log cosh, of which little is left for small sets
                # Directions are rounded.
                growth[missing] = max(growth[missing], growth[missing ^ (1 << t)] + (1 - 1e-6) * gain)
    return growth


@subkernel
def _height(norms, rests, seen, others):
    """Distance from a point to about the convex hull of others, from below: some hyperplane is that far off.

    In the Klein model about the point this is a Euclidean hull; Gilbert's method finds its point of least norm.
    """
    d = seen.shape[1]
    point, axis = np.empty(d), np.empty(d)
    nearest = others[0]
    for w in others:
        if rests[w] > rests[nearest] or norms[w] < norms[nearest]:
            nearest = w
    for c in range(d):
        point[c] = norms[nearest] * seen[nearest, c]
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
            # p / (1 - p) of their product p: near points need it as p, far ones as 1 - p.
            ratio = norms[w] * cosine / (short / 2 + cosine * rests[w])
            if ratio < least:
                least, at = ratio, w
        height = 0.5 * math.log1p(2 * least) if least > 0 else 0.0
        if height <= best * (1 + 1e-3) and best > 0:
            return max(best, height)
        best = max(best, height)
        # The nearest point of the segment to the one that is in the way.
        along, squared = 0.0, 0.0
        for c in range(d):
            step = norms[at] * seen[at, c] - point[c]
            along -= step * point[c]
            squared += step * step
        if squared == 0:
            return best
        share = min(max(along / squared, 0.0), 1.0)
        for c in range(d):
            point[c] += share * (norms[at] * seen[at, c] - point[c])
    return best
