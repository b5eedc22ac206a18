"""Voronoi cells of the hyperbolic plane: who lies beside whom, corners seen from their site, cells in cyclic order.

Half-edge h runs from its site to ``heads[h]``; those of site i are ``start[i]`` to ``start[i + 1]``, by ascending
head. Each knows its edge and the triangle on its left, -1 if there is none that counts. All order about a site is
read off the triangles, so it is as exact as they are; directions in floats only order the parts of a cell that reach
the rim independently of each other.
"""

from __future__ import annotations

import math

import numpy as np

from ...._compilation import njit, subkernel
from ....geometry.kernels.metric import half_chord

# Beyond this share of its longest side, what a triangle's shorter sides exceed it by is known to ten digits.
_LEAST_EXCESS = 4e-6
# A triangle's shortest side over the next, below which a corner's direction is known to less than ten digits.
_LEAST_SHARE = 1e-6


@njit
def half_edges(n, edges, triangles):
    """Half-edges of a graph on `n` sites with `edges` (E, 2), i < j, lexicographic, and counterclockwise `triangles`.

    Returns
    -------
    start : (n + 1,) array; heads, edge, left : (2 E,) arrays
    """
    start = np.zeros(n + 1, np.int64)
    for e in range(len(edges)):
        start[edges[e, 0] + 1] += 1
        start[edges[e, 1] + 1] += 1
    for i in range(n):
        start[i + 1] += start[i]
    free = start[:-1].copy()
    heads = np.empty(2 * len(edges), np.int64)
    edge = np.empty(2 * len(edges), np.int64)
    for side in range(1, -1, -1):  # lower heads first: rows are in order without sorting
        for e in range(len(edges)):
            i = edges[e, side]
            heads[free[i]] = edges[e, 1 - side]
            edge[free[i]] = e
            free[i] += 1
    left = np.full(2 * len(edges), -1, np.int64)
    for t in range(len(triangles)):
        for k in range(3):
            left[half_edge(start, heads, triangles[t, k], triangles[t, (k + 1) % 3])] = t
    return start, heads, edge, left


@subkernel
def half_edge(start, heads, i, j):
    """The half-edge from i to j, which exists."""
    low, high = start[i], start[i + 1]
    while high - low > 1:
        middle = (low + high) // 2
        if heads[middle] <= j:
            low = middle
        else:
            high = middle
    return low


@njit
def ridge_triangles(n_edges, start, heads, edge, left):
    """Triangles to the right and to the left of each edge (i, j), seen from i, -1 if there is none: (E, 2)."""
    beside = np.empty((n_edges, 2), np.int64)
    for i in range(len(start) - 1):
        for h in range(start[i], start[i + 1]):
            beside[edge[h], 1 if i < heads[h] else 0] = left[h]
    return beside


@njit
def cyclic_cells(z, gap, start, heads, edge, beside, triangles):
    """Corners of each cell counterclockwise, -1 for each arc of the rim: `first` (n + 1,) and `corners`, in rows.

    A cell without half-edges is one arc.
    """
    n = len(start) - 1
    first = np.zeros(n + 1, np.int64)
    corners = np.empty(2 * len(edge) + n, np.int64)
    end = 0
    for i in range(n):
        low, high = start[i], start[i + 1]
        if low == high:
            corners[end] = -1
            end += 1
        else:
            for h in _first_of_runs(z, gap, i, low, high, heads, edge, beside):
                here = h
                while True:
                    t = beside[edge[here], 1 if i < heads[here] else 0]
                    corners[end] = t
                    end += 1
                    if t < 0:
                        break
                    k = 0 if triangles[t, 0] == i else (1 if triangles[t, 1] == i else 2)
                    here = half_edge(start, heads, i, triangles[t, (k + 2) % 3])
                    if here == h:
                        break
        first[i + 1] = end
    return first, corners[:end]


@subkernel
def _first_of_runs(z, gap, i, low, high, heads, edge, beside):
    """Half-edges of site i without a triangle on their right, counterclockwise; the first of all if each has one."""
    firsts = np.empty(high - low, np.int64)
    angles = np.empty(high - low)
    count = 0
    for h in range(low, high):
        if beside[edge[h], 0 if i < heads[h] else 1] < 0:
            x, y = wall_normal(z, gap, i, heads[h])
            firsts[count], angles[count] = h, math.atan2(y, x)
            count += 1
    if count == 0:
        return np.full(1, low)
    return firsts[:count][np.argsort(angles[:count], kind="mergesort")]


