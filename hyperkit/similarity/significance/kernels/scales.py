"""Counts of labels at all scales of a graph: what lies around each vertex, nearest first, under many labellings."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit


@njit
def sums_over_scales(heads, ends, rows, in_b, n_local):
    """Pairs of rows of B at each scale, and how far the numbers of rows of B around each row are from chance.

    Around vertex i are ``heads[ends[i, 0]:ends[i, h]]`` within h steps; at it are ``rows[i]`` rows, and the rows of B
    in column j of `in_b` under labelling j. Gives, for each scale and labelling, the pairs within B; and for each of
    the first `n_local` scales the sum over the rows of exp(z^2 / 2), where z is the number of rows of B around a row,
    standardised as a draw without replacement; 0 for one that cannot vary. Neighbourhoods grow from scale to scale, so
    that one walk counts all of them.
    """
    n, size = in_b.shape
    hops = ends.shape[1] - 1
    n_rows, n_b = rows.sum(), in_b[:, 0].sum()
    share = n_b / n_rows
    inner = np.zeros((hops, size), np.int64)
    local = np.zeros((n_local, size))
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
            for j in range(size):
                inner[scale, j] += np.int64(in_b[i, j]) * (around[j] - 1)
            if scale < n_local:
                mean = known * share
                variance = mean * (1 - share) * (n_rows - known) / max(n_rows - 1, 1)
                weight = 0.5 / variance if variance > 0 else 0.0
                for j in range(size):
                    # No exponential of a double is larger than e^709.
                    local[scale, j] += rows[i] * np.exp(min((around[j] - mean) ** 2 * weight, 600.0))
    for scale in range(hops):
        for j in range(size):
            inner[scale, j] //= 2
    return inner, local
