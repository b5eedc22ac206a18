"""Dendrogram purity, from counts of the labels in clades."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit


@njit
def summed_purity(parent, n_tips, label, n_labels):
    """Sum over pairs of tips with one label of its share in their smallest clade; and the number of pairs.

    With C(k, 2) pairs of the label in a clade, those whose smallest clade it is are C(k, 2) less those of its children:
    each clade counts its pairs, times its share less the share one step up.

    Parameters
    ----------
    parent : (n,) integer array
        The tree; nodes in depth-first order.
    n_tips : (n,) integer array
        Number of tips below each node.
    label : (n,) integer array
        Label of each tip, 0 to `n_labels` - 1; -1 for inner nodes.
    """
    total, n_pairs = 0.0, 0
    count = np.zeros(len(parent), np.int64)
    for wanted in range(n_labels):
        count[:] = 0
        for node in range(len(parent) - 1, -1, -1):
            if label[node] == wanted:
                count[node] = 1
            if node > 0:
                count[parent[node]] += count[node]
        n_pairs += count[0] * (count[0] - 1) // 2
        for node in range(len(parent)):
            above = count[parent[node]] / n_tips[parent[node]] if node > 0 else 0.0
            total += count[node] * (count[node] - 1) / 2 * (count[node] / n_tips[node] - above)
    return total, n_pairs
