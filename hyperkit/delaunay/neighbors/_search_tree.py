"""The k-d tree that `kernels.search_tree` searches, and whether it is worth its while."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import KDTree

from ...models import BallPoints
from .kernels.search_tree import nearest_rows

_LEAF_SIZE = 8  # of 4 to 40 the fastest for 10 neighbours of 1e5 points in the plane, and in space
# A scan for fewer queries takes less time than to build the tree, of fewer points than to choose.
_FEW, _MANY = 250, 1000
# The sample takes .3 to 1.5 ms, about one tenth of a scan of 1500 points.
_LOOKED_AT, _ASKED, _NEAREST = 512, 16, 10


class SearchTree(NamedTuple):
    """A k-d tree as the kernels take it; node t has the children 2 t + 1 and 2 t + 2."""

    z: NDArray[np.float64]
    """Poincaré coordinates, all times one power of two."""
    gap: NDArray[np.float64]
    order: NDArray[np.int64]
    """Rows, those of a node next to each other."""
    stretches: NDArray[np.int64]
    """Start and end in `order`, shape (nodes, 2)."""
    low: NDArray[np.float64]
    """Corner of the box about the points of a node, shape (nodes, d)."""
    high: NDArray[np.float64]
    largest: NDArray[np.float64]
    """Largest gap in a node, shape (nodes,)."""
    lowest: NDArray[np.int64]
    """Lowest row in a node."""


def search_tree(points: BallPoints) -> SearchTree:
    """K-d tree over `points`, as :func:`scaled` gives them, in O(n log n)."""
    z, gap = points.z, points.gap
    _, order, nodes, (low, high) = KDTree(z, leaf_size=_LEAF_SIZE).get_arrays()
    order = np.array(order, dtype=np.int64)
    stretches = np.column_stack([nodes["idx_start"], nodes["idx_end"]]).astype(np.int64)
    largest, lowest = np.empty(len(nodes)), np.empty(len(nodes), dtype=np.int64)
    along = gap[order]
    # The tree is perfect: the nodes of a level share out the rows.
    for depth in range(len(nodes).bit_length()):
        level = slice(2**depth - 1, 2 ** (depth + 1) - 1)
        largest[level] = np.maximum.reduceat(along, stretches[level, 0])
        lowest[level] = np.minimum.reduceat(order, stretches[level, 0])
    return SearchTree(z, gap, order, stretches, np.array(low), np.array(high), largest, lowest)


def scale_exponent(z: NDArray[np.float64]) -> int:
    """The power of two that the largest coordinate reaches."""
    return int(np.frexp(np.abs(z).max(initial=0.0))[1])


def scaled(points: BallPoints, exponent: int) -> BallPoints:
    """Points divided by a power of two, as kernels take them: squares of differences of tiny sets would underflow."""
    return BallPoints(np.ascontiguousarray(np.ldexp(points.z, -exponent)), np.ascontiguousarray(points.gap))


def prunes(points: BallPoints, queries: BallPoints) -> bool:
    """Whether a search of the tree, made for these queries, takes less time than a scan of all points.

    Up to space it does. Above it depends on the points more than on their dimension: so some of them are searched for
    among others, and a search that has looked at 12 % or less (a surface), 22 % (a solid), 50 % (five dimensions) or
    all of them (twelve, and more) takes less than the scan from 1,200, 2,300, 16,000 points on, or never.
    """
    n = len(points)
    if len(queries) < min(n, _FEW):  # the tree alone takes more
        return False
    if points.d <= 3:
        return True
    if n < _MANY:
        return False
    few = points.take(np.linspace(0, n - 1, _LOOKED_AT).astype(np.int64))
    asked = np.linspace(0, _LOOKED_AT - 1, _ASKED).astype(np.int64)
    _, _, looked = nearest_rows(*search_tree(few), few.z[asked], few.gap[asked], asked, _NEAREST)
    return bool(looked < min(0.1 * np.log2(n / 500), 0.75) * _LOOKED_AT * _ASKED)
