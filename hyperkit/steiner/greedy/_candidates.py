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

from ...geometry import directions
from ...models import BallPoints
from .kernels.small_trees import full_trees

# Edges of a full tree, by numbers of its terminals and then of its Steiner points.
_STAR = np.array([(0, 3), (1, 3), (2, 3)])
_TWO_PAIRS = np.array([(0, 4), (1, 4), (4, 5), (2, 5), (3, 5)])
# The three ways to split four terminals into two pairs.
_PAIRINGS = np.array([(0, 1, 2, 3), (0, 2, 1, 3), (0, 3, 1, 2)])
N_KINDS = 2
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
    within: NDArray[np.int64]
    """Shape (S, k - 2): rows of the pairs of edges that they are made of."""


def candidates(points: BallPoints, mst: NDArray[np.int64], mst_lengths: NDArray[np.float64]) -> Iterator[Candidates]:
    """Full trees on three and four terminals that are shorter than the MST edges they would replace, kind by kind.

    Parameters
    ----------
    points : BallPoints of shape (n,)
    mst : ndarray of shape (M, 2), int64
    mst_lengths : ndarray of shape (M,), float64
    """
    two, three = subtrees(points, mst)
    available = mst_lengths[two.edges].sum(axis=1)
    stars, rows = _solve(points, two, np.array([[0, 1, 2]]), _STAR, available, available)
    yield stars
    ratio = np.ones(len(two.edges))
    ratio[rows] = stars.ratio
    available = mst_lengths[three.edges].sum(axis=1)
    most = available * ratio[three.within].min(axis=1)
    yield _solve(points, three, _PAIRINGS, _TWO_PAIRS, available, most)[0]


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
    pairs, triples, within = _followers_in_the_plane(tail) if seen.shape[1] == 2 else _nearest_followers(tail, seen)

    i, j = pairs.T
    row = np.arange(len(pairs))
    two = Subtrees(np.column_stack([head[i], tail[i], head[j]]), np.column_stack([edge[i], edge[j]]), row[:, None])
    stars = Subtrees(np.column_stack([tail[triples[:, 0]], head[triples]]), edge[triples], within)
    # Paths: a middle edge with a neighbour at each of its ends.
    middle = np.concatenate([edge[i], edge[j]])
    ends = np.column_stack([np.concatenate([tail[i], tail[j]]), np.concatenate([head[j], head[i]])])
    outer = np.concatenate([edge[j], edge[i]])
    order = np.argsort(middle, kind="stable")
    middle, ends, outer, row = middle[order], ends[order], outer[order], np.tile(row, 2)[order]
    i, j = _pairs_in_groups(middle)
    across = ends[i, 0] != ends[j, 0]
    i, j = i[across], j[across]
    paths = Subtrees(
        np.column_stack([ends[i, 1], ends[i, 0], ends[j, 0], ends[j, 1]]),
        np.column_stack([outer[i], middle[i], outer[j]]),
        np.column_stack([row[i], row[j]]),
    )
    return two, Subtrees(*(np.concatenate(parts) for parts in zip(stars, paths, strict=True)))


def _followers_in_the_plane(tail: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Pairs and triples of darts that follow each other, of darts in their order around the vertices they leave.

    And for each triple the rows of two pairs within it.
    """
    start = np.searchsorted(tail, tail)
    degree = np.searchsorted(tail, tail, side="right") - start
    place = np.arange(len(tail)) - start
    following = start + (place + 1) % np.maximum(degree, 1)
    # Of two darts there is one pair, of three one triple; of more, as many as darts.
    i = np.flatnonzero((degree > 2) | ((degree == 2) & (place == 0)))
    first = np.flatnonzero((degree > 3) | ((degree == 3) & (place == 0)))
    second = following[first]
    within = np.searchsorted(i, np.column_stack([first, second]))
    return np.column_stack([i, following[i]]), np.column_stack([first, second, following[second]]), within


def _nearest_followers(
    tail: NDArray[np.int64], seen: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Pairs and triples of darts of a vertex at the smallest angles, and the rows of two pairs within each triple.

    O(sum of squared degrees).
    """
    i, j = _pairs_in_groups(tail)
    i, j = np.concatenate([i, j]), np.concatenate([j, i])
    order = np.lexsort((j, -(seen[i] * seen[j]).sum(axis=1), i))
    i, j = i[order], j[order]
    rank = np.arange(len(i)) - np.searchsorted(i, i)
    i, j = i[rank < _FOLLOWERS], j[rank < _FOLLOWERS]
    a, b = _pairs_in_groups(i)
    pairs, row = np.unique(np.sort(np.column_stack([i, j]), axis=1), axis=0, return_inverse=True)
    triples, first = np.unique(np.sort(np.column_stack([i[a], j[a], j[b]]), axis=1), axis=0, return_index=True)
    return pairs, triples, row.reshape(-1)[np.column_stack([a, b])[first]]


def _pairs_in_groups(group: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All pairs i < j of places with the same value in `group`, which is sorted."""
    place = np.arange(len(group))
    later = np.searchsorted(group, group, side="right") - 1 - place
    i = np.repeat(place, later)
    rank = np.arange(len(i)) - np.repeat(np.cumsum(later) - later, later)
    return i, i + 1 + rank


def _solve(
    points: BallPoints,
    subtrees: Subtrees,
    pairings: NDArray[np.int64],
    tree_edges: NDArray[np.int64],
    available: NDArray[np.float64],
    most: NDArray[np.float64],
) -> tuple[Candidates, NDArray[np.int64]]:
    """Trees on the vertices of subtrees, `available` long, that are shorter than `most`, and the rows of these."""
    plane = True if points.d == 2 else None
    rows, kinds, lengths, z, gap = full_trees(points.z, points.gap, subtrees.vertices, pairings, most, plane)
    terminals = np.take_along_axis(subtrees.vertices[rows], pairings[kinds], axis=1)
    shape = len(rows), terminals.shape[1] - 2
    steiner_points = BallPoints(z.reshape(*shape, points.d), gap.reshape(shape))
    return Candidates(tree_edges, terminals, steiner_points, subtrees.edges[rows], lengths / available[rows]), rows
