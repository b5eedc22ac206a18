"""Nearest rows by Euclidean distance, exactly: the search in float32, and what it could have lost.

In: a table and rows to search for. Out: for each of these its nearest rows and their distances. A search by
``|x|^2 - 2xy + |y|^2`` is as fast as a matrix product and cannot tell apart what rounding has made equal; so it
names a few candidates more than are wanted, these are measured by differences of coordinates in float64, and where
rounding could have kept a nearer row out, all rows within reach are measured.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.parallel import delayed

from ..._jobs import one_thread, run
from ._feature_rows import Float, Table, blocks, dense_rows, pair_lengths, squared_norms
from ._searchable import Searchable

Lists = tuple[Float, NDArray[np.int32]]

# Candidates beyond those wanted. Of 20,000 rows of a branching diffusion none had to be searched twice.
SPARE = 5
# Rows searched for at a time, which are one task: a fixed number, so that no result depends on the number of jobs.
_TASK = 2048
# Of a sparse table fewer: 32 MiB of float64. Of those searched again fewer still, as all rows may be within reach.
_ENTRIES, _AGAIN = 2**22, 64
_FLOAT32, _FLOAT64 = float(np.finfo(np.float32).eps), float(np.finfo(np.float64).eps)


def exact_lists(X: Table, n_neighbors: int, Q: Table | None, n_jobs: int | None) -> Lists:
    """The `n_neighbors` nearest rows of `X` for each row of `Q`, or for each row of `X` but for itself."""
    searchable = Searchable.of(X)
    n_candidates = min(n_neighbors + (Q is None) + SPARE, X.shape[0])
    index = None if issparse(X) else NearestNeighbors(n_neighbors=n_candidates, algorithm="brute").fit(searchable.table)
    n_queries = (X if Q is None else Q).shape[0]

    def search(begin: int) -> Lists:
        rows = np.arange(begin, min(begin + _TASK, n_queries))
        # BLAS and OpenMP too: their threads would share the work in other blocks, and these round otherwise.
        with one_thread():
            return _search(searchable, index, n_candidates, n_neighbors, Q, rows)

    with one_thread():
        found = run([delayed(search)(begin) for begin in range(0, n_queries, _TASK)], n_jobs, False, "Neighbours")
    return np.concatenate([lengths for lengths, _ in found]), np.concatenate([rows for _, rows in found])


def _search(searchable: Searchable, index: Any, n_candidates: int, k: int, Q: Table | None, rows: NDArray) -> Lists:
    """Lists of those `rows` of `Q`, or of the table itself."""
    X = searchable.X
    source, is_self = (X, True) if Q is None else (Q, False)
    block = source[rows[0] : rows[-1] + 1]
    queries = searchable.table[rows[0] : rows[-1] + 1] if is_self else searchable.rows(block)
    if index is None:
        candidates = _sparse_candidates(X, queries, n_candidates)
    else:
        candidates = index.kneighbors(queries, return_distance=False)
    lengths = pair_lengths(source, np.repeat(rows, n_candidates), X, candidates.reshape(-1)).reshape(candidates.shape)
    if is_self:
        lengths[candidates == rows[:, None]] = np.inf
    lengths, nearest = nearest_first(lengths, candidates)
    if n_candidates < X.shape[0]:
        kth, last = lengths[:, k - 1], lengths[:, n_candidates - 1 - is_self]
        unsure = np.flatnonzero(
            searchable.squares(kth) + 2 * _slack(searchable, queries, last) >= searchable.squares(last)
        )
        for part in blocks(len(unsure), 1, _AGAIN):
            again = unsure[part]
            limit = searchable.squares(kth[again]) + _slack(searchable, queries[again], kth[again])
            owners = rows[again]
            lengths[again, :k], nearest[again, :k] = _within(
                searchable, queries[again], limit, k, source, owners, is_self
            )
    return lengths[:, :k], nearest[:, :k]


def nearest_first(lengths: Float, rows: NDArray[np.integer]) -> Lists:
    """Each row of two tables in order of `lengths`, then of `rows`."""
    order = np.lexsort((rows, lengths), axis=1)
    return np.take_along_axis(lengths, order, axis=1), np.take_along_axis(rows, order, axis=1).astype(np.int32)


def _slack(searchable: Searchable, queries: Table, lengths: Float) -> Float:
    """How far rounding may move the squares that the search compares, for rows at `lengths` from the `queries`.

    A row of float32 is off by eps / 2 of its length, a product of m terms in float64 by m eps |x| |y|; and |y| is at
    most |x| and the length together.
    """
    apart = lengths / searchable.scale
    sizes = 2 * np.sqrt(squared_norms(queries, np.float64)) + apart
    moved = _FLOAT32 * sizes
    return np.asarray(2 * apart * moved + moved**2 + (queries.shape[1] + 8) * _FLOAT64 * sizes**2)


def _squared_distances(table: Table, queries: Table, part: slice) -> Float:
    """``|x|^2 - 2xy + |y|^2`` of each of the `queries` and the rows `part` of the table, in float64."""
    dense = dense_rows(queries, slice(None))
    rows = table[part].astype(np.float64)
    products = (rows @ dense.T).T
    return np.asarray(squared_norms(queries, np.float64)[:, None] - 2 * products + squared_norms(rows))


def _sparse_candidates(X: Table, queries: Table, n_candidates: int) -> NDArray[np.intp]:
    """Rows of `X` that seem nearest to each of the `queries`; scikit-learn's takes a product of the numbers stored."""
    candidates = np.empty((queries.shape[0], n_candidates), dtype=np.intp)
    for some in blocks(queries.shape[0], max(X.shape), _ENTRIES):
        squares = np.empty((some.stop - some.start, X.shape[0]))
        for part in blocks(X.shape[0], X.nnz // X.shape[0] + 1):
            squares[:, part] = _squared_distances(X, queries[some], part)
        candidates[some] = np.argpartition(squares, n_candidates - 1, axis=1)[:, :n_candidates]
    return candidates


def _within(
    searchable: Searchable, queries: Table, limit: Float, k: int, source: Table, owners: NDArray, is_self: bool
) -> Lists:
    """The `k` nearest rows of each of the `queries`, rows `owners` of `source`, among those seen within the `limit`."""
    pairs = []
    for part in blocks(searchable.X.shape[0], max(queries.shape)):
        seen = _squared_distances(searchable.table, queries, part) <= limit[:, None]
        q, near = np.nonzero(seen)
        near += part.start
        pairs.append(np.column_stack([q, near])[~(is_self & (near == owners[q]))])
    q, near = np.concatenate(pairs).T
    lengths = pair_lengths(source, owners[q], searchable.X, near)
    order = np.lexsort((near, lengths, q))
    first = np.searchsorted(q[order], np.arange(queries.shape[0]))
    chosen = order[first[:, None] + np.arange(k)]
    return lengths[chosen], near[chosen].astype(np.int32)
