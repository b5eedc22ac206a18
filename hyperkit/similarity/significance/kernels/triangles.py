"""Number of triangles of a graph; the only count of the null distribution that needs a walk over it."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit


@njit
def count_triangles(first, larger, sizes):
    """Triangles of a graph; the neighbours above vertex v are ``larger[first[v]:first[v + 1]]``.

    A vertex stands for ``sizes[v]`` rows, and a triangle for as many as can be made of the rows at its corners.

    Each triangle u < v < w is met once, from u: time is the sum over edges u < v of the neighbours above v.
    """
    n = len(first) - 1
    seen_from = np.full(n, -1)
    triangles = 0
    for u in range(n):
        for k in range(first[u], first[u + 1]):
            seen_from[larger[k]] = u
        for k in range(first[u], first[u + 1]):
            v = larger[k]
            for m in range(first[v], first[v + 1]):
                if seen_from[larger[m]] == u:
                    triangles += sizes[u] * sizes[v] * sizes[larger[m]]
    return triangles
