"""Counts of labels at all scales of a graph: what lies around each vertex, nearest first, under many labellings."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit


@njit
def sums_over_scales(heads, ends, rows, weights, in_b):
    """Pairs of rows of B and of one of each set at every scale, and how far rows are from the nearest of the other set.

    Around vertex i are ``heads[ends[i, 0]:ends[i, h]]`` within h steps; at it are ``rows[i]`` rows of a weight of
    ``weights[i]`` in all, and the rows of B in column j of `in_b` under labelling j. Gives, for each scale and
    labelling, the pairs within B and the pairs A-B; and for each labelling the fourth powers of the steps from each row
    to the nearest of the other set, one more than all scales if there is none, summed with these weights.
    Neighbourhoods grow from scale to scale, so that one walk counts all of them.
    """
    n, size = in_b.shape
    hops = ends.shape[1] - 1
    inner = np.zeros((hops, size), np.int64)
    across = np.zeros((hops, size), np.int64)
    far = np.full(size, weights.sum())
    around = np.empty(size, np.int32)
    for i in range(n):
        known = rows[i]
        for j in range(size):
            around[j] = in_b[i, j]
        for scale in range(hops):
            for place in range(ends[i, scale], ends[i, scale + 1]):
                head = heads[place]
                known += rows[head]
                for j in range(size):
                    around[j] += in_b[head, j]
            longer = weights[i] * ((scale + 2) ** 4 - (scale + 1) ** 4)
            for j in range(size):
                of_b = np.int64(in_b[i, j])
                inner[scale, j] += of_b * (around[j] - 1)
                across[scale, j] += (rows[i] - of_b) * around[j]
                if around[j] == 0 or around[j] == known:
                    far[j] += longer
    for scale in range(hops):
        for j in range(size):
            inner[scale, j] //= 2
    return inner, across, far
