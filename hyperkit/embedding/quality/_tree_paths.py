"""Distances along a tree, in time linear in its nodes: what triplets are compared with.

In: parents of nodes, or a tree of networkx, and the node of each row. Out: `DistanceRows` as any other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csgraph

from ..._validation import refuse_hidden
from ..graph import as_graph, vertices
from ._distance_rows import DistanceRows, Float, Index, is_networkx


def read_tree(tree: Any, nodes: ArrayLike | None, n: int) -> DistanceRows:
    """Path lengths between `n` rows, row i at node ``nodes[i]``, by default at the i-th node."""
    names = None
    if is_networkx(tree):
        parents, lengths = _rooted(tree)
        names = {node: place for place, node in enumerate(vertices(tree))}
    else:
        refuse_hidden("tree", tree)
        parents = _checked_parents(np.asarray(tree))
        lengths = np.ones(len(parents))
    at = _places(nodes, n, len(parents), names)
    order, heights = _from_the_root(parents, lengths)

    def rows(index: Index) -> Float:
        from .kernels.tree_paths import path_lengths

        out = np.empty((len(index), len(parents)))
        path_lengths(parents, order, heights, at[index], out)
        return np.ascontiguousarray(out[:, at])

    return DistanceRows(n, rows)


def _rooted(tree: Any) -> tuple[Index, Float]:
    """Parents of the nodes, the first one the root, and lengths of the edges to them."""
    graph = as_graph(tree, name="tree")
    n = graph.shape[0]
    if graph.nnz != 2 * (n - 1):
        raise ValueError(f"tree has {n} nodes and {graph.nnz // 2} edges; a tree has an edge less than nodes")
    _, parents = csgraph.breadth_first_order(graph, 0, directed=False)
    parents = parents.astype(np.int64)
    parents[0] = 0
    lengths = np.zeros(n)
    lengths[1:] = np.asarray(graph[np.arange(1, n), parents[1:]]).reshape(-1)
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


def _places(nodes: ArrayLike | None, n: int, n_nodes: int, names: dict[Any, int] | None) -> Index:
    """The node of each row, as a number; `names` gives the number of each node that has a name."""
    if nodes is None:
        if n_nodes != n:
            raise ValueError(
                f"tree has {n_nodes} nodes and the embedding {n} rows; say by nodes= at which node each row is"
            )
        return np.arange(n)
    refuse_hidden("nodes", nodes)
    given = list(np.asarray(nodes).tolist() if isinstance(nodes, np.ndarray) else nodes)  # type: ignore[arg-type]
    if len(given) != n:
        raise ValueError(f"nodes has {len(given)} entries; give a node of the tree for each of the {n} rows")
    known = names if names is not None else {node: node for node in range(n_nodes)}
    for row, node in enumerate(given):
        if node not in known:
            raise ValueError(f"nodes: row {row} is at node {node!r}, which the tree of {n_nodes} nodes does not have")
    return np.array([known[node] for node in given], dtype=np.int64)


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
