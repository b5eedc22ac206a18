"""Distances of tips from both ends of every edge, in one walk up and one down."""

from __future__ import annotations

import numpy as np

from ..._compilation import njit, subkernel


@subkernel
def add(total, node, count, mean, scatter):
    """Merge `count` distances of that mean and sum of squared deviations into row `node` of `total`.

    Chan, Golub, LeVeque (1983): no difference of large sums, whatever the distances have in common.
    """
    if count > 0:
        before = total[node, 0]
        both = before + count
        step = mean - total[node, 1]
        total[node, 0] = both
        total[node, 1] += step * count / both
        total[node, 2] += scatter + step * step * before * count / both


@njit
def two_sides(parent, length, is_tip):
    """Number, mean and sum of squared deviations of the distances of tips, on both sides of each edge.

    Returns
    -------
    below, above : (n, 3) arrays
        Of the tips in the subtree of each node, from this node; and of all others, from its parent (the root has none).
    """
    n = len(parent)
    below, above, before = np.zeros((n, 3)), np.zeros((n, 3)), np.zeros((n, 3))
    for node in range(n):
        below[node, 0] = 1.0 if is_tip[node] else 0.0
    for node in range(n - 1, 0, -1):
        # So far the parent has itself and the later siblings of the node.
        top = parent[node]
        add(above, node, below[top, 0], below[top, 1], below[top, 2])
        add(below, top, below[node, 0], below[node, 1] + length[node], below[node, 2])
    for node in range(1, n):
        # `before` of a node: what its parent sees but for it, and its children up to the one to come.
        top = parent[node]
        add(above, node, before[top, 0], before[top, 1], before[top, 2])
        add(before, top, below[node, 0], below[node, 1] + length[node], below[node, 2])
        add(before, node, above[node, 0], above[node, 1] + length[node], above[node, 2])
    return below, above
