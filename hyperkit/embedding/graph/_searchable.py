"""A table as a search by matrix products takes it: float32, around its mean, in its own unit of length.

In: a table of float64, float32 or sparse rows. Out: one that is no larger than its half in float64. Around the mean,
since far from the origin ``|x|^2 - 2xy + |y|^2`` has no digit of a distance left; in units of the largest coordinate,
since squares of float32 leave its range long before those of float64 do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from ._feature_rows import Float, Table, blocks, dense_rows


@dataclass(frozen=True, eq=False)
class Searchable:
    """A table `X` and what is searched instead: itself, if it is sparse or float32, else ``(X - shift) / scale``."""

    X: Table
    table: Table
    shift: Float | None
    scale: float

    @classmethod
    def of(cls, X: Table) -> Searchable:
        """Make it: a float64 table is copied once, as float32."""
        if issparse(X) or X.dtype == np.float32:
            return cls(X, X, None, 1.0)
        shift = mean_row(X)
        scale = max(float(np.abs(dense_rows(X, part) - shift).max()) for part in blocks(*X.shape)) or 1.0
        return cls(X, centred_float32(X, shift, scale), shift, scale)

    def squares(self, lengths: Float) -> Float:
        """Squares of lengths, as the search compares them."""
        return np.asarray((lengths / self.scale) ** 2)

    def queries(self, Q: Table) -> Table:
        """Rows of another table, as those of this one are."""
        if issparse(self.table):
            return Q
        if self.shift is None:
            return np.ascontiguousarray(Q, dtype=np.float32)
        return centred_float32(Q, self.shift, self.scale)


def mean_row(X: Table) -> Float:
    """Mean of the rows of a dense table, summed as differences from the first: a sum of far columns may overflow."""
    first = dense_rows(X, slice(0, 1))[0]
    total = np.zeros_like(first)
    for part in blocks(*X.shape):
        total += (dense_rows(X, part) - first).sum(axis=0)
    return np.asarray(first + total / X.shape[0])


def centred_float32(X: Table, shift: Float, scale: float) -> NDArray[np.float32]:
    """``(X - shift) / scale``, C-contiguous."""
    table = np.empty(X.shape, dtype=np.float32)
    for part in blocks(*X.shape):
        table[part] = (dense_rows(X, part) - shift) / scale
    return table
