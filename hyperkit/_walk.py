"""Walks over trees that are given by their edges: from a vertex to all others, without recursion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def walk(
    edges: NDArray[np.int64], lengths: NDArray[np.float64], root: int
) -> tuple[list[int], NDArray[np.int64], NDArray[np.float64]]:
    """Vertices of a tree in depth-first order from `root`, and for each its parent and the length of the edge to it.

    Neighbours are met in the order of their edges; the parent of the root is -1, and its length 0.
    """
    near: list[list[tuple[int, float]]] = [[] for _ in range(len(edges) + 1)]
    for (u, v), length in zip(edges.tolist(), lengths.tolist(), strict=True):
        near[u].append((v, length))
        near[v].append((u, length))
    parent, branch = [-1] * len(near), [0.0] * len(near)
    order, stack = [], [root]
    while stack:
        vertex = stack.pop()
        order.append(vertex)
        for other, length in reversed(near[vertex]):
            if other != parent[vertex]:
                parent[other], branch[other] = vertex, length
                stack.append(other)
    return order, np.array(parent, dtype=np.int64), np.array(branch)
