"""Counts in all neighbourhoods of a graph under many labellings."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit


@njit
def least_ranks(centers, heads, ends, starts, ranks, in_b):
    """Least rank over all neighbourhoods, for each labelling.

    The neighbourhood c at scale s is the point ``centers[c]`` and ``heads[ends[c, 0]:ends[c, s + 1]]``. Column j of
    `in_b` has the rows in B at each point under labelling j, and a neighbourhood with k of them has the rank
    ``ranks[starts[c, s] + k]``. Neighbourhoods grow from scale to scale, so that one walk counts all of them.
    """
    n_scales, size = starts.shape[1], in_b.shape[1]
    least = np.full(size, len(ranks), np.int32)
    counts = np.empty(size, np.int32)
    for c in range(len(centers)):
        for j in range(size):
            counts[j] = in_b[centers[c], j]
        for scale in range(n_scales):
            for place in range(ends[c, scale], ends[c, scale + 1]):
                for j in range(size):
                    counts[j] += in_b[heads[place], j]
            start = starts[c, scale]
            for j in range(size):
                least[j] = min(least[j], ranks[start + counts[j]])
    return least
