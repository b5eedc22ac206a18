"""Hyperbolic edges of a planar Delaunay triangulation, counted or chosen from without being put in order."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel
from ....geometry.kernels.metric import half_chord
from ....predicates.kernels.planar import squared_chord
from .triangulation import next_side

# Squares of sides and gaps are right to some 1e-15, and rounded lengths up to 70 tell squares apart that differ by
# 1e-13; of sides this near to each other none is called longer.
_CLEARLY = 1 - 1e-12


@njit
def count_labels(mesh, sides, labels, n_labels):
    """Hyperbolic edges by the labels of their ends: entry (k, l) and entry (l, k) share those between k and l.

    Parameters
    ----------
    mesh, sides : arrays
        As for :func:`edge_keys`.
    labels : (n,) integer array
        Label of each vertex, 0 to ``n_labels - 1``; below 0 for those without a row.
    n_labels : int
    """
    counts = np.zeros((n_labels, n_labels), np.int64)
    for t in range(len(sides)):
        for e in range(8 * t, 8 * t + 3):
            if _is_kept(mesh, sides, e):
                a, b = labels[mesh[e]], labels[mesh[next_side(e)]]
                if a >= 0 and b >= 0:
                    counts[a, b] += 1
    return counts


@njit
def edges_not_longest(mesh, sides, rows, z, gap):
    """Hyperbolic edges in no order, but for those that are clearly the longest side of a triangle.

    The other two sides join the ends of such an edge, so that it is in no minimum spanning tree. Of 3 n edges some
    1.3 n remain (Urquhart, "Algorithms for computation of relative neighbourhood graph", 1980).

    Parameters
    ----------
    mesh, sides, rows : arrays
        As for :func:`edge_keys`.
    z, gap : (n, 2) and (n,) arrays
        Poincaré coordinates and gaps of the vertices, as lengths are measured with.

    Returns
    -------
    edges : (E, 2) int64 array
        Rows i < j.
    half_chords : (E,) array
    """
    left_out = sides.copy()
    for t in range(len(sides)):
        if sides[t] < 0:  # all three sides are edges
            left_out[t] = _clearly_longest(z, gap, mesh[8 * t], mesh[8 * t + 1], mesh[8 * t + 2])
    edges = np.empty((3 * len(sides) // 2, 2), np.int64)
    half_chords = np.empty(len(edges))
    n = 0
    for t in range(len(sides)):
        for e in range(8 * t, 8 * t + 3):
            if _is_kept(mesh, left_out, e):
                a, b = mesh[e], mesh[next_side(e)]
                i, j = min(rows[a], rows[b]), max(rows[a], rows[b])
                if i >= 0:
                    edges[n, 0], edges[n, 1] = i, j
                    half_chords[n] = half_chord(z, gap, a, b)
                    n += 1
    return edges[:n], half_chords[:n]


@subkernel
def _is_kept(mesh, left_out, e):
    """Whether half-edge e stands for its edge, as one of two, and neither of its triangles leaves it out."""
    twin = mesh[e + 4]
    return 0 <= twin < e and left_out[e >> 3] != e & 3 and left_out[twin >> 3] != twin & 3


@subkernel
def _clearly_longest(z, gap, i, j, k):
    """The side of a triangle that is longer than the others by more than roundings, 0 for (i, j) and so on; or -1."""
    # Squared half chords times the product of the three gaps; differences of coordinates are no smaller than 2^-268.
    one, two, three = squared_chord(z, i, j) * gap[k], squared_chord(z, j, k) * gap[i], squared_chord(z, k, i) * gap[j]
    top = max(one, two, three)
    least = _CLEARLY * top
    if (one > least) + (two > least) + (three > least) > 1:
        return -1
    return 0 if one > least else (1 if two > least else 2)
