"""A hierarchy as the merges of a linkage matrix, from the tips up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ._nodes import Nodes


def merges(tree: Nodes) -> NDArray[np.float64]:
    """Linkage matrix of a tree whose tips are rows; inner rows merge as tips of length 0.

    Observation k is the k-th row. Merges are in the order of their heights; of equal ones those of lower nodes first,
    and at one node those of clusters with lower numbers.
    """
    below = _farthest_tip(tree)
    parts: list[list[int]] = [[] for _ in range(len(tree))]  # of each node, the clusters that merge there
    rows = np.flatnonzero(tree.row >= 0)
    for observation, node in enumerate(rows[np.argsort(tree.row[rows])].tolist()):
        parts[node].append(observation)
    # Backwards a node comes after all below it, and a stable sort keeps it there.
    backwards = np.arange(len(tree))[::-1]
    steps: list[tuple[int, int, float, int]] = []
    members = [1] * len(rows)
    for node in backwards[np.argsort(below[backwards], kind="stable")].tolist():
        cluster, *others = sorted(parts[node])
        for other in others:
            members.append(members[cluster] + members[other])
            steps.append((min(cluster, other), max(cluster, other), 2 * float(below[node]), members[-1]))
            cluster = len(members) - 1
        if node > 0:
            parts[tree.parent[node]].append(cluster)
    return np.array(steps, dtype=np.float64).reshape(-1, 4)


def _farthest_tip(tree: Nodes) -> NDArray[np.float64]:
    """Length of the longest way from each node down to a tip."""
    below = [0.0] * len(tree)
    parent, length = tree.parent.tolist(), tree.length.tolist()
    for node in range(len(tree) - 1, 0, -1):
        below[parent[node]] = max(below[parent[node]], below[node] + length[node])
    return np.array(below)
