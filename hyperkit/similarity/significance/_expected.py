"""The similarity that chance gives: the share of edges A-B over all relabellings of the rows.

Where no rows coincide it is the mean of the count A-B over the number of edges, which is the same in all labellings.
Where rows coincide both numbers of `graph._members` depend on the labels, and it is the ratio of their means: members
at two neighbouring points are joined if their rows are not all of one set, and so are the two at a shared point.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from ..graph import Float, RowGraph, share
from ._nulls import pair_labels


class _Chances(NamedTuple):
    """Chances that all rows at a point, or at both ends of an edge, have certain labels."""

    a: Float
    b: Float
    aa: Float
    bb: Float
    ab: Float
    ba: Float


def expected_similarity(rows: RowGraph, paired: bool, kept: float) -> float:
    """Ratio of the mean counts of members, for sets with rows that coincide.

    `kept` is the share of the points whose own edge A-B is counted. Time O(n + E).
    """
    all_ = _chances_of_swaps(rows) if paired else _chances(rows)
    i, j = rows.edges.T
    between = 2 - all_.a[i] - all_.b[j] - all_.b[i] - all_.a[j] + all_.ab + all_.ba
    within = 2 - all_.b[i] - all_.b[j] - all_.a[i] - all_.a[j] + all_.aa + all_.bb
    shared = np.where(rows.sizes > 1, 1 - all_.a - all_.b, 0.0)
    n_ab = float(between.sum() + kept * shared.sum())
    n_edges = n_ab + float(within.sum())
    return float(share(n_ab, n_edges))


def _chances(rows: RowGraph) -> _Chances:
    """Over all labellings with as many rows in A and in B: ratios of falling factorials."""
    n_b = int(np.count_nonzero(rows.in_b))
    n_a = len(rows.in_b) - n_b

    def falling(n: int, k: NDArray[np.int64]) -> Float:
        """Logarithm of n (n - 1) ... (n - k + 1)."""
        return np.where(k > n, -np.inf, gammaln(n + 1) - gammaln(np.maximum(n - k, 0) + 1))

    def chance(in_a: NDArray[np.int64], in_b: NDArray[np.int64]) -> Float:
        return np.exp(falling(n_a, in_a) + falling(n_b, in_b) - falling(n_a + n_b, in_a + in_b))

    sizes = rows.sizes
    none = np.zeros_like(sizes)
    i, j = sizes[rows.edges].T
    return _Chances(
        a=chance(sizes, none),
        b=chance(none, sizes),
        aa=chance(i + j, np.zeros_like(i)),
        bb=chance(np.zeros_like(i), i + j),
        ab=chance(i, j),
        ba=chance(j, i),
    )


def _chances_of_swaps(rows: RowGraph) -> _Chances:
    """Over all swaps inside pairs: a fair coin for each pair at the points, none if both rows of one are at a point."""
    labels = pair_labels(rows)
    together = (labels.T @ labels).tocsr()  # off the diagonal: less the pairs with a row at either point
    coins = together.diagonal()
    possible = coins == rows.sizes
    one = np.where(possible, np.exp2(-coins.astype(float)), 0.0)
    adjacency = rows.adjacency()
    across = (adjacency - adjacency.multiply(together)).tocsr()  # 1 and the pairs along each edge, in their order
    across.sort_indices()
    pairs = across.data - 1
    i, j = rows.edges.T
    both = np.where(possible[i] & possible[j], np.exp2((pairs - coins[i] - coins[j]).astype(float)), 0.0)
    same = np.where(pairs > 0, 0.0, both)
    return _Chances(a=one, b=one, aa=same, bb=same, ab=both, ba=both)
