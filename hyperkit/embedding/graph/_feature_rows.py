"""Rows of a table of features, dense (in memory or mapped from a file) or sparse, a block at a time.

In: a table that has been checked. Out: some of its rows as dense arrays, the lengths of differences of pairs of rows,
and which rows repeat earlier ones. The one idea: whatever looks at the whole table takes a block of rows, makes
float64 of it and lets it go, so that a float32, a sparse and a memory-mapped table are never copied as float64.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse

Float = NDArray[np.float64]
Rows = NDArray[np.integer]
Table = Any  # ndarray of float32 or float64, or CSR of such

# Entries of a block: 2 MiB of float64, which stay in the cache of most machines.
_BLOCK = 2**18


def blocks(n_rows: int, entries_each: int, entries: int = _BLOCK) -> Iterator[slice]:
    """Slices of `n_rows` rows, as many at a time as have some `entries` together, at least one."""
    size = max(1, entries // max(1, entries_each))
    for begin in range(0, n_rows, size):
        yield slice(begin, min(begin + size, n_rows))


def dense_rows(X: Table, rows: Rows | slice, dtype: type = np.float64) -> NDArray[Any]:
    """Those rows of `X` as a dense array, a copy or, if it is of this dtype and `rows` a slice, a view."""
    part = X[rows]
    return np.asarray(part.toarray() if issparse(part) else part, dtype=dtype)


def canonical(X: Table) -> Table:
    """`X`, if it is dense; else a CSR array with its entries in order, each column once a row and no stored zeros."""
    if not issparse(X):
        return X
    X = csr_array(X)
    if not X.has_canonical_format or not X.data.all():
        X = X.copy()
        X.sum_duplicates()
        X.eliminate_zeros()
    return X


def squared_norms(rows: Table, dtype: type | None = None) -> NDArray[Any]:
    """Sum of squares of each row, in the dtype of the table or in another, without a copy of a dense table."""
    if issparse(rows):
        rows = rows if dtype is None else rows.astype(dtype)
        return np.asarray(rows.multiply(rows).sum(axis=1))
    return np.asarray(np.einsum("ij,ij->i", rows, rows, dtype=dtype))


def pair_lengths(A: Table, rows: Rows, B: Table, others: Rows) -> Float:
    """Euclidean lengths of ``A[rows] - B[others]``, pair for pair, from differences of coordinates in float64."""
    lengths = np.empty(len(rows))
    width = max(1, A.nnz // A.shape[0] + 1) if issparse(A) else A.shape[1]
    for part in blocks(len(rows), width):
        if issparse(A):
            difference = A[rows[part]].astype(np.float64) - B[others[part]].astype(np.float64)
            lengths[part] = difference.multiply(difference).sum(axis=1)
        else:
            near = A[rows[part]].astype(np.float64)
            near -= B[others[part]]
            lengths[part] = np.einsum("ij,ij->i", near, near)
    return np.sqrt(lengths, out=lengths)


def distinct_rows(X: Table) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of `X` that repeat no earlier row, ascending (m,), and for each row its place among them (n,).

    Rows are compared where their hashes agree only: sorting 100,000 rows of 50 numbers takes `numpy.unique` 1.2 s.
    """
    X = canonical(X)
    hashes = _row_hashes(X)
    _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    repeated = np.flatnonzero(first[inverse] != np.arange(X.shape[0]))
    if not _equal_pairs(X, repeated, first[inverse[repeated]]):  # two rows with one hash: one in 2^64 pairs
        _, first, inverse = np.unique(dense_rows(X, slice(None)), axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order], rank[inverse.reshape(-1)]


def places_among(Q: Table, X: Table) -> NDArray[np.intp]:
    """Which of the distinct rows of `X` each row of `Q` is equal to, or -1 (m,)."""
    Q, X = canonical(Q), canonical(X)
    of_x, of_q = _row_hashes(X), _row_hashes(Q)
    order = np.argsort(of_x, kind="stable")
    place = order[np.minimum(np.searchsorted(of_x[order], of_q), len(order) - 1)]
    seems = np.flatnonzero(of_x[place] == of_q)
    places = np.full(Q.shape[0], -1, dtype=np.intp)
    same = seems[pair_lengths(Q, seems, X, place[seems]) == 0]
    places[same] = place[same]
    return places


def _row_hashes(X: Table) -> NDArray[np.uint64]:
    """One number for each row: the bits of its entries, times one odd number a column, mixed and summed mod 2^64."""
    odd = np.random.default_rng(0).integers(0, 2**63, X.shape[1], dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    hashes = np.zeros(X.shape[0], dtype=np.uint64)
    if issparse(X):
        filled = np.flatnonzero(np.diff(X.indptr))
        if len(filled):
            hashes[filled] = np.add.reduceat(_mixed(X.data, odd[X.indices]), X.indptr[filled])
        return hashes
    for part in blocks(*X.shape):
        hashes[part] = _mixed(X[part], odd).sum(axis=1, dtype=np.uint64)
    return hashes


def _mixed(values: NDArray[Any], odd: NDArray[np.uint64]) -> NDArray[np.uint64]:
    bits = (values.astype(np.float64) + 0.0).view(np.uint64)  # -0.0 becomes 0.0, which it equals
    bits *= odd
    # High bits decide low ones too: the low bits of round numbers are all 0.
    bits ^= bits >> np.uint64(32)
    bits *= odd
    return bits


def _equal_pairs(X: Table, rows: Rows, others: Rows) -> bool:
    if issparse(X):
        return (X[rows] != X[others]).nnz == 0
    return all(np.array_equal(X[rows[part]], X[others[part]]) for part in blocks(len(rows), X.shape[1]))
