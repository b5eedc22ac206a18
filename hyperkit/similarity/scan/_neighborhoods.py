"""The neighbourhoods that a scan looks at: around each point, the rows within one step of the graph, two, and so on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from ..._warn import warn_caller
from ..graph import Int, RowGraph, Shells, shells

# Entries of 4 bytes: 1 GiB. A million points of the plane have a tenth of them within three steps.
_MOST_ENTRIES = 2**28
_SOURCES = 200


class Neighborhoods(NamedTuple):
    """Closed neighbourhoods of several scales around points, each in the next."""

    centers: Int
    """The points they are around."""
    shells: Shells
    """The other points in them."""

    def sums(self, at_points: Int) -> Int:
        """Sums of a number at each point over the neighbourhoods, shape (centers, scales)."""
        heads, ends = self.shells
        upto = np.concatenate([[0], np.cumsum(at_points[heads])])
        return at_points[self.centers, None] + upto[ends[:, 1:]] - upto[ends[:, :1]]

    def count_pairs(self, one: Int, other: Int, n_points: int) -> tuple[Int, Int]:
        """Pairs of rows at points `one` and `other` with one row in a neighbourhood, and those with both."""
        k = len(one)
        ones = np.ones(2 * k, dtype=np.int32)
        pairs = csr_array((ones, (np.r_[one, other], np.tile(np.arange(k), 2))), shape=(n_points, k))
        inside = [self._matrix(scale, n_points) @ pairs for scale in range(self.shells.ends.shape[1] - 1)]
        numbers = np.array([[np.diff((rows == n).tocsr().indptr) for n in (1, 2)] for rows in inside])
        singles, both = numbers.transpose(1, 2, 0).astype(np.int64)
        return singles, both

    def _matrix(self, scale: int, n_points: int) -> csr_array:
        """Ones where a point is in a neighbourhood."""
        heads, ends = self.shells
        sizes = ends[:, scale + 1] - ends[:, 0]
        start = np.concatenate([[0], np.cumsum(sizes + 1)])
        members = np.empty(start[-1], dtype=np.int32)
        own = np.zeros(len(members), dtype=bool)
        own[start[:-1]] = True
        members[own] = self.centers
        members[~own] = heads[np.arange(sizes.sum()) + np.repeat(ends[:, 0] - (np.cumsum(sizes) - sizes), sizes)]
        return csr_array((np.ones(len(members), dtype=np.int32), members, start), shape=(len(sizes), n_points))


def neighborhoods(rows: RowGraph, hops: int) -> Neighborhoods:
    """Neighbourhoods of 1 to `hops` steps around all points, or of fewer, with a warning, if memory has no room."""
    n = len(rows.sizes)
    return Neighborhoods(np.arange(n), shells(rows.edges, n, _steps_that_fit(rows, hops)))


def _steps_that_fit(rows: RowGraph, hops: int) -> int:
    """Steps, `hops` at most, whose neighbourhoods have no more points than memory has room for: by a sample of them."""
    upper = rows.adjacency()
    n = upper.shape[0]
    joined = (upper + upper.T).tocsr()
    sources = np.unique(np.linspace(0, n - 1, min(n, _SOURCES)).astype(np.int64))
    within = joined[sources]
    for step in range(2, hops + 1):
        before, within = within.nnz, (within + within @ joined).tocsr()
        within.data[:] = 1
        entries = within.nnz * n / len(sources)
        if entries > _MOST_ENTRIES:
            warn_caller(
                f"the scan stops at {step - 1} of {hops} steps: neighbourhoods of {step} steps around {n:,} points "
                f"would hold {entries:.2g}, each of 4 bytes"
            )
            return step - 1
        if within.nnz == before:
            break
    return hops
