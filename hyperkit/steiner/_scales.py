"""Tight clusters far from all else: each is solved by itself, at its own size.

An edge of length 10 is rounded by 1e-15, so that who adds up a whole tree sees nothing of what is inside a cluster that
is 1e-12 wide. So a tight cluster takes part in the tree between clusters as one of its points, and in a problem of its
own as what it is. There the edges that leave it end at anchors: in their directions, but near enough to be seen
together with the cluster. A detour by the anchor is no shorter than the edge it stands for, and as long from where that
edge would leave the cluster by itself: what is gained at the anchors is gained in the tree. Clusters within clusters go
the same way.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ..geometry import ball_distance, directions, move_from_origin
from ..models import BallPoints, tangent_to_ball
from ._network import Network, depth_first_order

# Clusters are solved by themselves if their spanning tree is shorter than this share of any edge that leaves them ...
_TIGHT = 1e-5
# ... with anchors at so many times that length from them, or at the far ends if these are nearer.
_ANCHORED = 1e4


class Problem(NamedTuple):
    """Distinct points, numbered along their minimum spanning tree."""

    points: BallPoints
    mst: NDArray[np.int64]
    mst_lengths: NDArray[np.float64]
    rows: NDArray[np.int64]
    """For each of the points the row it came from."""


class Anchors(NamedTuple):
    """Points that become leaves of the tree."""

    points: BallPoints
    rows: NDArray[np.int64]
    """The points of the problem that they hang on if there is no better place."""


class Clusters(NamedTuple):
    """Tight clusters, none inside another; a point that is in none is a cluster of its own."""

    of: NDArray[np.int64]
    """Shape (n,): the cluster of each point."""
    size: NDArray[np.float64]
    """Shape (m,): length of the spanning tree within each cluster."""
    row: NDArray[np.int64]
    """Shape (m,): the point of each cluster that the shortest edge to others leaves from."""


class OneScale(Protocol):
    """What finds trees where there are no tight clusters."""

    def tree(self, problem: Problem) -> Network:
        """A tree over the points."""

    def improved(self, network: Network, points: BallPoints) -> Network:
        """A tree over n >= 3 points that starts from a given one."""


def in_order(points: BallPoints, mst: NDArray[np.int64], mst_lengths: NDArray[np.float64]) -> Problem:
    """Number n >= 2 points along their minimum spanning tree."""
    rows = depth_first_order(mst, mst_lengths)
    number = np.empty_like(rows)
    number[rows] = np.arange(len(rows))
    mst = np.sort(number[mst], axis=1)
    order = np.lexsort((mst[:, 1], mst[:, 0]))
    return Problem(points.take(rows), mst[order], mst_lengths[order], rows)


def solve_by_scale(problem: Problem, search: OneScale, anchors: Anchors | None = None) -> Network:
    """A tree over the points of `problem` and, numbered after them, the anchors."""
    clusters = tight_clusters(problem.mst, problem.mst_lengths)
    if clusters is None:
        network = search.tree(problem)
        return network if anchors is None else _hung(network, problem.points, anchors, search)
    points = problem.points.take(clusters.row)
    outer = clusters.of[problem.mst]
    outer = outer[outer[:, 0] != outer[:, 1]]
    between = in_order(points, outer, ball_distance(points.take(outer[:, 0]), points.take(outer[:, 1])))
    network = _renumbered(search.tree(between), between.rows)
    if anchors is not None:
        network = _hung(network, points, Anchors(anchors.points, clusters.of[anchors.rows]), search)
        points = points.joined(anchors.points)
    return _opened(network, points, problem, clusters, search, anchors)


def tight_clusters(mst: NDArray[np.int64], lengths: NDArray[np.float64]) -> Clusters | None:
    """The largest tight clusters, by single linkage; None if there are none of two or more points."""
    n = len(mst) + 1
    # A tight cluster has a point with an edge inside and one, much longer, to others.
    shortest, longest = np.full(n, np.inf), np.zeros(n)
    np.minimum.at(shortest, mst, lengths[:, None])
    np.maximum.at(longest, mst, lengths[:, None])
    if (shortest >= _TIGHT * longest).all():
        return None
    # Parts are numbered as by scipy's `linkage`: points, then what each edge merges, in order of length.
    order = np.argsort(lengths, kind="stable")
    top, above, exits = ([*range(2 * n - 1)] for _ in range(3))
    size, tight = [0.0] * (2 * n - 1), [False] * (2 * n - 1)
    for merged, (ends, length) in enumerate(zip(mst[order].tolist(), lengths[order].tolist(), strict=True), start=n):
        size[merged] = length
        for v in ends:
            part = v
            while top[part] != part:
                top[part] = part = top[top[part]]
            top[part] = above[part] = merged
            exits[part] = v
            size[merged] += size[part]
            tight[part] = 0 < size[part] < _TIGHT * length
    if not any(tight):
        return None
    cluster = [*range(2 * n - 1)]
    for part in range(2 * n - 3, -1, -1):
        whole = cluster[above[part]]
        cluster[part] = whole if tight[whole] else part
    kept, of = np.unique(cluster[:n], return_inverse=True)
    return Clusters(of, np.array(size)[kept], np.array(exits)[kept])


def _hung(network: Network, points: BallPoints, anchors: Anchors, search: OneScale) -> Network:
    """The tree with the anchors, each in its best place."""
    n, count = len(points), len(anchors.rows)
    hanging = np.column_stack([anchors.rows, np.arange(n, n + count)])
    steiner_points, edges = network
    start = Network(steiner_points, np.concatenate([edges + count * (edges >= n), hanging]))
    points = points.joined(anchors.points)
    found = search.improved(start, points)
    leaves = (np.bincount(found.edges.ravel())[n : n + count] == 1).all()
    return min(found, start, key=lambda tree: tree.length(points)) if leaves else start


def _opened(
    network: Network,
    points: BallPoints,
    problem: Problem,
    clusters: Clusters,
    search: OneScale,
    anchors: Anchors | None,
) -> Network:
    """The tree between clusters and anchors, `points`, with a tree of its own in the place of each tight cluster."""
    n, m = len(problem.rows), len(clusters.row)
    vertices = network.vertices(points)
    exits = _exits(problem, clusters, anchors)
    # Numbered are the points of the problem, the anchors, Steiner points between the clusters, and those inside.
    edges = np.concatenate([clusters.row, np.arange(m, len(vertices)) + n - m])[network.edges]
    parts, steiner_points = [edges], network.steiner_points
    for c in np.flatnonzero(clusters.size > 0).tolist():
        leaving, side = np.nonzero(network.edges == c)
        pulling = _pulling(c, network.edges[leaving, 1 - side], exits, problem.points, clusters, vertices)
        own = _within(problem, clusters.of == c)
        place = np.argmax(own.rows == pulling.rows[:, None], axis=1)
        inner = solve_by_scale(own, search, Anchors(pulling.points, place))
        first = n + len(points) - m + len(steiner_points)
        last = len(own.rows) + len(leaving)
        number = np.concatenate([own.rows, place, first + np.arange(len(inner.steiner_points))])
        row, end = np.nonzero((inner.edges >= len(own.rows)) & (inner.edges < last))
        row, end = np.array([row, end])[:, np.argsort(inner.edges[row, end])]
        # What an anchor hangs on is where the edge that it stands for ends.
        edges[leaving, side] = number[inner.edges[row, 1 - end]]
        parts.append(number[np.delete(inner.edges, row, axis=0)])
        steiner_points = steiner_points.joined(inner.steiner_points)
    return Network(steiner_points, np.concatenate(parts))


def _exits(problem: Problem, clusters: Clusters, anchors: Anchors | None) -> dict[tuple[int, int], int]:
    """For pairs of clusters, or cluster and anchor, that an edge joins, the point of the first that it leaves from."""
    u, v = problem.mst.T
    tails, heads, rows = np.concatenate([u, v]), np.concatenate([v, u]), np.concatenate([u, v])
    pairs = np.column_stack([clusters.of[tails], clusters.of[heads]])
    if anchors is not None:
        hanging = len(clusters.row) + np.arange(len(anchors.rows))
        pairs = np.concatenate([pairs, np.column_stack([clusters.of[anchors.rows], hanging])])
        rows = np.concatenate([rows, anchors.rows])
    return {(c, other): row for (c, other), row in zip(pairs.tolist(), rows.tolist(), strict=True)}


def _pulling(
    c: int,
    far: NDArray[np.int64],
    exits: dict[tuple[int, int], int],
    points: BallPoints,
    clusters: Clusters,
    vertices: BallPoints,
) -> Anchors:
    """Anchors of cluster c, one towards each of the vertices in `far`."""
    rows = np.array([exits.get((c, other), clusters.row[c]) for other in far.tolist()])
    ends = vertices.take(far)
    for k, other in enumerate(far.tolist()):
        if (other, c) in exits:
            exit_ = points.take(exits[other, c])
            ends.z[k], ends.gap[k] = exit_.z, exit_.gap
    start = points.take(rows)
    steps = np.minimum(_ANCHORED * clusters.size[c], ball_distance(start, ends))
    return Anchors(move_from_origin(tangent_to_ball(steps[:, None] * directions(start, ends)), start), rows)


def _within(problem: Problem, members: NDArray[np.bool_]) -> Problem:
    """The problem of some points that part of the spanning tree joins; its rows are points of this one."""
    rows, inside = np.flatnonzero(members), members[problem.mst].all(axis=1)
    own = in_order(problem.points.take(rows), np.searchsorted(rows, problem.mst[inside]), problem.mst_lengths[inside])
    return own._replace(rows=rows[own.rows])


def _renumbered(network: Network, rows: NDArray[np.int64]) -> Network:
    """The same tree over points in another order."""
    number = np.concatenate([rows, np.arange(len(rows), len(rows) + len(network.steiner_points))])
    return network._replace(edges=number[network.edges])
