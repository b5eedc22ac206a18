"""The similarity that chance gives: the share of edges A-B over all relabellings of the rows.

Where no rows coincide it is the mean of the count A-B over the number of edges, which is the same in all labellings.
Where rows coincide both numbers of `graph._members` depend on the labels, and it is the ratio of their means: members
at two neighbouring points are joined if their rows are not all of one set, and so are the two at a shared point. Where
whole groups are relabelled, the groups at a point count and not its rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.special import gammaln

from .._groups import Groups
from ..graph import Float, Int, RowGraph, share
from ._nulls import pair_labels


class _Chances(NamedTuple):
    """Chances that all rows at a point, or at both ends of an edge, have certain labels."""

    a: Float
    b: Float
    aa: Float
    bb: Float
    ab: Float
    ba: Float


def expected_similarity(rows: RowGraph, paired: bool, kept: float, groups: Groups | None = None) -> float:
    """Ratio of the mean counts of members, for sets with rows that coincide, or of which whole `groups` are relabelled.

    `kept` is the share of the points whose own edge A-B is counted. Time O(n + E).
    """
    if groups is not None:
        all_ = _chances_of_groups(rows, groups)
    else:
        all_ = _chances_of_swaps(rows) if paired else _chances(rows)
    i, j = rows.edges.T
    between = 2 - all_.a[i] - all_.b[j] - all_.b[i] - all_.a[j] + all_.ab + all_.ba
    within = 2 - all_.b[i] - all_.b[j] - all_.a[i] - all_.a[j] + all_.aa + all_.bb
    shared = np.where(rows.sizes > 1, 1 - all_.a - all_.b, 0.0)
    n_ab = float(between.sum() + kept * shared.sum())
    n_edges = n_ab + float(within.sum())
    return float(share(n_ab, n_edges))


def _chances(rows: RowGraph) -> _Chances:
    """Over all labellings with as many rows in A and in B."""
    sizes = rows.sizes
    return _chances_of_choices(rows.in_b, rows.edges, sizes, sizes[rows.edges].sum(axis=1))


def _chances_of_choices(in_b: NDArray[np.bool_], edges: Int, at: Int, both: Int) -> _Chances:
    """Over all choices of as many for B: ratios of falling factorials.

    There are `at` rows or groups at each point, and `both` at the two ends of an edge; those at both ends count once.
    """
    n_b = int(np.count_nonzero(in_b))
    n_a = len(in_b) - n_b

    def falling(n: int, k: NDArray[np.int64]) -> Float:
        """Logarithm of n (n - 1) ... (n - k + 1)."""
        return np.where(k > n, -np.inf, gammaln(n + 1) - gammaln(np.maximum(n - k, 0) + 1))

    def chance(in_a: NDArray[np.int64], in_b: NDArray[np.int64]) -> Float:
        return np.exp(falling(n_a, in_a) + falling(n_b, in_b) - falling(n_a + n_b, in_a + in_b))

    none, neither = np.zeros_like(at), np.zeros_like(both)
    i, j = at[edges].T
    apart = i + j == both  # else what is at both ends has one label, and not two
    one, other = np.where(apart, i, 0), np.where(apart, j, 0)
    return _Chances(
        a=chance(at, none),
        b=chance(none, at),
        aa=chance(both, neither),
        bb=chance(neither, both),
        ab=apart * chance(one, other),
        ba=apart * chance(other, one),
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


def _chances_of_groups(rows: RowGraph, groups: Groups) -> _Chances:
    """Over all labellings of whole groups: what counts at a point is which groups have rows there."""
    shape = len(rows.sizes), len(groups.in_b)
    there = coo_array((np.ones(len(rows.points), dtype=bool), (rows.points, groups.of_rows)), shape=shape).tocsr()
    there = there.astype(np.int64)  # ones, however many rows a group has at a point
    if not groups.paired:
        at = there.sum(axis=1)
        return _chances_of_choices(groups.in_b, rows.edges, at, at[rows.edges].sum(axis=1) - _common(there, rows.edges))
    k = shape[1] // 2
    of_a, of_b = there[:, :k], there[:, k:]
    coins, signs = of_a.maximum(of_b), of_a - of_b
    possible = of_a.multiply(of_b).sum(axis=1) == 0  # a group with rows of both kinds at a point gives it both labels
    thrown, common, alike = coins.sum(axis=1), _common(coins, rows.edges), _common(signs, rows.edges)
    i, j = rows.edges.T
    one = np.where(possible, np.exp2(-thrown.astype(float)), 0.0)
    both = np.where(possible[i] & possible[j], np.exp2((common - thrown[i] - thrown[j]).astype(float)), 0.0)
    same, other = np.where(alike == common, both, 0.0), np.where(alike == -common, both, 0.0)
    return _Chances(a=one, b=one, aa=same, bb=same, ab=other, ba=other)


def _common(at_points: csr_array, edges: Int) -> Int:
    """Sum of the products of what is at the two ends of each edge."""
    i, j = edges.T
    return np.asarray(at_points[i].multiply(at_points[j]).sum(axis=1))
