"""Lengths of paths in a tree that is given by parents."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit


@njit
def path_lengths(parents, order, heights, sources, out):
    """Lengths of the paths from each of the `sources` to all nodes, into the rows of `out`.

    Parameters
    ----------
    parents : ndarray of shape (n,), integer
        Parent of each node; a root has itself.
    order : ndarray of shape (n,), integer
        Nodes, parents before their children.
    heights : ndarray of shape (n,)
        Length of the path from the root to each node.
    """
    n = len(parents)
    # height of the lowest common ancestor with the source
    meeting = np.empty(n)
    on_path = np.zeros(n, np.int64)
    for row in range(len(sources)):
        source = sources[row]
        node = source
        on_path[node] = row + 1
        while parents[node] != node:
            node = parents[node]
            on_path[node] = row + 1
        for place in range(n):
            node = order[place]
            meeting[node] = heights[node] if on_path[node] == row + 1 else meeting[parents[node]]
            out[row, node] = (heights[node] - meeting[node]) + (heights[source] - meeting[node])
