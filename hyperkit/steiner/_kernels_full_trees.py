"""Steiner points of many small full trees at once, on three or four terminals, in any dimension.

In come rows of points, four at a time the first two and the last two side by side; out go Steiner points and lengths,
infinite where an edge collapses and the tree is not full. One Steiner point is a Fermat point; two are each other's
neighbour, and moving them in turn to the Fermat point of their three neighbours converges in some ten rounds.
"""

from __future__ import annotations

import numpy as np

from .._compilation import njit, subkernel
from ._kernels_fermat import copy_row, distance, join_to_edge

# A tree with an edge this short, as a share of its length, counts as not full; other candidates are as good.
_SHORTEST_EDGE = 1e-4
# Two Steiner points that are to collapse into one approach each other slower and slower.
_FIRST_ROUNDS, _MAX_ROUNDS = 30, 300
_SETTLED = 1e-15


@njit
def triple_trees(z, gap, corners):
    """Steiner points (T, 1, d), their gaps (T, 1) and lengths (T,) of the trees on the rows `corners` (T, 3)."""
    count, d = len(corners), z.shape[1]
    points, gaps, lengths = np.empty((count, 1, d)), np.empty((count, 1)), np.empty(count)
    own_z, own_gap = np.empty((4, d)), np.empty(4)
    # A literal row number would compile each callee anew.
    at = np.arange(4)
    for t in range(count):
        _copy(z, gap, corners[t], own_z, own_gap)
        join_to_edge(own_z, own_gap, at[3], at[0], at[1], at[2])
        lengths[t] = _full_length(own_z, own_gap, ((0, 3), (1, 3), (2, 3)))
        copy_row(own_z, own_gap, at[3], points[t], gaps[t], at[0])
    return points, gaps, lengths


@njit
def quadruple_trees(z, gap, corners):
    """Steiner points (T, 2, d), gaps (T, 2) and lengths (T,) of the trees that pair the rows `corners` (T, 4)."""
    count, d = len(corners), z.shape[1]
    points, gaps, lengths = np.empty((count, 2, d)), np.empty((count, 2)), np.empty(count)
    own_z, own_gap = np.empty((6, d)), np.empty(6)
    at = np.arange(6)
    edges = ((0, 4), (1, 4), (4, 5), (2, 5), (3, 5))
    for t in range(count):
        _copy(z, gap, corners[t], own_z, own_gap)
        join_to_edge(own_z, own_gap, at[5], at[0], at[2], at[3])
        last = np.inf
        for done in range(_MAX_ROUNDS):
            join_to_edge(own_z, own_gap, at[4], at[5], at[0], at[1])
            join_to_edge(own_z, own_gap, at[5], at[4], at[2], at[3])
            total = 0.0
            for u, v in edges:
                total += distance(own_z, own_gap, u, v)
            if last - total <= _SETTLED * total:
                break
            if done >= _FIRST_ROUNDS and distance(own_z, own_gap, at[4], at[5]) <= _SHORTEST_EDGE * total:
                break
            last = total
        lengths[t] = _full_length(own_z, own_gap, edges)
        copy_row(own_z, own_gap, at[4], points[t], gaps[t], at[0])
        copy_row(own_z, own_gap, at[5], points[t], gaps[t], at[1])
    return points, gaps, lengths


@subkernel
def _copy(z, gap, rows, own_z, own_gap):
    for k in range(len(rows)):
        copy_row(z, gap, rows[k], own_z, own_gap, k)


@subkernel
def _full_length(z, gap, edges):
    """Length of a tree; infinite if it has a collapsed edge."""
    total, shortest = 0.0, np.inf
    for u, v in edges:
        length = distance(z, gap, u, v)
        total += length
        shortest = min(shortest, length)
    return total if shortest > _SHORTEST_EDGE * total else np.inf
