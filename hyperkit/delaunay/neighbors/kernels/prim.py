"""Minimum spanning trees by a look at all pairs, for dimensions where a tree of boxes passes none over."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel


@njit
def prim(columns, gap):
    """Minimum spanning tree by Prim's rounds: the tree takes in the point that is nearest to it.

    Edges are ordered by half chord, then by rows, as in `search_tree.spanning_tree`, so that the edges are the same.
    Half chords are summed coordinate by coordinate along many points, which the compiler vectorises.

    Parameters
    ----------
    columns : (d, n) array
        Poincaré coordinates, which are lost: those of points outside the tree stand in front.

    Returns
    -------
    (n - 1, 2) integer array
        Pairs of rows, i < j, in no order.
    """
    d, n = columns.shape
    gap, rows = gap.copy(), np.arange(n)
    key, partner = np.full(n, np.inf), np.full(n, n)
    squared, point = np.empty(n), np.empty(d)
    edges = np.empty((n - 1, 2), np.int64)
    taken = 0
    for left in range(n - 1, 0, -1):
        new, new_gap = rows[taken], gap[taken]
        for c in range(d):
            point[c] = columns[c, taken]
            columns[c, taken] = columns[c, left]
        rows[taken], gap[taken], key[taken], partner[taken] = rows[left], gap[left], key[left], partner[left]
        squared[:left] = 0.0
        for c in range(d):
            _add_squares(squared[:left], columns[c], point[c])
        _shorten(key[:left], partner, squared, gap, new, new_gap)
        taken = _first(key[:left], partner, rows)
        edges[n - 1 - left, 0] = min(rows[taken], partner[taken])
        edges[n - 1 - left, 1] = max(rows[taken], partner[taken])
    return edges


@subkernel
def _add_squares(squared, coordinate, of_point):
    for s in range(len(squared)):
        squared[s] += (coordinate[s] - of_point) ** 2


@subkernel
def _shorten(key, partner, squared, gap, new, new_gap):
    """Let the newest point of the tree be the partner of those it is nearest to."""
    for s in range(len(key)):
        to_new = squared[s] / (gap[s] * new_gap)
        if to_new < key[s] or (to_new == key[s] and new < partner[s]):
            key[s], partner[s] = to_new, new


@subkernel
def _first(key, partner, rows):
    """Where the least edge to a point outside the tree ends."""
    first = 0
    for s in range(1, len(key)):
        if key[s] < key[first] or (
            key[s] == key[first] and _comes_before(rows[s], partner[s], rows[first], partner[first])
        ):
            first = s
    return first


@subkernel
def _comes_before(a, b, c, d):
    low, other_low = min(a, b), min(c, d)
    return low < other_low or (low == other_low and max(a, b) < max(c, d))
