"""The shortest tree of all whose full components have few terminals: generate every useful component, concatenate.

In come distinct points and the most terminals a component may have; out goes a network. Near the rim the components of
the shortest tree hold 10 to 40 terminals, so that this is of no use there; for points near each other 5 nearly always
are enough.
"""

from __future__ import annotations

import time
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import squareform

from ..._progress import progress_bars
from ...geometry import ball_distance_matrix
from ...models import BallPoints
from .._network import Network, to_network
from ..exact import Enumerated, enumerated_tree, surrounding_ball
from ..kernels.full_tree import TreeArrays
from ..local import neighbor_joining
from ._concatenation import concatenate
from .kernels.full_components import full_components


def component_network(
    points: BallPoints,
    mst: NDArray[np.int64],
    mst_lengths: NDArray[np.float64],
    most: int,
    progress: Progress,
    deadline: float,
) -> Network | None:
    """Shortest tree whose full components have at most `most` terminals each; None if there was not the time.

    In the plane about 10 s for 20 points and components of 6, or 50 points and components of 5; about ten times as long
    for one terminal more.

    Parameters
    ----------
    points : BallPoints of shape (n,)
        Distinct.
    mst : ndarray of shape (n - 1, 2), int64
        Edges of the minimum spanning tree: the components of two terminals.
    mst_lengths : ndarray of shape (n - 1,), float64
    most : int
        At least 3.
    progress : rich.progress.Progress
    deadline : float
        By ``time.monotonic()``.
    """
    found = _full_components(points, most, progress, deadline)
    if found is None:
        return None
    members = [*found, *mst]
    lengths = np.concatenate([list(found.values()), mst_lengths])
    pool = [np.array(terminals) for terminals in members]
    chosen = concatenate(len(points), pool, lengths, max(deadline - time.monotonic(), 0.0))
    return _compose(points, [pool[k] for k in chosen.chosen]) if chosen.proven else None


def _full_components(
    points: BallPoints, most: int, progress: Progress, deadline: float
) -> dict[tuple[int, ...], float] | None:
    """Length of the shortest tree of each set of 3 to `most` terminals that can be a component of the shortest tree."""
    n, d = points.n, points.d
    distances = ball_distance_matrix(points, points)
    rank = _far_first(distances)
    distances = distances[np.ix_(rank, rank)]
    bottleneck = squareform(cophenet(linkage(squareform(distances, checks=False), "single")))
    bounds = surrounding_ball(distances)
    size = n + most - 2
    tree = TreeArrays(np.full((size, 3), -1), np.zeros((size, 3)), np.zeros((size, d)), np.ones(size))
    tree.z[:n], tree.gap[:n] = points.z[rank], points.gap[rank]
    found: dict[tuple[int, ...], float] = {}
    for first in progress.track(range(n - 2), description="Full components"):
        for second, third in combinations(range(first + 1, n), 2):
            if time.monotonic() > deadline:
                return None
            several, lengths = full_components(first, second, third, tree, n, bounds, bottleneck, most)
            for terminals, length in zip(several, lengths, strict=True):
                key = tuple(sorted(rank[terminals[terminals >= 0]].tolist()))
                found[key] = min(found.get(key, np.inf), float(length))
    return found


def _far_first(distances: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows in an order in which each is the farthest from those before it."""
    order = [int(np.argmax(distances.max(axis=1)))]
    nearest = distances[order[0]].copy()
    nearest[order[0]] = -1.0
    while len(order) < len(distances):
        order.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, distances[order[-1]])
        nearest[order] = -1.0
    return np.array(order)


def _compose(points: BallPoints, components: list[NDArray[np.int64]]) -> Network:
    """The union of the shortest trees of the components."""
    n, d = points.n, points.d
    z, gap, edges = [np.empty((0, d))], [np.empty(0)], []
    next_number = n
    for terminals in components:
        if len(terminals) == 2:
            edges.append(terminals[None, :])
            continue
        part = to_network(shortest_part(points, terminals).tree, points.take(terminals))
        count = len(part.steiner_points)
        edges.append(np.concatenate([terminals, next_number + np.arange(count)])[part.edges])
        z.append(part.steiner_points.z)
        gap.append(part.steiner_points.gap)
        next_number += count
    return Network(BallPoints(np.concatenate(z), np.concatenate(gap)), np.concatenate(edges))


def shortest_part(points: BallPoints, terminals: NDArray[np.int64], time_limit: float | None = None) -> Enumerated:
    """The shortest tree of three or more of the points, by enumeration.

    Raises
    ------
    KeyboardInterrupt
        At Ctrl-C: the best tree of a part so far is of no use to what is proven of the whole.
    """
    own = points.take(terminals)
    found = enumerated_tree(own, neighbor_joining(own), progress_bars(show=False), time_limit)
    if found.interrupted:
        raise KeyboardInterrupt
    return found
