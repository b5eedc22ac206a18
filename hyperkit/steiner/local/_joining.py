"""A starting topology from distances: a tree that suits points near the rim, where the metric is almost a tree's.

In come terminals; out goes a full tree for the local search to improve. Neighbour joining recovers a tree from its
metric; it needs all distances. Up to some hundred points its tree is at times the better start.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...geometry import ball_distance, ball_distance_matrix, ball_geodesic, neighbor_joins
from ...models import BallPoints
from .._full_tree import FullTree
from .._network import numbered
from .kernels.joins import place_inwards

# Ranks terminals by the sweep of Fermat points; more sweeps are the local search's work.
_SWEEPS = 3


def neighbor_joining(points: BallPoints) -> FullTree:
    """Saitou and Nei's neighbour joining of n >= 3 points by hyperbolic distance; exact, O(n^2) memory."""
    return _full_tree(points, neighbor_joins(ball_distance_matrix(points, points))[0])


def _middle(points: BallPoints) -> BallPoints:
    """A point amid `points`, shape (1,): the middle of a longest path, or of one about as long."""
    start = points.take(np.s_[:1])
    for _ in range(2):
        far = int(np.argmax(ball_distance(points, start)))
        end, start = start, points.take(np.s_[far : far + 1])
    halfway = ball_geodesic(start, end, np.array([0.5]))
    return BallPoints(halfway.z[:, 0], halfway.gap[:, 0])


def _full_tree(points: BallPoints, joins: NDArray[np.int64]) -> FullTree:
    n, d = points.n, points.d
    neighbors = _full_topology(joins)
    centre = _middle(points)
    # The row after the nodes is the middle.
    z = np.concatenate([points.z, np.zeros((n - 2, d)), centre.z])
    gap = np.concatenate([points.gap, np.ones(n - 2), centre.gap])
    place_inwards(neighbors, z, gap, n, _SWEEPS)
    return numbered(FullTree(neighbors, np.zeros((2 * n - 2, 3)), z[:-1], gap[:-1]))


def _full_topology(joins: NDArray[np.int64]) -> NDArray[np.int64]:
    """Neighbours (2n - 2, 3) of the unrooted tree with these joins, n >= 3: of each node its two parts, then the third.

    A leaf has its only neighbour in front.
    """
    n = len(joins) + 1
    near = np.full((2 * n - 2, 3), -1)
    near[n:, :2] = joins[:-1]
    # Each node but the last two is part of one join; those are each other's.
    parts = joins.ravel()
    whole = np.append(np.repeat(np.arange(n, 2 * n - 2), 2), joins[-1, ::-1])
    near[parts, np.where(parts < n, 0, 2)] = whole
    return near
