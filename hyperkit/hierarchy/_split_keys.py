"""Splits: how the edges of a tree part the rows in two, each as one number.

Each row has a random number of 64 bits, and a set of rows the exclusive or of theirs. A subtree being a slice of nodes,
all sets below the edges of a tree come of one running exclusive or, in O(n). Of the two sides of an edge the one
without row 0 is taken, so that roots do not matter. That any two of a million different sets have the same number has a
chance of 3e-8.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._nodes import Nodes


class Splits(NamedTuple):
    """The splits of the rows of a tree, each once, and the edges that make them."""

    key: NDArray[np.uint64]
    """Number of each split, ascending."""
    length: NDArray[np.float64]
    """Length of its edges together: more than one where nodes without a row have two neighbours, such as a root."""
    node: NDArray[np.int64]
    """A node above which such an edge is."""
    n_aside: NDArray[np.int64]
    """Rows on the side without row 0."""
    of_node: NDArray[np.int64]
    """Split of the edge above each node; -1 above the root, and where all rows are on one side."""


def splits(tree: Nodes, row: NDArray[np.int64], n_rows: int) -> Splits:
    """Splits of a tree whose nodes are these rows of `n_rows`, or none (-1); each row is one node."""
    is_row = row >= 0
    codes = np.zeros(len(tree), dtype=np.uint64)
    codes[is_row] = np.random.default_rng(0).integers(2**64, size=n_rows, dtype=np.uint64)[row[is_row]]
    end = np.arange(len(tree)) + tree.size
    below = np.concatenate([codes[:1] * 0, np.bitwise_xor.accumulate(codes)])
    count = np.concatenate([[0], np.cumsum(is_row)])
    key, n_aside = below[end] ^ below[:-1], count[end] - count[:-1]
    first = int(np.flatnonzero(row == 0)[0])
    has_first = (np.arange(len(tree)) <= first) & (first < end)
    key = np.where(has_first, key ^ below[-1], key)
    n_aside = np.where(has_first, n_rows - n_aside, n_aside)
    edges = np.flatnonzero((n_aside > 0) & (tree.parent >= 0))
    keys, at, of_edge = np.unique(key[edges], return_index=True, return_inverse=True)
    of_node = np.full(len(tree), -1)
    of_node[edges] = of_edge
    length = np.bincount(of_edge, tree.length[edges], minlength=len(keys)).astype(np.float64)
    return Splits(keys, length, edges[at], n_aside[edges[at]], of_node)


def rows_aside(tree: Nodes, row: NDArray[np.int64], node: int) -> NDArray[np.int64]:
    """Rows on the side without row 0 of the edge above a node."""
    inside = slice(node, node + int(tree.size[node]))
    rows = row[inside]
    if (rows == 0).any():
        rows = np.concatenate([row[: inside.start], row[inside.stop :]])
    return rows[rows >= 0]
