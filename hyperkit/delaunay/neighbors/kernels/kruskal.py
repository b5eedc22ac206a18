"""Minimum spanning trees of graphs by Kruskal's algorithm (1956)."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit
from ....geometry.kernels.union_find import find


@njit
def joining_edges(n_points, edges):
    """Which of `edges`, shape (E, 2), taken in order, join what those before them have not: (E,) bool array."""
    joins = np.zeros(len(edges), np.bool_)
    parent = np.arange(n_points).astype(np.int32)
    n_parts = n_points
    for e in range(len(edges)):
        if n_parts == 1:
            break
        a, b = find(parent, edges[e, 0]), find(parent, edges[e, 1])
        if a != b:
            parent[max(a, b)] = min(a, b)
            joins[e] = True
            n_parts -= 1
    return joins
