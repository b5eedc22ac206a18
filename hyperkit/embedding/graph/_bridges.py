"""The shortest bridges between the parts of a table, without looking at all pairs of rows where most are in one part.

Borůvka's algorithm: each part but the largest finds its nearest row outside, the bridges found are laid from the
shortest on where they join two parts, and so on until one part is left. What a row has found holds until that row is
in its own part, and is a lower bound ever after; so few rows search twice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.utils.parallel import delayed
from threadpoolctl import threadpool_limits

from ..._jobs import run
from ._feature_rows import Float, Table, blocks, dense_rows, pair_lengths, squared_norms
from ._searchable import mean_row

# Rows that search in one task, and rows they are compared with at a time: 8 MiB of float64.
_QUERIES, _OTHERS = 256, 4096


def shortest_bridges(X: Table, part: NDArray[np.integer], *, n_jobs: int | None = None) -> NDArray[np.intp]:
    """Minimum spanning tree of the parts, each pair of parts as far apart as its two nearest rows.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n, n_features)
    part : ndarray of shape (n,), integer
        Part of each row, 0 to n_parts - 1, none empty.
    n_jobs : int, optional
        Threads; the bits of the result do not depend on it.

    Returns
    -------
    ndarray of shape (n_parts - 1, 2)
        The two rows that each bridge joins. O(n m) for m rows outside the largest part, times n_features.
    """
    n_parts = int(part.max()) + 1
    shift = np.zeros(X.shape[1]) if issparse(X) else mean_row(X)
    joined = np.arange(n_parts)  # the part that stands for those it has been joined with
    outside, length = np.full(len(part), -1), np.zeros(len(part))
    bridges: list[tuple[int, int]] = []
    while len(bridges) < n_parts - 1:
        group = joined[part]
        searching = np.flatnonzero(group != np.bincount(group).argmax())
        known = (outside[searching] >= 0) & (group[outside[searching]] != group[searching])
        best = np.full(n_parts, np.inf)
        np.minimum.at(best, group[searching[known]], length[searching[known]])
        again = searching[~known & (length[searching] < best[group[searching]])]
        outside[again] = _nearest_outside(X, shift, again, group, n_jobs)
        length[again] = pair_lengths(X, again, X, outside[again])
        known |= np.isin(searching, again, assume_unique=True)
        bridges += _laid(searching[known], outside, length, part, joined)
    return np.array(bridges, dtype=np.intp).reshape(-1, 2)


def _laid(
    rows: NDArray[np.intp],
    outside: NDArray[np.intp],
    length: Float,
    part: NDArray[np.integer],
    joined: NDArray[np.intp],
) -> list[tuple[int, int]]:
    """Lay each group's shortest bridge, from the shortest on, where it joins two groups; `joined` follows."""
    group = joined[part[rows]]
    order = rows[np.lexsort((rows, length[rows], group))]
    _, first = np.unique(joined[part[order]], return_index=True)
    shortest = order[first]
    laid = []
    for row in shortest[np.lexsort((shortest, length[shortest]))]:
        a, b = joined[part[row]], joined[part[outside[row]]]
        if a != b:
            joined[joined == a] = b
            laid.append((int(row), int(outside[row])))
    return laid


def _nearest_outside(
    X: Table, shift: Float, rows: NDArray[np.intp], group: NDArray[np.intp], n_jobs: int | None
) -> NDArray[np.intp]:
    """For each of the `rows` the nearest row of another group."""

    def search(some: NDArray[np.intp]) -> NDArray[np.intp]:
        with threadpool_limits(1):
            queries = -2 * (dense_rows(X, some) - shift)
            least, nearest = np.full(len(some), np.inf), np.zeros(len(some), dtype=np.intp)
            for part in blocks(X.shape[0], 1, _OTHERS):
                others = X[part].astype(np.float64) if issparse(X) else dense_rows(X, part) - shift
                squares = (others @ queries.T).T if issparse(X) else queries @ others.T
                squares += squared_norms(others)
                np.copyto(squares, np.inf, where=group[some, None] == group[part])
                place = squares.argmin(axis=1)
                found = squares[np.arange(len(some)), place]
                nearer = found < least
                least[nearer], nearest[nearer] = found[nearer], place[nearer] + part.start
            return nearest

    with threadpool_limits(1):
        tasks = [delayed(search)(rows[some]) for some in blocks(len(rows), 1, _QUERIES)]
        return np.concatenate([np.empty(0, dtype=np.intp), *run(tasks, n_jobs, False, "Bridges")])
