"""Distances along a tree, in time linear in its nodes: what triplets are compared with.

In: parents of nodes, or a tree of networkx, and the node of each row. Out: `DistanceRows` as any other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csgraph

from ..._validation import refuse_hidden
from ._distance_rows import DistanceRows, Float, Index, networkx_lengths


def read_tree(tree: Any, nodes: ArrayLike | None, n: int) -> DistanceRows:
    """Path lengths between `n` rows, row i at node ``nodes[i]``, by default at node i."""
    if hasattr(tree, "nodes") and hasattr(tree, "edges"):
        parents, lengths = _rooted(tree)
    else:
        refuse_hidden("tree", tree)
        parents = _checked_parents(np.asarray(tree))
        lengths = np.ones(len(parents))
    at = _checked_nodes(nodes, n, len(parents))
    order, heights = _from_the_root(parents, lengths)

    def rows(index: Index) -> Float:
        from .kernels.tree_paths import path_lengths

        out = np.empty((len(index), len(parents)))
        path_lengths(parents, order, heights, at[index], out)
        return np.ascontiguousarray(out[:, at])

    return DistanceRows(n, rows)


def _rooted(tree: Any) -> tuple[Index, Float]:
    """Parents of the nodes, row 0 the root, and lengths of the edges to them."""
    graph = networkx_lengths(tree, "tree")
    n = graph.shape[0]
    n_parts, _ = csgraph.connected_components(graph, directed=False)
    if graph.nnz != n - 1 or n_parts != 1:
        raise ValueError(f"tree: {n} nodes with {graph.nnz} edges in {n_parts} component(s) are no tree")
    _, parents = csgraph.breadth_first_order(graph, 0, directed=False)
    parents = parents.astype(np.int64)
    parents[0] = 0
    both = (graph + graph.T).tocsr()
    lengths = np.zeros(n)
    lengths[1:] = np.asarray(both[np.arange(1, n), parents[1:]]).reshape(-1)
    return parents, lengths


def _checked_parents(parents: Any) -> Index:
    """Parents with each root its own, or an error: ``-1`` is a root too."""
    if parents.ndim != 1 or len(parents) == 0 or parents.dtype.kind not in "iu":
        raise TypeError(
            f"tree has dtype {parents.dtype} and shape {parents.shape}; give the parent of each node as a whole "
            "number, -1 for the root, or a tree of networkx"
        )
    n = len(parents)
    parents = parents.astype(np.int64)
    roots = (parents == -1) | (parents == np.arange(n))
    bad = (parents < -1) | (parents >= n)
    if bad.any():
        node = int(np.flatnonzero(bad)[0])
        raise ValueError(f"tree: node {node} has parent {parents[node]}; there are nodes 0 to {n - 1}, and -1 for none")
    if roots.sum() != 1:
        raise ValueError(f"tree has {roots.sum()} roots (parent -1); it needs exactly one")
    return np.where(roots, np.arange(n), parents)


def _checked_nodes(nodes: ArrayLike | None, n: int, n_nodes: int) -> Index:
    if nodes is None:
        if n_nodes != n:
            raise ValueError(
                f"tree has {n_nodes} nodes and the embedding {n} rows; say by nodes= at which node each row is"
            )
        return np.arange(n)
    refuse_hidden("nodes", nodes)
    at = np.asarray(nodes)
    if at.shape != (n,) or at.dtype.kind not in "iu":
        raise ValueError(f"nodes has dtype {at.dtype} and shape {at.shape}; give a node of the tree for each of {n} rows")
    bad = (at < 0) | (at >= n_nodes)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise ValueError(f"nodes: row {row} is at node {at[row]}; the tree has nodes 0 to {n_nodes - 1}")
    return at.astype(np.int64)


def _from_the_root(parents: Index, lengths: Float) -> tuple[Index, Float]:
    """Nodes, parents before children, and their distances from the root, level by level."""
    n = len(parents)
    child = np.argsort(parents, kind="stable")
    start = np.searchsorted(parents[child], np.arange(n + 1))
    heights = np.zeros(n)
    level = np.flatnonzero(parents == np.arange(n))
    order = [level]
    while len(level):
        below = np.concatenate([child[start[node] : start[node + 1]] for node in level])
        level = below[parents[below] != below]
        heights[level] = heights[parents[level]] + lengths[level]
        order.append(level)
    found = np.concatenate(order)
    if len(found) < n:
        lost = int(np.setdiff1d(np.arange(n), found)[0])
        raise ValueError(f"tree: the parents of node {lost} run in a circle and never reach the root")
    return found, heights
