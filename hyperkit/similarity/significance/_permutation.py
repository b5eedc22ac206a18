"""p-values by drawing labels: the same graph, many labellings at once.

A block of labellings is one matrix, the rows in B at each point, and the counts of all of them come from one product of
the sparse matrix of the edges with it. Blocks have seeds of their own, so that the result does not depend on
how many jobs share them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.utils.parallel import delayed

from ..._jobs import run
from ..graph import Counts, Int, Null, RowGraph
from ._labellings import Labellings, random_labellings


class PermutationPValues(NamedTuple):
    """Share of the labellings, the observed one among them, that are as extreme as it."""

    one_sided: float
    two_sided: float
    generalized: float


def permutation_p_values(
    rows: RowGraph,
    paired: bool,
    null: Null,
    counts: Counts,
    n_permutations: int,
    *,
    random_state: int | RandomState | None,
    n_jobs: int | None,
    verbose: bool,
) -> PermutationPValues:
    """p-values from `n_permutations` labellings, free ones or swaps inside pairs of rows i and n / 2 + i.

    Time O(n_permutations (n + E)).
    """
    drawn = drawn_counts(rows, paired, n_permutations, random_state, n_jobs, verbose)
    kinds, times = np.unique(drawn, axis=0, return_counts=True)
    low, high = null.tails(counts.ab)
    statistic = null.generalized(counts)
    as_extreme = [
        (kind.ab <= counts.ab, not low < kind.ab < high, null.generalized(kind) >= statistic)
        for kind in map(Counts._make, kinds.tolist())
    ]
    return PermutationPValues(*((1 + times @ np.array(as_extreme)) / (1 + n_permutations)).tolist())


def drawn_counts(
    rows: RowGraph,
    paired: bool,
    n_permutations: int,
    random_state: int | RandomState | None,
    n_jobs: int | None,
    verbose: bool,
) -> Int:
    """Counts aa, bb and ab of random labellings, shape (n_permutations, 3)."""
    adjacency = rows.adjacency().astype(np.float32)
    labellings = random_labellings(rows.in_b, paired, n_permutations, random_state)
    count = delayed(_count_block)
    tasks = [count(rows, adjacency, labellings, *block) for block in labellings.blocks()]
    found = run(tasks, n_jobs, verbose, "permuting labels")
    return np.concatenate(found)


def _count_block(rows: RowGraph, adjacency: csr_array, labellings: Labellings, number: int, size: int) -> Int:
    """Counts aa, bb and ab of the labellings of a block, shape (size, 3)."""
    in_b = at_points(rows, labellings.block(number, size).astype(np.float32))
    bb = np.einsum("np,np->p", in_b, adjacency @ in_b, dtype=np.float64)
    bb += np.einsum("np,np->p", in_b, in_b - 1, dtype=np.float64) / 2  # between rows at one point
    at_b = np.einsum("n,np->p", rows.degrees, in_b, dtype=np.float64)
    ab = at_b - 2 * bb
    counts = np.column_stack([rows.n_edges - bb - ab, bb, ab])
    return np.rint(counts).astype(np.int64)


def at_points(rows: RowGraph, labels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows in B at each point, a column a labelling."""
    n = len(rows.points)
    n_points = int(rows.points.max()) + 1
    if n_points == n:
        return labels
    at = csr_array((np.ones(n, dtype=np.float32), (rows.points, np.arange(n))), shape=(n_points, n))
    return np.asarray(at @ labels)
