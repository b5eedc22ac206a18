"""Walks over trees whose nodes are in depth-first order: a parent stands before its children, so one loop is a walk."""

from __future__ import annotations

import numpy as np

from ..._compilation import njit


@njit
def preorder(parent, root):
    """Nodes of a tree in depth-first order from `root`, children by their numbers; fewer than all if it is no tree.

    Parameters
    ----------
    parent : (n,) integer array
        Parent of each node, in any order; that of `root` is not looked at.
    """
    n = len(parent)
    first, following = np.full(n, -1), np.full(n, -1)
    for node in range(n - 1, -1, -1):
        if node != root:
            following[node] = first[parent[node]]
            first[parent[node]] = node
    order = np.empty(n, np.int64)
    node, count = root, 0
    while node >= 0:
        order[count] = node
        count += 1
        if first[node] >= 0:
            node = first[node]
            continue
        while node != root and following[node] < 0:
            node = parent[node]
        node = following[node] if node != root else -1
    return order[:count]


@njit
def sizes(parent):
    """Number of nodes in the subtree of each node, itself among them; nodes in depth-first order."""
    size = np.ones(len(parent), np.int64)
    for node in range(len(parent) - 1, 0, -1):
        size[parent[node]] += size[node]
    return size


@njit
def sums_from_root(parent, values):
    """Sum of `values` over the path from below the root to each node; nodes in depth-first order."""
    sums = np.zeros(len(parent), values.dtype)
    for node in range(1, len(parent)):
        sums[node] = sums[parent[node]] + values[node]
    return sums
