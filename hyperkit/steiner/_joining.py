"""Starting topologies from distances: trees that suit points near the rim, where the metric is almost that of a tree.

In come terminals; out goes a full tree for the local search to improve. Neighbour joining recovers a tree from its
metric but needs all distances. What joins many terminals is single linkage by Gromov product, which near the rim does
the same from a graph of neighbours alone: seen from a point c amid the terminals, ``(d(x, c) + d(y, c) - d(x, y)) / 2``
is how far from c the paths to x and y part, so pairs that part last are joined first. It is of no use for points within
a few units of each other; the spanning tree is the start for these.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..geometry import ball_distance, ball_distance_matrix, ball_geodesic
from ..models import BallPoints
from ._kernels_joining import full_topology, join_along, join_neighbors, place_inwards
from ._kernels_topology import FullTree, measure

# Ranks terminals by the sweep of Fermat points; more sweeps are the local search's work.
_SWEEPS = 3


def neighbor_joining(points: BallPoints) -> FullTree:
    """Saitou and Nei's neighbour joining of n >= 3 points by hyperbolic distance; exact, O(n^2) memory."""
    return _full_tree(points, join_neighbors(ball_distance_matrix(points, points)))


def rim_joining(points: BallPoints, edges: NDArray[np.int64]) -> FullTree:
    """Single linkage of n >= 3 points by their Gromov product at a point amid them.

    Parameters
    ----------
    points : BallPoints of shape (n,)
    edges : ndarray of shape (m, 2), int64
        Pairs that may be joined, i < j: a connected graph of neighbours. O(m log m).
    """
    centre = middle(points)
    radius = ball_distance(points, centre)
    i, j = edges.T
    product = radius[i] + radius[j] - ball_distance(points.take(i), points.take(j))
    order = np.lexsort((j, i, -product))
    return _full_tree(points, join_along(len(radius), np.ascontiguousarray(edges[order])))


def middle(points: BallPoints) -> BallPoints:
    """A point amid `points`, shape (1,): the middle of a longest path, or of one about as long."""
    start = points.take(np.s_[:1])
    for _ in range(2):
        far = int(np.argmax(ball_distance(points, start)))
        end, start = start, points.take(np.s_[far : far + 1])
    halfway = ball_geodesic(start, end, np.array([0.5]))
    return BallPoints(halfway.z[:, 0], halfway.gap[:, 0])


def _full_tree(points: BallPoints, joins: NDArray[np.int64]) -> FullTree:
    n, d = points.z.shape
    neighbors = full_topology(joins)
    centre = middle(points)
    # The row after the nodes is the middle.
    z = np.concatenate([points.z, np.zeros((n - 2, d)), centre.z])
    gap = np.concatenate([points.gap, np.ones(n - 2), centre.gap])
    place_inwards(neighbors, z, gap, n, _SWEEPS)
    tree = FullTree(neighbors, np.zeros((2 * n - 2, 3)), z[:-1].copy(), gap[:-1].copy())
    measure(tree)
    return tree
