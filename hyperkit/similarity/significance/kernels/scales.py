"""Counts of labels at all scales of a graph: what lies around each vertex, nearest first, under many labellings."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit


@njit
def sums_over_scales(heads, ends, rows, in_b):
    """For each scale and labelling: pairs of rows of B within so many steps, and the squares and fourth powers of
    the standardised numbers of rows of B around each row, summed over the rows.

    Around vertex i are ``heads[ends[i, 0]:ends[i, h]]`` within h steps; at it are ``rows[i]`` rows, and the rows of B in
    column j of `in_b` under labelling j. A number is standardised by mean and variance of a draw without replacement;
    one that cannot vary is 0. Neighbourhoods grow from scale to scale, so that one walk counts all of them.
    """
    n, size = in_b.shape
    hops = ends.shape[1] - 1
    n_rows, n_b = rows.sum(), in_b[:, 0].sum()
    share = n_b / n_rows
    inner = np.zeros((hops, size), np.int64)
    powers = np.zeros((2, hops, size))
    around = np.empty(size, np.int32)
    for i in range(n):
        here = rows[i]
        known = here
        for j in range(size):
            around[j] = in_b[i, j]
        for scale in range(hops):
            for place in range(ends[i, scale], ends[i, scale + 1]):
                head = heads[place]
                known += rows[head]
                for j in range(size):
                    around[j] += in_b[head, j]
            for j in range(size):
                inner[scale, j] += np.int64(in_b[i, j]) * (around[j] - 1)
            if known == n_rows:
                continue
            mean = known * share
            weight = (n_rows - 1) / (mean * (1 - share) * (n_rows - known))
            for j in range(size):
                square = (around[j] - mean) ** 2 * weight
                powers[0, scale, j] += here * square
                powers[1, scale, j] += here * square * square
    for scale in range(hops):
        for j in range(size):
            inner[scale, j] //= 2
    return inner, powers