@subkernel
def wall_normal(z, gap, i, k):
    """The n with ``n . y <= 1`` where i is nearer than k; y are Klein coordinates after moving site i to the origin."""
    x, y = z[k, 0] - z[i, 0], z[k, 1] - z[i, 1]
    size = math.hypot(x, y)  # squares of the difference of close points would underflow
    factor = gap[i] / size
    return factor * (x / size) - z[i, 0], factor * (y / size) - z[i, 1]


@njit
def circumcentres(z, gap, triangles):
    """Circumcentre of each triangle as each of its corners sees it when moved to the origin.

    Returns
    -------
    direction : (T, 3, 2) array
        Unit vector from the corner.
    squared_sinh : (T,) array
        ``sinh(R)^2`` of the circumradius, ``4 A B C / D`` with ``A = sinh(d / 2)^2`` of the sides and D as in Heron's
        formula. Unlike ``|y|^2`` of Klein coordinates y it keeps its digits where R is large.
    best : (T,) array
        The corner that tells the direction best.
    in_doubt : (T,) bool array
        Nearly on a horocycle, or a needle: ten digits are not certain.
    """
    direction = np.zeros((len(triangles), 3, 2))
    squared_sinh = np.empty(len(triangles))
    best = np.zeros(len(triangles), np.int64)
    in_doubt = np.zeros(len(triangles), np.bool_)
    for t in range(len(triangles)):
        squared_sinh[t], in_doubt[t] = _squared_sinh_circumradius(z, gap, triangles[t])
        best_share = 0.0
        for k in range(3):
            i = triangles[t, k]
            ax, ay, a = _inverted(z, i, triangles[t, (k + 1) % 3])
            bx, by, b = _inverted(z, i, triangles[t, (k + 2) % 3])
            # y solves n.y = 1 for the normals of both walls, so it is perpendicular to their difference, from which the
            # site drops out: no corner is too far out to be seen in its true direction.
            x, y = by - ay, ax - bx
            size = math.hypot(x, y)
            share = size / max(a, b)
            if share <= _LEAST_SHARE:
                in_doubt[t] = True
            else:
                direction[t, k, 0], direction[t, k, 1] = x / size, y / size
            if share > best_share:
                best[t], best_share = k, share
    return direction, squared_sinh, best, in_doubt


@subkernel
def _inverted(z, i, k):
    """Point k inverted in the unit circle about point i, as seen from i, and its distance."""
    x, y = z[k, 0] - z[i, 0], z[k, 1] - z[i, 1]
    size = math.hypot(x, y)
    return x / size / size, y / size / size, 1 / size


@subkernel
def _squared_sinh_circumradius(z, gap, corners):
    """``sinh(R)^2`` of the circumradius, and whether it is in doubt."""
    i, j, k = corners
    a, b, c = half_chord(z, gap, j, k), half_chord(z, gap, k, i), half_chord(z, gap, i, j)
    longest = max(a, b, c)
    shortest = min(a, b, c)
    middle = max(min(a, b), min(max(a, b), c))
    excess = shortest - (longest - middle)
    if excess <= _LEAST_EXCESS * longest:
        return 0.0, True
    # The sides are divided out one by one: the product of six sides of a tiny triangle would underflow.
    heron = (1 + (middle + shortest) / longest) * (excess / shortest) * ((longest - middle + shortest) / shortest)
    heron *= (longest + (middle - shortest)) / middle
    return 4 * middle * (longest / heron), False


@njit
def compact_areas(start, heads, edge, beside, triangles, seen, gap_seen):
    """Areas of the cells, inf for those that reach the rim; `seen` (T, 3, 2): corners as their sites see them.

    The triangle of the site and two successive corners p, q, in the Poincaré disk, lacks ``2 arg(1 - conj(p) q)`` of
    the angle sum pi: that is its area (Gauss, Bonnet), without the cancellation of angles.
    """
    areas = np.empty(len(start) - 1)
    for i in range(len(start) - 1):
        area = 0.0 if start[i + 1] > start[i] else np.inf
        for h in range(start[i], start[i + 1]):
            side = 1 if i < heads[h] else 0
            s, t = beside[edge[h], 1 - side], beside[edge[h], side]
            if s < 0 or t < 0:
                area = np.inf
                break
            k = 0 if triangles[s, 0] == i else (1 if triangles[s, 1] == i else 2)
            m = 0 if triangles[t, 0] == i else (1 if triangles[t, 1] == i else 2)
            p, q = seen[s, k], seen[t, m]
            cross = p[0] * q[1] - p[1] * q[0]
            # 1 - p.q in terms of one sign.
            rest = (gap_seen[s] + gap_seen[t] + (p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2) / 2
            area += 2 * math.atan2(cross, rest)
        areas[i] = area
    return areas
