"""What users give to `HyperbolicMDS`, checked: tables of features, graphs, matrices; of fitted and of new rows.

Dense tables of float32 and float64 are taken as they are, memory-mapped ones too: no check makes a copy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array, issparse
from sklearn.base import BaseEstimator

from .._base import validated_table
from ..models import check_table

# Rows that are looked at together: 2 MB of 50 features.
_ROWS_AT_ONCE = 4096
# Farthest new row, in units of the spread of the fitted ones: neighbours are looked for in float32, which ends at 3e38.
_FARTHEST = 1e30


def checked_features(estimator: BaseEstimator, X: Any, *, reset: bool) -> Any:
    """Finite features: an array of float32 or float64, or such an array in compressed sparse rows."""
    table: Any = validated_table(estimator, X, reset=reset, sparse=True)
    if table.dtype not in (np.float32, np.float64):
        table = table.astype(np.float64)
    for begin in range(0, table.shape[0], _ROWS_AT_ONCE):
        some = table[begin : begin + _ROWS_AT_ONCE]
        if not np.isfinite(some.data if issparse(some) else some).all():
            dense = some.toarray() if issparse(some) else some
            row, column = np.argwhere(~np.isfinite(dense))[0]
            name = f" ({estimator.feature_names_in_[column]!r})" if hasattr(estimator, "feature_names_in_") else ""
            raise ValueError(
                f"X: row {begin + row} is not finite: column {column}{name} is {dense[row, column]}. NaN or inf have "
                "no place; drop or repair the row"
            )
    return table


def checked_matrix(estimator: BaseEstimator, X: Any, *, reset: bool) -> Any:
    """A dense matrix of real numbers; new rows may have as many columns as there are landmarks."""
    if reset:
        return validated_table(estimator, X, reset=True)
    check_table(X)
    table = np.asarray(X)
    if table.ndim != 2 or len(table) == 0 or table.dtype.kind not in "biuf":
        raise ValueError(f"X has shape {table.shape} and dtype {table.dtype}; give one row of distances a new object")
    return table


def checked_new_edges(X: Any, n: int) -> csr_array:
    """Sparse distances of new objects, each to some of the `n` fitted ones."""
    if not issparse(X) or X.ndim != 2 or X.shape[1] != n or X.shape[0] == 0:
        raise ValueError(
            f"X must be a sparse array with {n} columns and at least one row, the distances of each new object to some "
            "of the fitted ones"
        )
    if X.dtype.kind not in "biuf":
        raise TypeError(f"X has dtype {X.dtype}; convert it to real numbers first")
    edges = csr_array(X).astype(np.float64)
    bad = np.flatnonzero(~(np.isfinite(edges.data) & (edges.data >= 0)))
    rows = np.repeat(np.arange(edges.shape[0]), np.diff(edges.indptr))
    if len(bad):
        raise ValueError(f"X: row {rows[bad[0]]} holds {edges.data[bad[0]]:.6g}; distances are finite and not negative")
    lonely = np.flatnonzero(np.diff(edges.indptr) == 0)
    if len(lonely):
        raise ValueError(f"X: row {lonely[0]} names no fitted object; give its distance to one at least")
    return edges


def spread(table: Any) -> float:
    """Largest difference in a column."""
    if issparse(table):
        return float((table.max(axis=0) - table.min(axis=0)).max())
    return float((table.max(axis=0).astype(np.float64) - table.min(axis=0)).max())


def check_reach(X: Any, table: Any) -> None:
    """Raise ValueError if a row of `X` is so far from those of `table` that both cannot be measured in one unit."""
    limit = min((spread(table) or 1.0) * _FARTHEST, 1e37 if table.dtype == np.float32 else 1e150)
    reach = abs(X).max(axis=1).toarray().ravel() if issparse(X) else np.abs(X - table[0].astype(np.float64)).max(axis=1)
    bad = np.flatnonzero(reach > limit)
    if len(bad):
        raise ValueError(
            f"X: row {bad[0]} is {reach[bad[0]]:.6g} from the first fitted row, which is no more than "
            f"{spread(table):.6g} from any other; nothing beyond {limit:.6g} can be placed. Is it in the same units?"
        )
