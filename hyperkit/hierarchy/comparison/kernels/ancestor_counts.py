"""Pairs of ancestor and descendant that two trees share, counted in O(n log n)."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel


@subkernel
def _add(tree, place, value):
    """Add to one entry of a Fenwick tree of partial sums."""
    place += 1
    while place < len(tree):
        tree[place] += value
        place += place & -place


@subkernel
def _sum_to(tree, place):
    """Sum of the entries 0 to `place`."""
    place += 1
    total = 0
    while place > 0:
        total += tree[place]
        place -= place & -place
    return total


@njit
def count_shared_ancestors(last, taxon, other_first, other_last):
    """Number of pairs of taxa (a, b) with a above b in both trees.

    One walk through the first tree; the partial sums hold, for each node of the second, how many of the taxa above the
    present node have it in their subtree there.

    Parameters
    ----------
    last : (n_nodes,) integer array
        End of the subtree of each node of the first tree, whose nodes are in depth-first order.
    taxon : (n_nodes,) integer array
        Taxon of each node of the first tree, or -1.
    other_first, other_last : (n,) integer arrays
        Node of each taxon in the second tree, and the end of its subtree.
    """
    sums = np.zeros(max(other_last.max() + 2, 2), np.int64)
    above = np.empty(len(last), np.int64)
    height, shared = 0, 0
    for node in range(len(last)):
        if taxon[node] < 0:
            continue
        while height > 0 and last[above[height - 1]] <= node:
            height -= 1
            gone = taxon[above[height]]
            _add(sums, other_first[gone], -1)
            _add(sums, other_last[gone], 1)
        here = taxon[node]
        shared += _sum_to(sums, other_first[here])
        _add(sums, other_first[here], 1)
        _add(sums, other_last[here], -1)
        above[height] = node
        height += 1
    return shared
