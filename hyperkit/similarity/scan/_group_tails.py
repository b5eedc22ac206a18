"""How far a count in a neighbourhood stands out where whole groups are relabelled.

Rows of one group are in B together, so that a neighbourhood of one group is nothing to wonder at, however many rows it
has, and one where many groups of B and none of A have rows is. Counts are held against each other in standard
deviations, which tell these apart: those under relabelling of groups, with the variance of as many independent rows
added. Without it the smallest neighbourhoods would drown all others, since of many with one row of each of five groups
there is always one whose groups are all of B. No deviation depends on which labels were observed, and so p-values are
exact.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from .._groups import Groups
from ..graph import Int, RowGraph
from ._neighborhoods import Neighborhoods
from ._tails import Tails


def group_tails(rows: RowGraph, kept: NDArray[np.bool_], around: Neighborhoods, sizes: Int, groups: Groups) -> Tails:
    """Tails of the numbers of rows in B, as if these were normal; mean and variance are those under relabelling.

    `sizes` has the rows in each neighbourhood.

    Time O(groups x rows in all neighbourhoods), memory some 50 bytes for each of these rows.
    """
    n_points, m = len(rows.sizes), len(groups.in_b)

    def rows_of(group: int) -> Int:
        return around.sums(np.bincount(rows.points[kept & (groups.of_rows == group)], minlength=n_points))

    if groups.paired:  # half of all rows, and half the difference of each pair more or less
        of, among, unit = 1, 2, 1
        spread = _sum_of_squares(rows_of(group) - rows_of(m // 2 + group) for group in range(m // 2))
    else:  # groups chosen without replacement
        of, among, unit = int(np.count_nonzero(groups.in_b)), m, m - 1
        spread = m * _sum_of_squares(map(rows_of, range(m))) - sizes**2
    scale = of * (among - of) / among**2
    widened = (spread + unit * sizes).ravel()
    starts = (np.cumsum(sizes + 1) - sizes.ravel() - 1).reshape(sizes.shape)
    each = np.repeat(np.arange(sizes.size), sizes.ravel() + 1)
    k = np.arange(len(each)) - starts.ravel()[each]
    # A quotient of whole numbers, so that what is equal has the same bits.
    excess = (among * k - of * sizes.ravel()[each]).astype(np.float64)
    farthest_first, ranks = np.unique(-(excess**2) / widened[each], return_inverse=True)
    logarithms = norm.logsf(np.sqrt(-farthest_first * unit / (scale * among**2)))[ranks]
    mean, variance = np.multiply(sizes, of / among), np.multiply(spread, scale / unit)
    return Tails(mean, variance, starts, logarithms, ranks.astype(np.int32))


def _sum_of_squares(numbers: Iterable[Int]) -> Int:
    return reduce(np.add, (each**2 for each in numbers))
