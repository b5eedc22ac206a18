"""p-values by drawing labels: the same graph, many labellings at once.

A block of labellings is one matrix of zeros and ones, a row a member, and the counts of all of them come from one
product of the sparse matrix of the edges with it. Blocks have seeds of their own, so that the result does not depend on
how many jobs share them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from sklearn.utils import check_random_state, gen_batches
from sklearn.utils.parallel import delayed

from .._jobs import run
from ._edge_counts import Counts, Null
from ._members import Int

_BLOCK = 64


class PermutationPValues(NamedTuple):
    """Share of the labellings, the observed one among them, that are as extreme as it."""

    one_sided: float
    two_sided: float
    generalized: float


def permutation_p_values(
    edges: Int,
    in_b: NDArray[np.bool_],
    groups: Int | None,
    null: Null,
    counts: Counts,
    n_permutations: int,
    *,
    random_state: int | RandomState | None,
    n_jobs: int | None,
    verbose: bool,
) -> PermutationPValues:
    """p-values from `n_permutations` labellings, free ones or swaps of whole `groups`.

    Time O(n_permutations (n + E)).
    """
    drawn = drawn_counts(edges, in_b, groups, n_permutations, random_state, n_jobs, verbose)
    mean = float(null.mean_ab)
    excess = abs(counts.ab - mean)
    # Counts are whole numbers, so that these tolerances only undo rounding in ties.
    as_extreme = (
        drawn.ab <= counts.ab,
        np.abs(drawn.ab - mean) >= excess * (1 - 1e-12),
        null.generalized(drawn) >= null.generalized(counts) * (1 - 1e-9),
    )
    return PermutationPValues(*((1 + int(np.count_nonzero(hits))) / (1 + n_permutations) for hits in as_extreme))


def drawn_counts(
    edges: Int,
    in_b: NDArray[np.bool_],
    groups: Int | None,
    n_permutations: int,
    random_state: int | RandomState | None,
    n_jobs: int | None,
    verbose: bool,
) -> Counts:
    """Counts of random labellings, arrays of shape (n_permutations,)."""
    n = len(in_b)
    i, j = edges.T
    adjacency = coo_array((np.ones(len(edges), dtype=np.float32), (i, j)), shape=(n, n)).tocsr()
    degrees = np.bincount(edges.ravel(), minlength=n)
    seed = int(check_random_state(random_state).randint(2**31 - 1))
    blocks = list(gen_batches(n_permutations, _BLOCK))
    count = delayed(_count_block)
    tasks = [
        count(adjacency, degrees, in_b, groups, block.stop - block.start, [seed, number])
        for number, block in enumerate(blocks)
    ]
    found = run(tasks, n_jobs, verbose, "permuting labels")
    return Counts(*np.concatenate(found, axis=1))


def _count_block(
    adjacency: csr_array, degrees: Int, in_b: NDArray[np.bool_], groups: Int | None, size: int, seed: list[int]
) -> Int:
    """Counts aa, bb, ab of `size` labellings, shape (3, size)."""
    rng = np.random.default_rng(seed)
    labels = _labellings(in_b, groups, size, rng)
    bb = np.einsum("np,np->p", labels, adjacency @ labels, dtype=np.float64)
    at_b = np.einsum("n,np->p", degrees, labels, dtype=np.float64)
    ab = at_b - 2 * bb
    counts = np.array([len(adjacency.data) - bb - ab, bb, ab])
    return np.rint(counts).astype(np.int64)


def _labellings(
    in_b: NDArray[np.bool_], groups: Int | None, size: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Labellings, 1 for B, a column each."""
    n, n_b = len(in_b), np.count_nonzero(in_b)
    if groups is not None:
        swapped = rng.integers(2, size=(int(groups.max()) + 1, size), dtype=bool)
        return (in_b[:, None] ^ swapped[groups]).astype(np.float32)
    chosen = np.zeros((size, n), dtype=bool)
    for row in chosen:
        row[rng.choice(n, n_b, replace=False, shuffle=False)] = True  # a third of the time of a permutation
    return chosen.T.astype(np.float32, order="C")
