"""Steiner points of many small full trees at once, on three or four terminals, in any dimension.

In come rows of points, four at a time the first two and the last two side by side; out go Steiner points and lengths,
infinite where an edge collapses and the tree is not full. One Steiner point is a Fermat point; two are each other's
neighbour, and moving them in turn to the Fermat point of their three neighbours converges in some ten rounds.
"""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel
from ....geometry.kernels.metric import copy_row, distance
from ...kernels.fermat import join_to_edge

# A tree with an edge this short, as a share of its length, counts as not full; other candidates are as good.
_SHORTEST_EDGE = 1e-4
# Two Steiner points that are to collapse into one approach each other slower and slower.
_FIRST_ROUNDS, _MAX_ROUNDS = 30, 300
_SETTLED = 1e-15


@njit
def full_trees(z, gap, corners, edges):
    """Full trees on three or four terminals, the rows of `corners` (T, k); of four, the first two make one pair.

    `edges` (2k-3, 2) are those of each tree, by numbers of its terminals and then of its k - 2 Steiner points.

    Returns
    -------
    points, gaps : (T (k - 2), d) and (T (k - 2),) arrays
        Steiner points.
    lengths : (T,) array
    """
    (count, k), d = corners.shape, z.shape[1]
    points, gaps, lengths = np.empty((count * (k - 2), d)), np.empty(count * (k - 2)), np.empty(count)
    own_z, own_gap = np.empty((2 * k - 2, d)), np.empty(2 * k - 2)
    for t in range(count):
        for i in range(k):
            copy_row(z, gap, corners[t, i], own_z, own_gap, i)
        if k == 3:
            join_to_edge(own_z, own_gap, 3, 0, 1, 2)
        else:
            _place_two(own_z, own_gap, edges)
        shortest, lengths[t] = _shortest_and_total(own_z, own_gap, edges)
        if shortest <= _SHORTEST_EDGE * lengths[t]:
            lengths[t] = np.inf
        for i in range(k - 2):
            copy_row(own_z, own_gap, k + i, points, gaps, t * (k - 2) + i)
    return points, gaps, lengths


@subkernel
def _place_two(z, gap, edges):
    """Put Steiner points into rows 4, next to terminals 0 and 1, and 5, next to 2 and 3."""
    join_to_edge(z, gap, 5, 0, 2, 3)
    last = np.inf
    for done in range(_MAX_ROUNDS):
        join_to_edge(z, gap, 4, 5, 0, 1)
        join_to_edge(z, gap, 5, 4, 2, 3)
        total = _shortest_and_total(z, gap, edges)[1]
        if last - total <= _SETTLED * total:
            break
        if done >= _FIRST_ROUNDS and distance(z, gap, 4, 5) <= _SHORTEST_EDGE * total:
            break
        last = total


@subkernel
def _shortest_and_total(z, gap, edges):
    """Length of the shortest edge, and of all."""
    total, shortest = 0.0, np.inf
    for e in range(len(edges)):
        length = distance(z, gap, edges[e, 0], edges[e, 1])
        total += length
        shortest = min(shortest, length)
    return shortest, total
