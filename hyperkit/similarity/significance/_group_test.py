"""Tests that relabel whole groups: cells of one donor are not independent of each other, donors are.

In come the graph of the rows and the group of each row; out come p-values from the labellings of groups. Each group
keeps its rows together, so that what they have in common, such as an effect of the donor, is in all labellings alike.
All labellings are counted where they are few, else a sample of them, over the small matrix of the edges between groups
(`graph._group_edges`): no curve stands in for them, and no row is ever relabelled.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from .._groups import Groups
from ..graph import Float, RowGraph, edges_between_groups
from ._labellings import Labellings, group_labellings, least_p_value

# Labellings up to which all are counted, in 0.5 s: 10 + 10 groups have 184,756, and 18 that are in both sets 262,144.
_FEW = 2**18
# Drawn where there are more, unless the user says: the standard error of p = 0.05 is then 0.002.
_DRAWN = 9_999
# Statistics that differ by less of their scale are ties that rounding has parted: it moves them by 1e-14.
_TIE = 1e-9


class GroupTest(NamedTuple):
    """What the labellings of groups say of the observed one."""

    z_score: float
    p_value: float
    p_value_two_sided: float
    generalized_statistic: float
    p_value_generalized: float
    n_permutations: int
    """Labellings drawn, 0 if all were counted."""
    n_labellings: int
    """Labellings counted, the observed one among them."""
    least_p_value: float


class DensitySums(NamedTuple):
    """What each labelling that is counted adds up at one scale, the observed one first."""

    between: Float
    """Densities of a group in A and one in B, shape (labellings,)."""
    difference: Float
    """Those within A less those within B."""
    means: tuple[float, float]
    """Of both, over all labellings there are."""
    total: float
    """Of the densities of all pairs of groups, each in both orders."""


def group_test(
    rows: RowGraph, groups: Groups, n_permutations: int, random_state: int | RandomState | None
) -> GroupTest:
    """Test whether the labels of whole groups matter.

    The density of two groups is the share of their pairs of rows that are joined. The first statistic is the sum of the
    densities of a group in A and one in B: if all groups have as many rows, the number of edges A-B in other units; if
    not, each group counts alike. The generalised one is the sum of squares of two uncorrelated standardised numbers, as
    in `graph.Null`: the first statistic, and the difference of the sums within A and within B as far as the first does
    not tell it. Edges inside a group have no part: they go where it goes.

    Means are exact, variances those of the labellings counted, the observed one among them.
    """
    labellings = group_labellings(groups, n_permutations or _DRAWN, random_state, few=_FEW)
    return verdict(density_sums(rows, groups, labellings), groups, labellings)


def density_sums(rows: RowGraph, groups: Groups, labellings: Labellings) -> DensitySums:
    """Sums of the labellings of a source, and of the observed one if that is not among them."""
    densities = _densities(rows, groups)
    counted = [_sums(densities, labellings.block(*block)) for block in labellings.blocks()]
    if not labellings.complete:
        counted.insert(0, _sums(densities, groups.in_b[:, None]))
    between, difference = np.concatenate(counted, axis=1)
    return DensitySums(between, difference, _means(densities, groups), float(densities.sum()))


def verdict(sums: DensitySums, groups: Groups, labellings: Labellings) -> GroupTest:
    """What the sums say of the observed labelling."""
    tie = _TIE * sums.total
    excess = sums.between - sums.means[0]
    z = _standardized(excess, tie)
    rest = sums.difference - sums.means[1]
    rest -= z * np.mean(z * rest)
    statistic = z**2 + _standardized(rest, tie) ** 2
    as_extreme = np.stack(
        [
            excess <= excess[0] + tie,
            np.abs(excess) >= abs(excess[0]) - tie,
            statistic >= statistic[0] - _TIE * (1 + statistic[0]),
        ]
    )
    one_sided, two_sided, generalized = as_extreme.mean(axis=1).tolist()
    return GroupTest(
        z_score=float(z[0]),
        p_value=one_sided,
        p_value_two_sided=two_sided,
        generalized_statistic=float(statistic[0]),
        p_value_generalized=generalized,
        n_permutations=0 if labellings.complete else labellings.number,
        n_labellings=labellings.n_counted,
        least_p_value=least_p_value(groups, labellings),
    )


def _means(densities: csr_array, groups: Groups) -> tuple[float, float]:
    """Means of what `_sums` gives, over all labellings."""
    m, n_b = len(groups.in_b), int(np.count_nonzero(groups.in_b))
    total = float(densities.sum()) / 2
    if groups.paired:
        inside = float(densities.diagonal(n_b).sum())  # of the two halves of each group, which are never alike
        return (total + inside) / 2, 0.0
    n_a = m - n_b
    share = total / (m * (m - 1))
    return 2 * n_a * n_b * share, (n_a * (n_a - 1) - n_b * (n_b - 1)) * share


def _standardized(excess: Float, tie: float) -> Float:
    """Deviations in units of their root mean square; 0 if none is more than rounding."""
    spread = float(np.sqrt(np.mean(excess**2)))
    return excess / spread if spread > tie else np.zeros_like(excess)


def _densities(rows: RowGraph, groups: Groups) -> csr_array:
    """Share of the pairs of rows of each two groups that are joined, symmetric, 0 for a group with itself."""
    edges = edges_between_groups(rows, groups.of_rows).tocoo()
    sizes = np.bincount(groups.of_rows).astype(np.float64)
    i, j = edges.row, edges.col
    shares = np.where(i == j, 0.0, edges.data / (sizes[i] * sizes[j]))
    return coo_array((shares, (i, j)), shape=edges.shape).tocsr()


def _sums(densities: csr_array, in_b: NDArray[np.bool_]) -> Float:
    """Sum of the densities A-B, and that within A less that within B, of labellings that are columns: shape (2, N)."""
    labels = in_b.astype(np.float64)
    at = densities.sum(axis=0)
    within_b = np.einsum("gn,gn->n", labels, densities @ labels) / 2
    between = at @ labels - 2 * within_b
    within_a = at.sum() / 2 - between - within_b
    return np.stack([between, within_a - within_b])
