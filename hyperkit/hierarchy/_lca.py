"""Lowest common ancestors of many pairs of nodes, in O(1) a pair.

In depth-first order the lowest common ancestor of a < b is the least parent among the nodes a + 1 to b: the child of it
that b descends from is one of them, and none has a parent outside its subtree. So a table of minima over stretches of
2^k nodes answers any pair by two look-ups.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def range_minima(parent: NDArray[np.int64]) -> NDArray[np.int64]:
    """Entry (k, i): the least of ``parent[i : i + 2**k]``; of shape (about log2 n, n), O(n log n) memory."""
    table = np.tile(parent, (max((len(parent) - 1).bit_length(), 1), 1))
    for k in range(1, len(table)):
        half = 2 ** (k - 1)
        np.minimum(table[k - 1, :-half], table[k - 1, half:], out=table[k, :-half])
    return table


def lowest_common_ancestors(minima: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lowest common ancestor of the nodes a and b, pair by pair; of a node and itself, the node."""
    first, last = np.minimum(a, b), np.maximum(a, b)
    # The exponent frexp gives is exact, where a logarithm may round up.
    level = np.maximum(np.frexp((last - first).astype(np.float64))[1] - 1, 0)
    start = np.minimum(first + 1, last)
    least = np.minimum(minima[level, start], minima[level, last + 1 - (1 << level)])
    return np.where(first == last, first, least)
