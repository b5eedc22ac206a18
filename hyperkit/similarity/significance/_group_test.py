"""Tests that relabel whole groups: cells of one donor are not independent of each other, donors are.

In come the graph of the rows and the group of each row; out come p-values from the labellings of groups. Each group
keeps its rows together, so that what they have in common, such as an effect of the donor, is in all labellings alike.
All labellings are counted where they are few, else a sample of them, over the small matrix of the edges between groups
(`graph._group_edges`): no curve stands in for them, and no row is ever relabelled.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from sklearn.utils import check_random_state, gen_batches

from .._groups import Groups
from ..graph import Float, RowGraph, edges_between_groups
from ._permutation import labellings

# Labels of a block.
_ENTRIES = 2**20
# Statistics that differ by less of their scale are ties that rounding has parted: it moves them by 1e-14.
_TIE = 1e-9


class GroupTest(NamedTuple):
    """What the labellings of groups say of the observed one."""

    z_score: float
    p_value: float
    p_value_two_sided: float
    generalized_statistic: float
    p_value_generalized: float


def group_test(
    rows: RowGraph, groups: Groups, n_permutations: int, random_state: int | RandomState | None
) -> GroupTest:
    """Test whether the labels of whole groups matter.

    The density of two groups is the share of their pairs of rows that are joined. The first statistic is the sum of the
    densities of a group in A and one in B: if all groups have as many rows, the number of edges A-B in other units; if
    not, each group counts alike. The generalised one is the sum of squares of two uncorrelated standardised numbers, as
    in `graph.Null`: the first statistic, and the difference of the sums within A and within B as far as the first does
    not tell it. Edges inside a group have no part: they go where it goes.

    Means and variances are those of the labellings counted, the observed one among them.
    """
    densities = _densities(rows, groups)
    blocks = labelling_blocks(groups, n_permutations, random_state)
    counted = np.concatenate([_sums(densities, labels) for labels in blocks], axis=1)
    between, difference = np.column_stack([_sums(densities, groups.in_b[:, None]), counted])
    tie = _TIE * densities.sum()
    excess = between - between[1:].mean()
    z = _standardized(excess, tie)
    rest = difference - difference[1:].mean()
    rest -= z * np.mean(z[1:] * rest[1:])
    statistic = z**2 + _standardized(rest, tie) ** 2
    as_extreme = np.stack(
        [
            excess <= excess[0] + tie,
            np.abs(excess) >= abs(excess[0]) - tie,
            statistic >= statistic[0] - _TIE * (1 + statistic[0]),
        ]
    )
    one_sided, two_sided, generalized = as_extreme[:, 1:].mean(axis=1).tolist()
    return GroupTest(float(z[0]), one_sided, two_sided, float(statistic[0]), generalized)


def _standardized(excess: Float, tie: float) -> Float:
    """Deviations from the mean in standard deviations of all but the first; 0 if none is more than rounding."""
    spread = float(excess[1:].std())
    return excess / spread if spread > tie else np.zeros_like(excess)


def _densities(rows: RowGraph, groups: Groups) -> csr_array:
    """Share of the pairs of rows of each two groups that are joined, symmetric, 0 for a group with itself."""
    edges = edges_between_groups(rows, groups.of_rows).tocoo()
    sizes = np.bincount(groups.of_rows).astype(np.float64)
    i, j = edges.row, edges.col
    shares = np.where(i == j, 0.0, edges.data / (sizes[i] * sizes[j]))
    return coo_array((shares, (i, j)), shape=edges.shape).tocsr()


def _sums(densities: csr_array, labels: NDArray[Any]) -> Float:
    """Sum of the densities A-B, and that within A less that within B, of labellings that are columns: shape (2, N)."""
    labels = labels.astype(np.float64)
    at = densities.sum(axis=0)
    within_b = np.einsum("gn,gn->n", labels, densities @ labels) / 2
    between = at @ labels - 2 * within_b
    within_a = at.sum() / 2 - between - within_b
    return np.stack([between, within_a - within_b])


def labelling_blocks(
    groups: Groups, n_permutations: int, random_state: int | RandomState | None
) -> Iterator[NDArray[np.float32]]:
    """Labellings of the groups, 1 for B, a column each, in blocks; ``block[groups.of_rows]`` are those of the rows.

    All of them where they are few (`Groups.n_drawn`), else the observed one and then those drawn.
    """
    most = max(1, _ENTRIES // len(groups.in_b))
    n_drawn = groups.n_drawn(n_permutations)
    if not n_drawn:
        yield from (_all_swaps if groups.paired else _all_choices)(groups, most)
        return
    yield groups.in_b[:, None].astype(np.float32)
    seed = int(check_random_state(random_state).randint(2**31 - 1))
    for number, block in enumerate(gen_batches(n_drawn, most)):
        rng = np.random.default_rng([seed, number])
        yield labellings(groups.in_b, groups.paired, block.stop - block.start, rng)


def _all_choices(groups: Groups, most: int) -> Iterator[NDArray[np.float32]]:
    """Every choice of as many groups for B as it has."""
    n, n_b = len(groups.in_b), int(np.count_nonzero(groups.in_b))
    chosen = chain.from_iterable(combinations(range(n), n_b))
    for block in gen_batches(groups.n_labellings, most):
        size = block.stop - block.start
        labels = np.zeros((n, size), dtype=np.float32)
        in_b = np.fromiter(chosen, dtype=np.int64, count=size * n_b).reshape(size, n_b)
        labels[in_b.T, np.arange(size)] = 1
        yield labels


def _all_swaps(groups: Groups, most: int) -> Iterator[NDArray[np.float32]]:
    """Every choice of pairs whose labels swap."""
    pairs = np.arange(len(groups.in_b) // 2)[:, None]
    for block in gen_batches(groups.n_labellings, most):
        swapped = (np.arange(block.start, block.stop) >> pairs & 1).astype(bool)
        yield (groups.in_b[:, None] ^ np.concatenate([swapped, swapped])).astype(np.float32)
