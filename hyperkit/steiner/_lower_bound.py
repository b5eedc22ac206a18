"""Lengths that no Steiner tree of given points can be below, for any number of points, in any dimension.

Two bounds, the better of which counts. A Steiner tree is at least half as long as the minimum spanning tree. And walked
around, it is a closed tour that passes every edge twice, so it is at least half as long as the shortest tour through
the points, and as any bound on that: the one of Held and Karp is within about 1 % of it. Near the rim, where the metric
is almost that of a tree, the latter is 7 % below the shortest trees; for points near each other both are a third.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from ..geometry import ball_distance_matrix
from ..models import BallPoints
from .kernels.held_karp import held_karp

# Above this number of points a bound takes more than 4 s, and the matrices of distances more than 200 MB.
_MOST_IN_A_TOUR = 3000
# n^2 times the iterations, about 2 s; more than 400 change bounds by less than 0.01 %.
_BUDGET = 400_000_000
_FEWEST, _MOST = 100, 400
# What rounding of sums, and of distances between rounded coordinates, may have added.
_ROUNDING = 1e-9
# Coordinates and gaps are rounded to this share of 1, and the sums of squares that compare them.
_UNIT = 2.0**-50


def steiner_lower_bound(points: BallPoints, mst_length: float) -> float:
    """Length that no Steiner tree of the points can be below.

    O(n^2) memory; 0.1 s for n = 100, 2 s for n = 1,000. Beyond n = 3,000 it is half the spanning tree.

    Parameters
    ----------
    points : BallPoints of shape (n,)
    mst_length : float
        Length of their minimum spanning tree, which is the answer for one or two points.
    """
    n = points.n
    if n < 3:
        return mst_length
    bound = mst_length / 2
    if n <= _MOST_IN_A_TOUR:
        distances = least_distances(points)
        clusters = linkage(squareform(distances, checks=False), "single")
        merges = np.ascontiguousarray(clusters[:, :2], dtype=np.int64)
        iterations = min(max(_BUDGET // n**2, _FEWEST), _MOST)
        bound = max(bound, held_karp(distances, merges, np.ascontiguousarray(clusters[:, 2]), iterations) / 2)
    return bound * (1 - _ROUNDING)


def least_distances(points: BallPoints) -> NDArray[np.float64]:
    """Distances less what it can make of them that coordinates and gaps are rounded apart: 1e-4 at polar radius 28.

    Measured by gaps that disagree with the coordinates, a way round can be shorter than the straight one: by 4e-5 for
    rows on one ray, where the bound is tight.
    """
    distances = ball_distance_matrix(points, points)
    wrong = (np.abs(np.square(points.z).sum(axis=1) + points.gap - 1) + _UNIT) / points.gap
    # A gap that is wrong by a share of itself changes a distance d by tanh(d / 2) times that.
    distances -= np.tanh(distances / 2) * (wrong[:, None] + wrong)
    return np.maximum(distances, 0, out=distances)
