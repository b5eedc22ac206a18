"""Where to root a tree, and the tree rooted there.

A `Place` is a point of the tree: a node, or a point inside the edge above it. Each criterion gives one; `rooted` turns
the tree over. Tips are what a criterion measures distances to: the rows of the user's table, wherever they sit in the
tree, or the leaves of a tree without rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..geometry import ball_frechet_mean
from ..models import BallPoints
from ._lca import lowest_common_ancestors, range_minima
from ._nodes import Nodes, sums_below
from ._order import Tree, reordered
from ._placing import nearest_places, node_points
from ._splicing import with_node_inside, without_root
from .kernels.two_sides import two_sides

# Share of the height within which a place is at a node: what is left of a sum of lengths after rounding.
_AT_A_NODE = 1e-12


class Place(NamedTuple):
    """A point of the tree."""

    node: int
    """The node, or the lower end of the edge."""
    above: float = 0.0
    """Distance from the node towards its parent, in [0, length of the edge]."""


def tips(tree: Nodes) -> NDArray[np.bool_]:
    """Nodes that are rows; the leaves of a tree without rows."""
    is_row = tree.row >= 0
    return is_row if is_row.any() else tree.is_leaf


def min_variance(tree: Nodes) -> Place:
    """The point from which the distances of the tips have the least variance, in O(n) [1]_.

    Along an edge the scatter on either side of it stays, and the difference of the two means changes by twice the way:
    the variance is a parabola, and its least value is where the means are equal, or at an end.

    References
    ----------
    .. [1] Mai, Sayyari, Mirarab, "Minimum variance rooting of phylogenetic trees and implications for species tree
       reconstruction", PLoS ONE 12, 2017.
    """
    is_tip = tips(tree)
    below, above = two_sides(tree.parent, tree.length, is_tip)
    share = below[:, 0] * above[:, 0] / is_tip.sum() ** 2
    if not share.any():  # one tip
        return Place(int(np.argmax(is_tip)))
    way = np.clip((above[:, 1] + tree.length - below[:, 1]) / 2, 0, tree.length)
    apart = below[:, 1] + way - (above[:, 1] + tree.length - way)
    variance = (below[:, 2] + above[:, 2]) / is_tip.sum() + share * apart**2
    node = int(np.argmin(np.where(share > 0, variance, np.inf)))
    return Place(node, float(way[node]))


def middle_of_longest_path(tree: Nodes) -> Place:
    """The middle of the longest path between tips."""
    tip = np.flatnonzero(tips(tree))
    height, minima = tree.distance_from_root, range_minima(tree.parent)
    one = tip[np.argmax(height[tip])]
    for _ in range(2):  # from any tip the farthest is an end of a longest path
        to = height[tip] + height[one] - 2 * height[lowest_common_ancestors(minima, np.full_like(tip, one), tip)]
        other, one = one, tip[np.argmax(to)]
    node = int(one if height[one] > height[other] else other)
    left = float(to.max()) / 2
    while left > tree.length[node] and node > 0:
        left -= float(tree.length[node])
        node = int(tree.parent[node])
    return Place(node, left)


def nearest_to_mean(tree: Nodes) -> Place:
    """The point of the tree nearest to the Fréchet mean of the tips.

    Raises
    ------
    ValueError
        The nodes have no points.
    """
    if tree.points is None:
        raise ValueError("root='frechet' needs the places of the nodes, and this hierarchy has no points")
    mean = ball_frechet_mean(node_points(tree).take(tips(tree)))
    place = nearest_places(tree, BallPoints(mean.z[None], mean.gap[None]))
    return Place(int(place.node[0]), float(place.above[0]))


def edge_to_outgroup(tree: Nodes, outgroup: NDArray[np.int64]) -> Place:
    """The middle of the edge between the nodes `outgroup` and all other tips.

    Raises
    ------
    ValueError
        There are no other tips, or no edge parts the two.
    """
    is_tip = tips(tree)
    out = np.zeros(len(tree), dtype=bool)
    out[outgroup] = True
    inside, others = sums_below(tree, out), sums_below(tree, is_tip & ~out)
    if others[0] == 0:
        raise ValueError("outgroup has all rows; leave some for the rest of the tree")
    # Both are chains of edges without a row between them: with the root inside the edge there is one on either side.
    up = np.flatnonzero((inside == inside[0]) & (others == 0))[::-1]
    down = np.flatnonzero((inside == 0) & (others == others[0]))
    if len(up) + len(down) == 0:
        raise ValueError(
            f"outgroup: no edge parts these {inside[0]} rows from the other {others[0]}; give rows that hang together "
            "in the tree, or root at one of them: root_at(row)"
        )
    chain = np.concatenate([up, down])
    ends = np.cumsum(tree.length[chain])
    k = int(np.searchsorted(ends, ends[-1] / 2))
    beyond = float(ends[k] - ends[-1] / 2)
    return Place(int(chain[k]), float(tree.length[chain[k]]) - beyond if k < len(up) else beyond)


def rooted(tree: Tree, place: Place) -> Tree:
    """The tree with its root at `place`: a node, or a new one inside an edge.

    Support belongs to an edge and moves with it; both halves of an edge have that of the whole. The old root goes
    where it is neither a row nor named, and has no or one edge left below it.
    """
    node, above = place
    slack = _AT_A_NODE * float(tree.distance_from_root.max())
    if above > tree.length[node] - slack and above > tree.length[node] / 2:
        node = int(tree.parent[node])
    elif above > slack:
        tree = with_node_inside(tree, node, above)
    tree, node = _without_bare_root(tree, node)
    return _turned(tree, node) if node > 0 else tree


def _without_bare_root(tree: Tree, node: int) -> tuple[Tree, int]:
    """The tree without what the old root becomes, if that is neither a row nor named: an end, or a node between two."""
    branches = 1
    while branches == 1 and node > 0 and tree.row[0] < 0 and tree.names[0] == "":
        branches = int(np.count_nonzero(tree.parent == 0))
        if branches <= 2:
            tree, node = without_root(tree), node - 1
    return tree, node


def _turned(tree: Tree, node: int) -> Tree:
    """The tree with `node` as its root: on the way to it from the old root, edges change their direction."""
    way = [node]
    while way[-1] > 0:
        way.append(int(tree.parent[way[-1]]))
    lower, upper = way[:-1], way[1:]
    parent, length = tree.parent.copy(), tree.length.copy()
    parent[upper], length[upper] = lower, tree.length[lower]
    parent[node] = -1
    support = None if tree.support is None else tree.support.copy()
    if support is not None:
        support[upper] = support[lower]
    return reordered(tree, parent=parent, length=length, support=support)
