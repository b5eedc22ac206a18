"""Nodes taken out of a tree, or put in; the order stays depth-first throughout."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..geometry import ball_geodesic
from ..models import from_ball, to_ball
from ._nodes import Nodes, frozen, sums_below
from ._order import Tree
from .kernels.lifting import lifted


def kept(tree: Tree, stays: NDArray[np.bool_]) -> Tree:
    """The tree of the nodes that stay; each hangs on its nearest ancestor that does, at the distance it had from it.

    An edge has the highest support on the way that it stands for: each of those splits the rows left in the same way.
    """
    above, length, support = lifted(tree.parent, tree.length, _support(tree), stays)
    return _taken(tree, stays, above, length, support)


def collapsed(tree: Tree, weak: NDArray[np.bool_]) -> Tree:
    """The tree without the edges above the inner nodes `weak`: what hangs below hangs on what is above, as far from it.

    A row among them stays where it was, as a leaf.
    """
    above, length, _ = lifted(tree.parent, tree.length, _support(tree), ~weak)
    return _taken(tree, ~weak | (tree.row >= 0), above, length, _support(tree))


def across_root(tree: Nodes, values: NDArray[np.float64], joined: np.ufunc) -> NDArray[np.float64]:
    """Values of edges, joined for the two at a root of two branches that is no row: without the root they are one."""
    on_top = np.flatnonzero(tree.parent == 0)
    if tree.row[0] >= 0 or len(on_top) != 2:
        return values
    values = values.copy()
    values[on_top] = joined(*values[on_top])
    return values


def snapped(tree: Tree, tau: float) -> Tree:
    """The tree in which the nearest leaf row within `tau` of an unnamed inner node that is no row is that node."""
    top = tree.parent
    short = tree.is_leaf & (tree.row >= 0) & (top >= 0) & (tree.length <= tau)
    short &= (tree.row[top] < 0) & (tree.names[top] == "")
    leaf = np.flatnonzero(short)
    leaf = leaf[np.lexsort((tree.row[leaf], tree.length[leaf], top[leaf]))]
    at, first = np.unique(top[leaf], return_index=True)
    leaf = leaf[first]
    row, names = tree.row.copy(), tree.names.copy()
    row[at], names[at] = row[leaf], names[leaf]
    points = None if tree.points is None else tree.points.copy()
    if points is not None:
        points[at] = points[leaf]
    stays = np.ones(len(tree), dtype=bool)
    stays[leaf] = False
    return kept(replace(tree, row=row, names=names, points=points), stays)


def below(tree: Tree, node: int) -> Tree:
    """The subtree of a node."""
    part = slice(node, node + int(tree.size[node]))
    parent, length, support = tree.parent[part] - node, tree.length[part].copy(), _support(tree)[part].copy()
    parent[0] = -1
    return _with(tree, part, parent, length, support)


def _support(tree: Nodes) -> NDArray[np.float64]:
    return frozen(np.full(len(tree), np.nan)) if tree.support is None else tree.support


def _taken(
    tree: Tree,
    stays: NDArray[np.bool_],
    above: NDArray[np.int64],
    length: NDArray[np.float64],
    support: NDArray[np.float64],
) -> Tree:
    number = np.cumsum(stays) - 1
    parent = np.where(above >= 0, number[above], -1)[stays]
    return _with(tree, stays, parent, length[stays], support[stays])


def _with(
    tree: Tree,
    part: NDArray[np.bool_] | slice,
    parent: NDArray[np.int64],
    length: NDArray[np.float64],
    support: NDArray[np.float64],
) -> Tree:
    """The nodes `part` of the tree, with these edges."""
    length[0], support[0] = 0.0, np.nan
    return replace(
        tree,
        parent=parent,
        length=length,
        row=tree.row[part],
        names=tree.names[part],
        support=None if tree.support is None else support,
        points=None if tree.points is None else tree.points[part],
    )


def spanned(tree: Tree, nodes: NDArray[np.int64]) -> Tree:
    """The tree that joins `nodes`: these, and those where it branches; its root the lowest that has all of them.

    Other rows are rows no more; where it branches at one, the node has no name.
    """
    marked = np.zeros(len(tree), dtype=bool)
    marked[nodes] = True
    inside = sums_below(tree, marked) > 0
    branches = np.bincount(tree.parent[1:][inside[1:]], minlength=len(tree))
    gone = (tree.row >= 0) & ~marked
    bare = replace(tree, row=np.where(gone, -1, tree.row), names=np.where(gone, "", tree.names))
    return kept(bare, marked | (branches > 1))


def with_node_inside(tree: Tree, node: int, above: float) -> Tree:
    """The tree with a new node in the edge above `node`, `above` it; the new one gets its number.

    Both halves have the support of the whole. With points, the new node is on the geodesic, at the same share of it.
    """
    top, whole = tree.parent[node], tree.length[node]
    parent = np.insert(tree.parent + (tree.parent >= node), node, top)
    parent[node + 1] = node
    length = np.insert(tree.length, node, whole - above)
    length[node + 1] = above
    points = tree.points
    if points is not None and tree.model is not None:
        ends = to_ball(points[[node, top]], tree.model, curvature=tree.curvature)
        inside = ball_geodesic(ends.take(0), ends.take(1), np.array([above / whole]))
        points = np.insert(points, node, from_ball(inside, tree.model, curvature=tree.curvature)[0], axis=0)
    return replace(
        tree,
        parent=parent,
        length=length,
        row=np.insert(tree.row, node, -1),
        names=np.insert(tree.names, node, ""),
        support=None if tree.support is None else np.insert(tree.support, node, tree.support[node]),
        points=points,
    )


def without_root(tree: Tree) -> Tree:
    """The tree without its root, where that has one branch or two: its first child is the root, and has the other."""
    second = 1 + int(tree.size[1])
    parent, length, support = tree.parent[1:] - 1, tree.length[1:].copy(), _support(tree)[1:].copy()
    if second < len(tree):
        parent[second - 1] = 0
        length[second - 1] += length[0]
        support[second - 1] = np.fmax(support[second - 1], support[0])
    parent[0] = -1
    return _with(tree, slice(1, None), parent, length, support)
