"""The nearest rows of each row, exactly or, of many rows, nearly so."""

from __future__ import annotations

from ..._validation import check_count, check_n_jobs
from ._cell_lists import lists_by_cells
from ._exact import Lists, exact_lists
from ._feature_rows import Table, canonical

# Up to here lists are exact: 50,000 rows of 50 numbers take 8 s of one core, and the time grows as the square.
MOST_EXACT = 50_000


def neighbor_lists(X: Table, n_neighbors: int, *, queries: Table | None = None, n_jobs: int | None = None) -> Lists:
    """Nearest rows by Euclidean distance.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n, n_features), float32 or float64
        Finite, and not changed. What is kept of it beside itself is a float32 copy, if it is dense.
    n_neighbors : int
        From 1 to n - 1, or to n if `queries` are given.
    queries : like X, of shape (m, n_features), optional
        Rows to find the neighbours of; None: those of `X`, none of which is its own neighbour. Copies of a row are.
    n_jobs : int, optional
        Threads, as joblib counts them; the bits of the result do not depend on it.

    Returns
    -------
    lengths : ndarray of shape (m, n_neighbors), float64
        Ascending; from differences of coordinates, right to the last digits.
    rows : ndarray of shape (m, n_neighbors), int32
        Of equally near rows the earlier comes first.

    Notes
    -----
    Exact for `queries`, so that one row at a time gives what many at once give, and for up to 50,000 rows: brute force
    by scikit-learn, and all rows again that rounding could have put in a wrong order. Above, by cells (`_cell_lists`):
    999 in 1000 neighbours are found, as a sample of rows says whose neighbours are found exactly.
    """
    X = canonical(X)
    check_n_jobs(n_jobs)
    check_count("n_neighbors", n_neighbors, 1, X.shape[0] - (queries is None))
    if queries is None and X.shape[0] > MOST_EXACT:
        return lists_by_cells(X, n_neighbors, n_jobs)
    return exact_lists(X, n_neighbors, None if queries is None else canonical(queries), n_jobs)
