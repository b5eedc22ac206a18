"""Edges between groups of rows: the small matrix that a test of whole groups is counted on.

However many rows there are, a labelling of whole groups has counts that are sums over the entries of this matrix.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array, diags_array

from ._members import Int
from ._rows import RowGraph


def edges_between_groups(rows: RowGraph, of_rows: Int) -> csr_array:
    """Edges of the rows of each group with those of each other, symmetric; on the diagonal twice those within.

    ``of_rows`` is the group of each row, 0 to m - 1. Time and memory O(n + E).
    """
    n_points = len(rows.sizes)
    ones = np.ones(len(of_rows), dtype=np.int64)
    at = coo_array((ones, (rows.points, of_rows)), shape=(n_points, int(of_rows.max()) + 1)).tocsr()
    along = at.T @ (rows.adjacency() @ at)
    # Rows at one point are joined, but none to itself.
    return (along + along.T + at.T @ at - diags_array(np.bincount(of_rows), dtype=np.int64)).tocsr()
