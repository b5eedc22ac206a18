"""A tree brought down to some of its nodes, all of them tips."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit


@njit
def restrict(parent, length, taxon):
    """The tree that some nodes span, as parents, lengths and taxa of its nodes in depth-first order.

    A node with a taxon that has others below it also hangs as a tip, at length 0 and before its children. Nodes with
    nothing of interest below are left out, and so are those with one branch below, whose length goes to that branch:
    every inner node has two children at least.

    Parameters
    ----------
    parent, length : (n,) arrays
        The tree; nodes in depth-first order.
    taxon : (n,) integer array
        Taxon of each node, -1 for a node of no interest; two nodes at least have one.
    """
    n = len(parent)
    branches = np.zeros(n, np.int64)  # that the node has: subtrees with taxa, and the tip that it hangs as itself
    kept = 0
    for node in range(n - 1, -1, -1):
        branches[node] += taxon[node] >= 0
        if branches[node] > 0 and node > 0:
            branches[parent[node]] += 1
        if branches[node] > 1 or taxon[node] >= 0:
            kept += 1 + (branches[node] > 1 and taxon[node] >= 0)
    parents, lengths, taxa = np.empty(kept, np.int64), np.zeros(kept), np.full(kept, -1)
    number, reach = np.full(n, -1), np.zeros(n)  # of each node: the last one kept on the path to it, and how far it is
    count = 0
    for node in range(n):
        if node > 0:
            number[node], reach[node] = number[parent[node]], reach[parent[node]] + length[node]
        if branches[node] > 1 or taxon[node] >= 0:
            parents[count] = number[node]
            lengths[count] = reach[node] if number[node] >= 0 else 0.0
            number[node], reach[node] = count, 0.0
            count += 1
            if branches[node] > 1 and taxon[node] >= 0:
                parents[count], taxa[count] = count - 1, taxon[node]
                count += 1
            else:
                taxa[number[node]] = taxon[node]
    return parents, lengths, taxa


@njit
def ranges_below(parent, values):
    """Least and largest of `values` (one a node) in the subtree of each node; nodes in depth-first order."""
    least, largest = values.copy(), values.copy()
    for node in range(len(parent) - 1, 0, -1):
        above = parent[node]
        least[above] = min(least[above], least[node])
        largest[above] = max(largest[above], largest[node])
    return least, largest
