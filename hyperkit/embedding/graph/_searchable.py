"""A table as a search by matrix products takes it: float32, around its mean, in its own unit of length.

In: a table of float64, float32 or sparse rows. Out: one that is no larger than its half in float64. Around the mean,
since far from the origin ``|x|^2 - 2xy + |y|^2`` has no digit of a distance left; in units of the largest coordinate,
since squares of float32 leave its range long before those of float64 do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from ._feature_rows import Float, Table, blocks, dense_rows


@dataclass(frozen=True, eq=False)
class Searchable:
    """A table `X` and what is searched instead: itself, if it is sparse or float32, else ``(X - shift) / scale``."""

    X: Table
    shift: Float | None
    scale: float

    @classmethod
    def of(cls, X: Table, *, centred: bool = False) -> Searchable:
        """Make it; a float32 table is taken as it is unless it is to be around its mean."""
        if issparse(X) or (X.dtype == np.float32 and not centred):
            return cls(X, None, 1.0)
        shift = mean_row(X)
        scale = max(float(np.abs(dense_rows(X, part) - shift).max()) for part in blocks(*X.shape)) or 1.0
        return cls(X, shift, scale)

    @cached_property
    def table(self) -> Table:
        """All of it: of a dense table that was float64 a copy in float32."""
        return self.rows(self.X)

    def rows(self, Q: Table) -> Table:
        """Rows of `X`, or of another table, as they are searched: sparse or C-contiguous float32."""
        if issparse(self.X):
            return Q
        if self.shift is None:
            return np.ascontiguousarray(Q, dtype=np.float32)
        rows = np.empty(Q.shape, dtype=np.float32)
        for part in blocks(*Q.shape):
            rows[part] = (dense_rows(Q, part) - self.shift) / self.scale
        return rows

    def gathered(self, places: NDArray[np.integer]) -> Table:
        """These rows of `X` as they are searched, without a copy of them as they were."""
        if issparse(self.X):
            return self.X[places]
        table = np.empty((len(places), self.X.shape[1]), dtype=np.float32)
        for part in blocks(*table.shape):
            table[part] = self.rows(self.X[places[part]])
        return table

    def coordinates(self, rows: NDArray[np.integer]) -> Float:
        """Rows of `X` around its mean and in its unit, dense and in float64."""
        return np.asarray((dense_rows(self.X, rows) - (0.0 if self.shift is None else self.shift)) / self.scale)

    def squares(self, lengths: Float) -> Float:
        """Squares of lengths, as the search compares them."""
        return np.asarray((lengths / self.scale) ** 2)


def mean_row(X: Table) -> Float:
    """Mean of the rows of a dense table, summed as differences from the first: a sum of far columns may overflow."""
    first = dense_rows(X, slice(0, 1))[0]
    total = np.zeros_like(first)
    for part in blocks(*X.shape):
        total += (dense_rows(X, part) - first).sum(axis=0)
    return np.asarray(first + total / X.shape[0])
