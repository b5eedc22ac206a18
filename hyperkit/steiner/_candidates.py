"""Candidates of the greedy algorithm: full trees on the small subtrees of the minimum spanning tree.

A candidate on k terminals is worth considering only if k - 1 edges of the minimum spanning tree join those terminals:
these are the edges it replaces, all distinct, so that whatever set of candidates with disjoint edges is taken, the
result spans and is shorter by the sum of their savings. Without that condition trees come out longer than the MST.

So the terminals are the subtrees with two edges (paths) and three edges (paths and stars) that follow each other around
their vertices. The paper takes those among them that lie on one Delaunay triangle or on two neighbouring ones; the
others cost little and near the rim, where there are few triangles, they save much.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..geometry import ball_distance, move_to_origin
from ..models import BallPoints
from ._full_trees import FERMAT, TWO_PAIRS, Topology, full_trees, join, tree_lengths

# The three ways to split four terminals into two pairs.
_PAIRINGS = ((0, 1, 2, 3), (0, 2, 1, 3), (0, 3, 1, 2))
N_KINDS = 1 + len(_PAIRINGS)


class Candidates(NamedTuple):
    """Full trees of one topology; row by row."""

    topology: Topology
    terminals: NDArray[np.int64]
    """Shape (C, n_terminals): rows of the points."""
    steiner_points: BallPoints
    """Shape (C, n_steiner)."""
    replaced: NDArray[np.int64]
    """Shape (C, n_terminals - 1): rows of the MST edges they stand in for."""
    ratio: NDArray[np.float64]
    """Shape (C,): length over that of the edges replaced, in (0, 1)."""


class Subtrees(NamedTuple):
    """Connected sets of edges of a tree, row by row."""

    vertices: NDArray[np.int64]
    """Shape (S, k): the vertices that k - 1 edges join."""
    edges: NDArray[np.int64]
    """Shape (S, k - 1): rows of the edges."""


def candidates(points: BallPoints, mst: NDArray[np.int64], mst_lengths: NDArray[np.float64]) -> Iterator[Candidates]:
    """Full trees on three and four terminals that are shorter than the MST edges they would replace, kind by kind.

    Parameters
    ----------
    points : BallPoints of shape (n,), in the plane
    mst : ndarray of shape (M, 2), int64
    mst_lengths : ndarray of shape (M,), float64
    """
    two, three = subtrees(points, mst)
    yield _solve(points, FERMAT, two, mst_lengths)
    for pairing in _PAIRINGS:
        yield _solve(points, TWO_PAIRS, Subtrees(three.vertices[:, pairing], three.edges), mst_lengths)


def subtrees(points: BallPoints, tree: NDArray[np.int64]) -> tuple[Subtrees, Subtrees]:
    """Pairs and triples of edges of a plane tree that follow each other around their vertices; each once, O(M log M).

    Edges that do not follow each other have another between them, with which either makes a smaller angle. Taking all
    would be cubic in the degree of a vertex, and a hub may have any degree in the hyperbolic plane.
    """
    # Darts: each edge from both ends, in their order around the vertex they leave.
    tail, head = np.concatenate([tree, tree[:, ::-1]]).T
    edge = np.tile(np.arange(len(tree)), 2)
    seen = move_to_origin(points.take(head), points.take(tail)).z
    order = np.lexsort((np.arctan2(seen[:, 1], seen[:, 0]), tail))
    tail, head, edge = tail[order], head[order], edge[order]
    start = np.searchsorted(tail, tail)
    degree = np.searchsorted(tail, tail, side="right") - start
    place = np.arange(len(tail)) - start
    following = start + (place + 1) % np.maximum(degree, 1)

    # Of two darts there is one pair, of three one triple; of more, as many as darts.
    first = np.flatnonzero((degree > 2) | ((degree == 2) & (place == 0)))
    second = following[first]
    two = Subtrees(
        np.column_stack([head[first], tail[first], head[second]]), np.column_stack([edge[first], edge[second]])
    )
    i = np.flatnonzero((degree > 3) | ((degree == 3) & (place == 0)))
    j = following[i]
    k = following[j]
    stars = Subtrees(
        np.column_stack([tail[i], head[i], head[j], head[k]]), np.column_stack([edge[i], edge[j], edge[k]])
    )
    # Paths: a middle edge with a neighbour at each of its ends.
    middle = np.concatenate([edge[first], edge[second]])
    ends = np.column_stack([np.concatenate([tail[first], tail[second]]), np.concatenate([head[second], head[first]])])
    outer = np.concatenate([edge[second], edge[first]])
    order = np.argsort(middle, kind="stable")
    middle, ends, outer = middle[order], ends[order], outer[order]
    i, j = _pairs_in_groups(middle)
    across = ends[i, 0] != ends[j, 0]
    i, j = i[across], j[across]
    paths = Subtrees(
        np.column_stack([ends[i, 1], ends[i, 0], ends[j, 0], ends[j, 1]]),
        np.column_stack([outer[i], middle[i], outer[j]]),
    )
    return two, Subtrees(*(np.concatenate(parts) for parts in zip(stars, paths, strict=True)))


def _pairs_in_groups(group: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All pairs i < j of places with the same value in `group`, which is sorted."""
    place = np.arange(len(group))
    later = np.searchsorted(group, group, side="right") - 1 - place
    i = np.repeat(place, later)
    rank = np.arange(len(i)) - np.repeat(np.cumsum(later) - later, later)
    return i, i + 1 + rank


def _solve(points: BallPoints, topology: Topology, subtrees: Subtrees, mst_lengths: NDArray[np.float64]) -> Candidates:
    available = mst_lengths[subtrees.edges].sum(axis=1)
    hopeful = _tour_bound(points.take(subtrees.vertices)) < available
    terminals, replaced, available = subtrees.vertices[hopeful], subtrees.edges[hopeful], available[hopeful]
    corners = points.take(terminals)
    steiner_points, exists = full_trees(corners, topology)
    ratio = tree_lengths(join(corners, steiner_points), topology).sum(axis=1) / available
    good = exists & (ratio < 1)
    return Candidates(topology, terminals[good], steiner_points.take(good), replaced[good], ratio[good])


def _tour_bound(corners: BallPoints) -> NDArray[np.float64]:
    """Lower bound of the length of trees on `corners` of shape (T, k), the first two and the last two side by side.

    Walking around a tree passes each edge twice and is no shorter than a tour of the terminals in that order; the last
    two come in either order.
    """
    k = corners.gap.shape[1]
    tours = [[0, 1, 2]] if k == 3 else [[0, 1, 2, 3], [0, 1, 3, 2]]
    lengths = [
        ball_distance(corners.take(np.s_[:, tour]), corners.take(np.s_[:, np.roll(tour, -1)])).sum(axis=1)
        for tour in tours
    ]
    return np.max(lengths, axis=0) / 2
