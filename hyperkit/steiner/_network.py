"""What the methods give: a tree over the terminals and Steiner points, as edges; and full trees made of it, and back.

A `Network` has each Steiner point once and terminals of any degree. The searches work on full trees instead, where a
terminal inside the tree is a leaf of length 0; edges that have collapsed are taken out on the way back.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..geometry import ball_distance, directions
from ..models import BallPoints, ball_gap
from ._full_tree import FullTree, empty_tree
from .kernels.degree_three import as_binary, contract, number_by_terminals, walk_tree
from .kernels.full_tree import measure
from .kernels.newton import minimise

# Edges shorter than this share of those around have collapsed: smoothing leaves them at 1e-9 of the mean or less.
_COLLAPSED = 1e-7
# Edges, and angles, within this many times what rounding makes of them are noise ...
_NOISE = 4
# ... but not edges above this share of the way on to a second terminal: without them a tree would be longer by more
# than 1e-8 of that.
_MOST_COLLAPSED = 1e-4
# Angles at an optimum are at least 120 degrees. Below this a vertex has the wrong topology.
_NARROW = 119.995


class Network(NamedTuple):
    """A tree over given points, which keep their numbers 0..n-1, and Steiner points, numbered from n."""

    steiner_points: BallPoints
    edges: NDArray[np.int64]

    def vertices(self, points: BallPoints) -> BallPoints:
        """The points, then the Steiner points."""
        return points.joined(self.steiner_points)

    def length(self, points: BallPoints) -> float:
        """Hyperbolic length."""
        vertices = self.vertices(points)
        return float(ball_distance(vertices.take(self.edges[:, 0]), vertices.take(self.edges[:, 1])).sum())


def to_full(points: BallPoints, network: Network) -> FullTree:
    """The same tree over n >= 3 points as a full tree, with edges of length 0 where a vertex has to become several."""
    vertices = network.vertices(points)
    tail, head = np.concatenate([network.edges, network.edges[:, ::-1]]).T
    seen = directions(vertices.take(tail), vertices.take(head))
    # In their order around a vertex, where there is one.
    order = np.lexsort((np.arctan2(seen[:, 1], seen[:, 0]) if seen.shape[1] > 1 else seen[:, 0], tail))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    twin = place[(order + len(network.edges)) % len(order)]
    start = np.searchsorted(tail[order], np.arange(len(vertices) + 1))
    tree = empty_tree(points.n, points.d)
    as_binary(start, head[order], twin, seen[order], vertices.z, vertices.gap, tree.arrays)
    return numbered(tree)


def numbered(tree: FullTree) -> FullTree:
    """The same full tree, measured, with the numbers of its nodes decided by its topology and terminals alone.

    The search takes nodes by their numbers; where it ends is then not decided by how the tree was built, or turned.
    """
    same = empty_tree(tree.n, tree.d)
    number_by_terminals(tree.arrays, same.arrays)
    measure(same.arrays)
    return same


def to_network(tree: FullTree, points: BallPoints) -> Network:
    """A full tree without its collapsed edges."""
    v, k = np.nonzero(tree.near > np.arange(len(tree))[:, None])
    nodes = Network(BallPoints(tree.z[tree.n :], tree.gap[tree.n :]), np.column_stack([v, tree.near[v, k]]))
    return without_collapsed(nodes, points)


def without_collapsed(network: Network, points: BallPoints) -> Network:
    """The same tree with vertices made one where an edge between them has collapsed, but never two terminals.

    Steiner points get the gap of their rounded coordinates.
    """
    vertices, edges, n = network.vertices(points), network.edges, len(points)
    lengths = ball_distance(vertices.take(edges[:, 0]), vertices.take(edges[:, 1]))
    # The scale at a vertex: the longest edge no more than two edges away.
    scale = np.zeros(len(vertices))
    np.maximum.at(scale, edges, lengths[:, None])
    around = scale[edges].max(axis=1)
    np.maximum.at(scale, edges, around[:, None])
    around = scale[edges].max(axis=1)
    short = lengths <= np.maximum(_NOISE * _rounding(vertices, edges), _COLLAPSED * around)
    order = np.argsort(lengths, kind="stable")
    tails, heads = edges[order].T.copy()
    into = contract(tails, heads, lengths[order], short[order], _MOST_COLLAPSED, n, len(vertices))
    kept = np.flatnonzero(into == np.arange(len(into)))
    number = np.full(len(into), -1)
    number[kept] = np.arange(len(kept))
    edges = np.sort(number[into][edges], axis=1)
    z = vertices.z[kept[n:]]
    return Network(BallPoints(z, ball_gap(z)), edges[edges[:, 0] != edges[:, 1]])


def laid_out(network: Network, points: BallPoints) -> Network:
    """The same vertices and edges with the Steiner points where the length is least."""
    vertices, n = network.vertices(points), len(points)
    tail, head = np.concatenate([network.edges, network.edges[:, ::-1]]).T
    inner = tail >= n
    order = np.argsort(tail[inner], kind="stable")
    start = np.searchsorted(tail[inner][order], np.arange(n, len(vertices) + 1))
    z, gap = vertices.z.copy(), vertices.gap.copy()
    minimise(start, head[inner][order], n, z, gap)
    return Network(BallPoints(z[n:], ball_gap(z[n:])), network.edges)


def shortest_of_topology(network: Network, points: BallPoints) -> Network:
    """The network laid out, without the edges that have collapsed."""
    return without_collapsed(laid_out(network, points), points)


def minimise_full(tree: FullTree) -> float:
    """Move the Steiner nodes of a full tree, in place, to the minimum of its length; gives that length."""
    n = tree.n
    minimise(np.arange(0, 3 * (n - 2) + 1, 3), tree.near[n:].ravel(), n, tree.z, tree.gap)
    length: float = measure(tree.arrays)
    return length


def depth_first_order(edges: NDArray[np.int64], lengths: NDArray[np.float64]) -> NDArray[np.int64]:
    """Vertices of a tree in depth-first order, the nearest branch first, from the quieter end of its longest edge.

    Numbered so, points near each other have numbers near each other, and no isometry, nor the order in which the points
    came, changes the numbers: but for ties only lengths decide.
    """
    tail, head = np.concatenate([edges, edges[:, ::-1]]).T
    around = np.bincount(tail, np.tile(lengths, 2))
    u, v = edges[np.argmax(lengths)]
    order = np.lexsort((np.tile(lengths, 2), tail))
    start = np.searchsorted(tail[order], np.arange(len(edges) + 2))
    walk: NDArray[np.int64] = walk_tree(u if around[u] <= around[v] else v, start, head[order])
    return walk


def narrowest_angles(vertices: BallPoints, edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """Smallest angle between two edges at each vertex, in degrees; 180 at leaves. O(sum of squared degrees)."""
    tail, head = np.concatenate([edges, edges[:, ::-1]]).T
    order = np.argsort(tail, kind="stable")
    tail, head = tail[order], head[order]
    seen = directions(vertices.take(tail), vertices.take(head))
    # Edges between identical points have no direction.
    tail, seen = tail[seen.any(axis=1)], seen[seen.any(axis=1)]
    later = np.searchsorted(tail, tail, side="right") - 1 - np.arange(len(tail))
    i = np.repeat(np.arange(len(tail)), later)
    j = i + 1 + np.arange(len(i)) - np.repeat(np.cumsum(later) - later, later)
    # Twice the angle whose sine is half the chord: accurate for small angles too.
    chord = np.linalg.norm(seen[i] - seen[j], axis=1)
    angle = np.full(len(vertices), 180.0)
    np.minimum.at(angle, tail[i], np.degrees(2 * np.arcsin(np.minimum(chord / 2, 1))))
    return angle


def are_narrow(vertices: BallPoints, edges: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Vertices where two edges meet at less than 120 degrees by more than rounding of coordinates explains."""
    lengths = ball_distance(vertices.take(edges[:, 0]), vertices.take(edges[:, 1]))
    moved = _rounding(vertices, edges)
    turned = moved + np.divide(moved, lengths, out=np.ones_like(moved), where=lengths > moved)
    most = np.zeros(len(vertices))
    np.maximum.at(most, edges, turned[:, None])
    # Both edges may be turned.
    return narrowest_angles(vertices, edges) < _NARROW - np.degrees(2 * _NOISE * most)


def _rounding(vertices: BallPoints, edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """Hyperbolic length by which rounding of coordinates moves the ends of each edge, together, at most."""
    return (2.0**-52 * np.linalg.norm(vertices.z, axis=1) / vertices.gap)[edges].sum(axis=1)
