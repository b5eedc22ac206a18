"""Candidates of the greedy algorithm: full trees on the small subtrees of the minimum spanning tree.

A candidate on k terminals is worth considering only if k - 1 edges of the minimum spanning tree join those terminals:
these are the edges it replaces, all distinct, so that whatever set of candidates with disjoint edges is taken, the
result spans and is shorter by the sum of their savings. Without that condition trees come out longer than the MST.

So the terminals are the subtrees with two edges (paths) and three edges (paths and stars) that follow each other around
their vertices; above the plane, where nothing has an order around a vertex, those at the smallest angles. The paper
takes those among them that lie on one Delaunay triangle or on two neighbouring ones; the others cost little and near
the rim, where there are few triangles, they save much.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...geometry import ball_distance, directions
from ...models import BallPoints
from .kernels.small_trees import full_trees

# Edges of a full tree, by numbers of its terminals and then of its Steiner points.
_STAR = np.array([(0, 3), (1, 3), (2, 3)])
_TWO_PAIRS = np.array([(0, 4), (1, 4), (4, 5), (2, 5), (3, 5)])
# The three ways to split four terminals into two pairs.
_PAIRINGS = ((0, 1, 2, 3), (0, 2, 1, 3), (0, 3, 1, 2))
N_KINDS = 1 + len(_PAIRINGS)
# Above the plane an edge goes together with so many others at its end, those at the smallest angles.
_FOLLOWERS = 3


class Candidates(NamedTuple):
    """Full trees of one topology; row by row."""

    tree_edges: NDArray[np.int64]
    """Shape (2 n_terminals - 3, 2): edges of each tree, by numbers of its terminals and then of its Steiner points."""
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
    points : BallPoints of shape (n,)
    mst : ndarray of shape (M, 2), int64
    mst_lengths : ndarray of shape (M,), float64
    """
    two, three = subtrees(points, mst)
    yield _solve(points, _STAR, two, mst_lengths)
    for pairing in _PAIRINGS:
        yield _solve(points, _TWO_PAIRS, Subtrees(three.vertices[:, pairing], three.edges), mst_lengths)


def subtrees(points: BallPoints, tree: NDArray[np.int64]) -> tuple[Subtrees, Subtrees]:
    """Pairs and triples of edges of a tree that follow each other around their vertices; each once, O(M log M).

    Edges of the plane that do not follow each other have another between them, with which either makes a smaller angle.
    Taking all would be cubic in the degree of a vertex, and a hub may have any degree in hyperbolic space.
    """
    # Darts: each edge from both ends, sorted by the vertex they leave.
    tail, head = np.concatenate([tree, tree[:, ::-1]]).T
    edge = np.tile(np.arange(len(tree)), 2)
    seen = directions(points.take(tail), points.take(head))
    around = np.arctan2(seen[:, 1], seen[:, 0]) if seen.shape[1] == 2 else edge
    order = np.lexsort((around, tail))
    tail, head, edge, seen = tail[order], head[order], edge[order], seen[order]
    pairs, triples = _followers_in_the_plane(tail) if seen.shape[1] == 2 else _nearest_followers(tail, seen)

    i, j = pairs.T
    two = Subtrees(np.column_stack([head[i], tail[i], head[j]]), np.column_stack([edge[i], edge[j]]))
    stars = Subtrees(
        np.column_stack([tail[triples[:, 0]], head[triples]]),
        edge[triples],
    )
    # Paths: a middle edge with a neighbour at each of its ends.
    middle = np.concatenate([edge[i], edge[j]])
    ends = np.column_stack([np.concatenate([tail[i], tail[j]]), np.concatenate([head[j], head[i]])])
    outer = np.concatenate([edge[j], edge[i]])
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


def _followers_in_the_plane(tail: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs and triples of darts that follow each other, of darts in their order around the vertices they leave."""
    start = np.searchsorted(tail, tail)
    degree = np.searchsorted(tail, tail, side="right") - start
    place = np.arange(len(tail)) - start
    following = start + (place + 1) % np.maximum(degree, 1)
    # Of two darts there is one pair, of three one triple; of more, as many as darts.
    i = np.flatnonzero((degree > 2) | ((degree == 2) & (place == 0)))
    first = np.flatnonzero((degree > 3) | ((degree == 3) & (place == 0)))
    second = following[first]
    return np.column_stack([i, following[i]]), np.column_stack([first, second, following[second]])


def _nearest_followers(tail: NDArray[np.int64], seen: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs and triples of darts of a vertex at the smallest angles; O(sum of squared degrees)."""
    i, j = _pairs_in_groups(tail)
    i, j = np.concatenate([i, j]), np.concatenate([j, i])
    order = np.lexsort((j, -(seen[i] * seen[j]).sum(axis=1), i))
    i, j = i[order], j[order]
    rank = np.arange(len(i)) - np.searchsorted(i, i)
    i, j = i[rank < _FOLLOWERS], j[rank < _FOLLOWERS]
    a, b = _pairs_in_groups(i)
    pairs, triples = np.column_stack([i, j]), np.column_stack([i[a], j[a], j[b]])
    return np.unique(np.sort(pairs, axis=1), axis=0), np.unique(np.sort(triples, axis=1), axis=0)


def _pairs_in_groups(group: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All pairs i < j of places with the same value in `group`, which is sorted."""
    place = np.arange(len(group))
    later = np.searchsorted(group, group, side="right") - 1 - place
    i = np.repeat(place, later)
    rank = np.arange(len(i)) - np.repeat(np.cumsum(later) - later, later)
    return i, i + 1 + rank


def _solve(
    points: BallPoints, tree_edges: NDArray[np.int64], subtrees: Subtrees, mst_lengths: NDArray[np.float64]
) -> Candidates:
    available = mst_lengths[subtrees.edges].sum(axis=1)
    hopeful = _tour_bound(points.take(subtrees.vertices)) < available
    terminals, replaced, available = subtrees.vertices[hopeful], subtrees.edges[hopeful], available[hopeful]
    z, gap, lengths = full_trees(points.z, points.gap, terminals, tree_edges)
    good = lengths < available
    shape = len(good), terminals.shape[1] - 2
    steiner_points = BallPoints(z.reshape(*shape, points.d)[good], gap.reshape(shape)[good])
    return Candidates(tree_edges, terminals[good], steiner_points, replaced[good], lengths[good] / available[good])


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
