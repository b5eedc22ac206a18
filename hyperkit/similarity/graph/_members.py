"""The graph that HyperDGA counts on: the members of the sets, joined where they are Delaunay neighbours.

In come two or more sets of Poincaré points; out comes one graph. A *member* is a distinct point of one set: rows of a
set that repeat each other are one member, and a point that two sets share is two members, one of each. Members are
joined if their points are Delaunay neighbours, or the same point. Scores are counted on this graph. The tests, which
deal out labels anew, take the graph of the rows instead (`_rows`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...delaunay import ball_delaunay
from ...models import BallPoints
from .._settings import Settings
from ._shells import shells

Float = NDArray[np.float64]
Int = NDArray[np.int64]


class MemberGraph(NamedTuple):
    """Members of sets and the edges between them."""

    ball: BallPoints
    """Places of the members, shape (n,): set after set."""
    sets: Int
    """Set of each member, shape (n,), ascending."""
    edges: Int
    """Pairs of members i < j within the hops that were asked for, shape (E, 2), in lexicographic order."""
    members: Int
    """Member of each row of the sets, stacked."""
    row_sets: Int
    """Set of each of these rows."""
    points: Int
    """First row of the stacked sets at the place of each member: the same for all members at one point."""
    share: float = 1.0
    """Chance of an edge to be among `edges`: below 1 if only the edges at a sample of the points were looked for."""
    recall: float = 1.0
    """Estimated share of the Delaunay edges that were found: below 1 if rays may have missed some."""
    near: Int | None = None
    """Delaunay edges between points, named as in `points`; None if not all are known."""

    @property
    def sizes(self) -> Int:
        """Members of each set."""
        return np.bincount(self.sets, minlength=int(self.row_sets[-1]) + 1)

    @property
    def degrees(self) -> Int:
        """Edges at each member."""
        return np.bincount(self.edges.ravel(), minlength=len(self.ball))


def member_graph(sets: Sequence[BallPoints], settings: Settings) -> MemberGraph:
    """Graph of the members of `sets`, each of at least one point."""
    ball, row_sets = stacked(sets)
    delaunay = ball_delaunay(ball, **settings.delaunay())
    graph = members_within(ball, row_sets, delaunay.edges, delaunay.inverse, settings.hops)
    return graph._replace(recall=delaunay.recall_estimate)


def members_within(ball: BallPoints, row_sets: Int, edges: Int, inverse: Int, hops: int) -> MemberGraph:
    """Graph of the members that so many steps over edges of points join; `TooManyPairs` if memory does not hold it."""
    pairs = edges if hops == 1 else shells(edges, len(ball), hops).pairs()
    return graph_of_pairs(ball, row_sets, pairs, inverse)._replace(near=edges)


def stacked(sets: Sequence[BallPoints]) -> tuple[BallPoints, Int]:
    """The points of all sets, and the set of each."""
    return sets[0].joined(*sets[1:]), np.repeat(np.arange(len(sets)), [len(points) for points in sets])


def graph_of_pairs(ball: BallPoints, row_sets: Int, pairs: Int, inverse: Int) -> MemberGraph:
    """Graph of the members, from pairs of points each of which stands for all rows like it (`inverse`)."""
    rows = np.arange(len(ball))
    if (inverse != rows).any():
        return merged_graph(ball, row_sets, pairs, inverse)
    return MemberGraph(ball, row_sets, pairs, rows, row_sets, rows)


def merged_graph(
    ball: BallPoints, row_sets: Int, edges: Int, inverse: Int, keep_shared: NDArray[np.bool_] | None = None
) -> MemberGraph:
    """Graph of the members, from edges between points that stand for all rows like them (`inverse`).

    `keep_shared` tells for each row whether the edges between members at that very point are kept; by default all are.
    """
    n = len(ball)
    member_keys, members = np.unique(row_sets * n + inverse, return_inverse=True)
    sets, points = np.divmod(member_keys, n)
    by_point = np.argsort(points, kind="stable")
    counts = np.bincount(points, minlength=n)
    first = np.cumsum(counts) - counts
    shared = np.flatnonzero((counts > 1) if keep_shared is None else (counts > 1) & keep_shared)
    # Every member at one end with every member at the other; at one point, each pair once.
    ends = np.concatenate([edges, np.column_stack([shared, shared])])
    n_pairs = counts[ends[:, 0]] * counts[ends[:, 1]]
    ends = np.repeat(ends, n_pairs, axis=0)
    place = np.arange(len(ends)) - np.repeat(np.cumsum(n_pairs) - n_pairs, n_pairs)
    one, other = np.divmod(place, counts[ends[:, 1]])
    kept = (ends[:, 0] != ends[:, 1]) | (one < other)
    pairs = np.column_stack([by_point[first[ends[:, 0]] + one], by_point[first[ends[:, 1]] + other]])[kept]
    pairs.sort(axis=1)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    return MemberGraph(ball.take(points), sets, pairs, members.reshape(-1), row_sets, points)
