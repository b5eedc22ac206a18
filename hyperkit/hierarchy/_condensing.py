"""One node a type: where the rows of each type have their middle in the tree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ._lca import lowest_common_ancestors
from ._order import Tree, reordered
from ._splicing import spanned


def median_nodes(
    minima: NDArray[np.int64], depth: NDArray[np.int64], nodes: NDArray[np.int64], types: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Median node of each type: the one with the least sum of distances to its rows, of several that nearest the root.

    It is the lowest node with more than half of the rows in its subtree, whatever the lengths. In depth-first order
    these are neighbours among the rows of the type: so it is the lowest of the common ancestors of the first and the
    last of as many neighbours as are more than half.
    """
    order = np.lexsort((nodes, types))
    nodes, types = nodes[order], types[order]
    ahead = np.bincount(types) // 2
    last = np.arange(len(nodes)) + ahead[types]
    fits = np.flatnonzero(last < np.cumsum(np.bincount(types))[types])
    tops = lowest_common_ancestors(minima, nodes[fits], nodes[last[fits]])
    best = np.lexsort((depth[tops], types[fits]))
    return tops[best][np.cumsum(np.bincount(types[fits])) - 1]


def condensed(tree: Tree, medians: NDArray[np.int64], names: NDArray[np.object_]) -> Tree:
    """The tree that joins the `medians`; type k is row k.

    It is at its median, or hangs there by an edge of length 0 where another type has the same.
    """
    at, number, sharing = np.unique(medians, return_inverse=True, return_counts=True)
    is_median = np.zeros(len(tree), dtype=bool)
    is_median[at] = True
    joined = spanned(replace(tree, row=np.where(is_median, 0, -1)), at)
    node = np.flatnonzero(joined.row == 0)[number]
    shared = np.flatnonzero(sharing[number] > 1)
    alone = np.setdiff1d(np.arange(len(medians)), shared)
    row, label = np.full(len(joined), -1), np.full(len(joined), "", dtype=object)
    row[node[alone]], label[node[alone]] = alone, names[alone]
    return reordered(
        joined,
        parent=np.concatenate([joined.parent, node[shared]]),
        length=np.concatenate([joined.length, np.zeros(len(shared))]),
        row=np.concatenate([row, shared]),
        names=np.concatenate([label, names[shared]]),
        support=None if joined.support is None else np.append(joined.support, np.full(len(shared), np.nan)),
        points=None if joined.points is None else np.concatenate([joined.points, joined.points[node[shared]]]),
    )
