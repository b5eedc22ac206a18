"""The best edge to cut a cluster at; clusters are what is left of a tree when edges are cut."""

from __future__ import annotations

import numpy as np

from ..._compilation import njit


@njit
def best_cut(parent, gap, size, is_row, is_cut, top, min_size, below):
    """Edge of the cluster hanging from `top` with the greatest weight, and that; (-1, -1) for none.

    The weight of an edge with a and b rows of the cluster on its sides is ``gap * sqrt(a b / (a + b))``; both are
    `min_size` at least.

    Parameters
    ----------
    gap : (n,) array
        Length of the edge above each node; below 0 where it must not be cut.
    is_cut : (n,) bool array
        Nodes whose edge is cut.
    below : (n,) array
        Working space: the number of rows of the cluster in the subtree of each node.
    """
    end = top + size[top]
    for node in range(top, end):
        below[node] = 1.0 if is_row[node] else 0.0
    for node in range(end - 1, top, -1):
        # What is beyond a cut adds up to its own top, and that to nothing.
        if not is_cut[node]:
            below[parent[node]] += below[node]
    best, most = -1, -1.0
    node = top + 1
    while node < end:
        if is_cut[node]:
            node += size[node]
            continue
        inside, outside = below[node], below[top] - below[node]
        if inside >= min_size and outside >= min_size and gap[node] >= 0.0:
            weight = gap[node] * np.sqrt(inside * outside / below[top])
            if weight > most:
                best, most = node, weight
        node += 1
    return best, most
